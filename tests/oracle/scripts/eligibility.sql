-- Which tables can become CRRs.
CREATE TABLE e1 (a, b);
SELECT crsql_as_crr('e1');
CREATE TABLE e3 (a INTEGER PRIMARY KEY NOT NULL, b UNIQUE);
SELECT crsql_as_crr('e3');
CREATE TABLE e3b (a INTEGER PRIMARY KEY NOT NULL, b);
CREATE UNIQUE INDEX e3bi ON e3b (b);
SELECT crsql_as_crr('e3b');
CREATE TABLE e3c (a INTEGER PRIMARY KEY NOT NULL, b);
CREATE UNIQUE INDEX e3ci ON e3c (b) WHERE b > 1;
SELECT crsql_as_crr('e3c');
CREATE TABLE e3e (a TEXT NOT NULL UNIQUE PRIMARY KEY, b);
SELECT crsql_as_crr('e3e');
CREATE TABLE e3f (a TEXT NOT NULL PRIMARY KEY, b);
CREATE INDEX e3fi ON e3f (b);
SELECT crsql_as_crr('e3f');
CREATE TABLE e4 (a INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, b);
SELECT crsql_as_crr('e4');
CREATE TABLE p (a INTEGER PRIMARY KEY NOT NULL);
CREATE TABLE e5 (a INTEGER PRIMARY KEY NOT NULL, b REFERENCES p (a));
SELECT crsql_as_crr('e5');
CREATE TABLE e6 (a INTEGER PRIMARY KEY NOT NULL, b NOT NULL);
SELECT crsql_as_crr('e6');
CREATE TABLE e6b (a INTEGER PRIMARY KEY NOT NULL, b NOT NULL DEFAULT 3);
SELECT crsql_as_crr('e6b');
CREATE TABLE e6c (a INTEGER PRIMARY KEY NOT NULL, b NOT NULL DEFAULT NULL);
SELECT crsql_as_crr('e6c');
CREATE TABLE e9 (a INTEGER NOT NULL, b AS (a), c, PRIMARY KEY (a));
SELECT crsql_as_crr('e9');
CREATE TABLE e10 (a ANY NOT NULL ON CONFLICT REPLACE PRIMARY KEY ON CONFLICT IGNORE, b CHECK (b > 0), c COLLATE NOCASE);
SELECT crsql_as_crr('e10');
INSERT INTO e10 VALUES (1, 1, 1), (1, 2, 2);
CREATE VIEW v AS SELECT 1 AS a;
SELECT crsql_as_crr('v');
CREATE TABLE e11 (a TEXT NOT NULL, b BLOB NOT NULL, c, PRIMARY KEY (b, a)) WITHOUT ROWID;
SELECT crsql_as_crr('e11');
CREATE TABLE e12 (a INTEGER PRIMARY KEY NOT NULL, b DEFAULT CURRENT_TIMESTAMP);
SELECT crsql_as_crr('e12');
INSERT INTO e12 VALUES (1, 'given');
-- Where the two differ.
.blind
CREATE TABLE n1 (a PRIMARY KEY, b);
.differs nullable-key
.reference error: Table n1 has no primary key or primary key is nullable
.rejoin 'OK'
SELECT crsql_as_crr('n1');
CREATE TABLE n2 (a INTEGER PRIMARY KEY, b);
.differs nullable-key
.reference error: Table n2 has no primary key or primary key is nullable
.rejoin 'OK'
SELECT crsql_as_crr('n2');
CREATE TABLE n3 (a INTEGER NOT NULL, b, c, PRIMARY KEY (a, b));
.differs nullable-key
.reference error: part of which is nullable
.rejoin 'OK'
SELECT crsql_as_crr('n3');
CREATE TABLE w1 (a INTEGER PRIMARY KEY NOT NULL, autoincrement_by);
.differs autoincrement-word
.reference error: auto-increment
.rejoin 'OK'
SELECT crsql_as_crr('w1');
CREATE TABLE w2 (a INTEGER PRIMARY KEY NOT NULL, b /* no autoincrement */);
.differs autoincrement-word
.reference error: auto-increment
.rejoin 'OK'
SELECT crsql_as_crr('w2');

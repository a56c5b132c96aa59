-- Values and keys that are not of their column's type.
CREATE TABLE t (a INTEGER PRIMARY KEY NOT NULL, d TEXT, r REAL);
SELECT crsql_as_crr('t');
CREATE TABLE w (a TEXT NOT NULL PRIMARY KEY, b);
SELECT crsql_as_crr('w');
INSERT INTO w VALUES (12, 1);
.blind
INSERT INTO crsql_changes VALUES ('t', x'010901', 'd', 5, 1, 3, x'11', 1, 0);
INSERT INTO crsql_changes VALUES ('t', x'010901', 'd', 5, 1, 3, x'11', 1, 0);
.differs affinity
.reference '5'|4
.rejoin '5'|3
SELECT val, db_version FROM crsql_changes WHERE cid = 'd';

-- Names that the reference fails on.
.blind
CREATE TABLE "e 10" (a INTEGER PRIMARY KEY NOT NULL, b);
.differs odd-names
.reference error: SQL logic error
.rejoin 'OK'
SELECT crsql_as_crr('e 10');
CREATE TABLE "it's" (a INTEGER PRIMARY KEY NOT NULL, b);
.differs odd-names
.reference error: SQL logic error
.rejoin 'OK'
SELECT crsql_as_crr('it''s');
CREATE TABLE q (a INTEGER PRIMARY KEY NOT NULL, "b""q", "it's", "d.o.t");
.differs odd-names
.reference error: SQL logic error
.rejoin 'OK'
SELECT crsql_as_crr('q');
-- The one name that the format itself takes for key columns.
CREATE TABLE k (__crsql_key INTEGER PRIMARY KEY NOT NULL, b);
SELECT crsql_as_crr('k');
CREATE TABLE "select" (a INTEGER PRIMARY KEY NOT NULL, b);
.differs odd-names
.reference error: SQL logic error
.rejoin 'OK'
SELECT crsql_as_crr('select');

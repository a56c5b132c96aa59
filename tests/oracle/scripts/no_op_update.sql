-- Writing the value that is there already: nothing is recorded. (The reference counts a version all the same.)
CREATE TABLE t (a INTEGER PRIMARY KEY NOT NULL, b, c);
SELECT crsql_as_crr('t');
INSERT INTO t VALUES (1, 1.0, 'x');
UPDATE t SET b = b;
UPDATE t SET b = 1.0, c = 'x' WHERE a = 1;
UPDATE t SET c = 'y' WHERE a = 1;
BEGIN;
UPDATE t SET c = c;
UPDATE t SET b = 2;
COMMIT;
UPDATE t SET b = 0.0;
UPDATE t SET b = -0.0;
-- A version that only the reference has counted.
.fresh
CREATE TABLE t (a INTEGER PRIMARY KEY NOT NULL, b, c);
SELECT crsql_as_crr('t');
INSERT INTO t VALUES (1, 1.0, 'x');
.blind
UPDATE t SET b = b;
.differs phantom-version
.reference 2
.rejoin 1
SELECT crsql_db_version();

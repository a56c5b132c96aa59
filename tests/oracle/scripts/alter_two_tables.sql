-- Two tables altered at once.
CREATE TABLE t (a INTEGER PRIMARY KEY NOT NULL, b);
SELECT crsql_as_crr('t');
CREATE TABLE u (a INTEGER PRIMARY KEY NOT NULL, b);
SELECT crsql_as_crr('u');
INSERT INTO t VALUES (1, 1);
INSERT INTO u VALUES (1, 1);
BEGIN;
SELECT crsql_begin_alter('t');
SELECT crsql_begin_alter('u');
ALTER TABLE t ADD COLUMN c;
ALTER TABLE u ADD COLUMN c DEFAULT 5;
UPDATE u SET c = 6;
SELECT crsql_commit_alter('u');
SELECT crsql_commit_alter('t');
COMMIT;
INSERT INTO t VALUES (2, 2, 2);
INSERT INTO u VALUES (2, 2, 2);
UPDATE t SET c = 9;
-- The highest version goes with its column.
UPDATE t SET c = 10;
BEGIN;
SELECT crsql_begin_alter('t');
ALTER TABLE t DROP COLUMN c;
SELECT crsql_commit_alter('t');
COMMIT;
SELECT crsql_db_version();
UPDATE t SET b = 2;
SELECT crsql_db_version();

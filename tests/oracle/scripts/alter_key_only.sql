-- The last other column goes, the first one comes.
CREATE TABLE t (a INTEGER PRIMARY KEY NOT NULL, b);
SELECT crsql_as_crr('t');
INSERT INTO t VALUES (1, 1), (2, 2);
DELETE FROM t WHERE a = 2;
BEGIN;
SELECT crsql_begin_alter('t');
ALTER TABLE t DROP COLUMN b;
SELECT crsql_commit_alter('t');
COMMIT;
INSERT INTO t VALUES (3);
INSERT INTO t VALUES (2);
BEGIN;
SELECT crsql_begin_alter('t');
ALTER TABLE t ADD COLUMN c;
SELECT crsql_commit_alter('t');
COMMIT;
INSERT INTO t VALUES (4, 4);
UPDATE t SET c = 1;

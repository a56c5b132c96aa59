-- begin_alter and commit_alter: added and dropped columns, rows written in between, versions.
CREATE TABLE t (a INTEGER PRIMARY KEY NOT NULL, b, c DEFAULT 7);
SELECT crsql_as_crr('t');
INSERT INTO t VALUES (1, 1, 1), (2, 2, 2), (3, 3, 7);
DELETE FROM t WHERE a = 2;
UPDATE t SET b = 5 WHERE a = 1;
-- Nothing altered.
BEGIN;
SELECT crsql_begin_alter('t');
SELECT crsql_commit_alter('t');
COMMIT;
-- Columns without and with a default: no clock rows.
BEGIN;
SELECT crsql_begin_alter('t');
ALTER TABLE t ADD COLUMN d;
SELECT crsql_commit_alter('t');
COMMIT;
BEGIN;
SELECT crsql_begin_alter('main', 't');
ALTER TABLE t ADD COLUMN e DEFAULT 'dd';
SELECT crsql_commit_alter('main', 't');
COMMIT;
SELECT crsql_db_version();
INSERT INTO t VALUES (9, 9, 9, 9, 9);
UPDATE t SET d = 1;
SELECT * FROM crsql_changes;
-- A new column that is filled in.
BEGIN;
SELECT crsql_begin_alter('t');
ALTER TABLE t ADD COLUMN f DEFAULT 3;
UPDATE t SET f = 4 WHERE a = 1;
SELECT crsql_commit_alter('t');
COMMIT;
-- Rows that are made without triggers.
BEGIN;
SELECT crsql_begin_alter('t');
INSERT INTO t VALUES (10, 1, 1, 1, 1, 1), (11, NULL, 7, NULL, 'dd', 3);
SELECT crsql_commit_alter('t');
COMMIT;
BEGIN;
SELECT crsql_begin_alter('t');
ALTER TABLE t DROP COLUMN c;
SELECT crsql_commit_alter('t');
COMMIT;
SELECT crsql_db_version();
UPDATE t SET b = 'after';
DELETE FROM t WHERE a = 9;
INSERT INTO t (a, b) VALUES (9, 'again'), (2, 'again');
SELECT * FROM crsql_changes;
-- Rolled back.
BEGIN;
SELECT crsql_begin_alter('t');
ALTER TABLE t ADD COLUMN never;
SELECT crsql_commit_alter('t');
ROLLBACK;
INSERT INTO t (a, b) VALUES (20, 'x');
-- Not in a transaction of the application's.
SELECT crsql_begin_alter('t');
ALTER TABLE t ADD COLUMN g;
SELECT crsql_commit_alter('t');
INSERT INTO t (a, g) VALUES (21, 'x');
SELECT crsql_begin_alter();
SELECT crsql_commit_alter();
SELECT typeof(crsql_begin_alter('t'));
SELECT typeof(crsql_commit_alter('t'));

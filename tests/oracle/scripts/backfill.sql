-- crsql_as_crr on tables that have rows: all of them in one new version.
CREATE TABLE t (a INTEGER PRIMARY KEY NOT NULL, b, c DEFAULT 7, d TEXT NOT NULL DEFAULT 'x', e);
INSERT INTO t VALUES (3, 1, 2, 'x', NULL), (1, NULL, NULL, 'y', NULL), (2, 5, 7, 'x', 0);
SELECT crsql_as_crr('t');
SELECT crsql_db_version();
CREATE TABLE u (a INTEGER PRIMARY KEY NOT NULL);
INSERT INTO u VALUES (3), (1);
SELECT crsql_as_crr('u');
CREATE TABLE w (k TEXT NOT NULL, j NOT NULL, b, PRIMARY KEY (k, j)) WITHOUT ROWID;
INSERT INTO w VALUES ('b', 1, 1), ('a', 2, 2);
SELECT crsql_as_crr('w');
CREATE TABLE x (k TEXT NOT NULL PRIMARY KEY, b);
INSERT INTO x VALUES ('b', 1), ('a', 2), ('', 3);
BEGIN;
SELECT crsql_as_crr('x');
COMMIT;
CREATE TABLE empty_one (k TEXT NOT NULL PRIMARY KEY, b);
SELECT crsql_as_crr('empty_one');
SELECT crsql_db_version();
SELECT crsql_as_crr('t');
UPDATE t SET b = 9 WHERE a = 1;
DELETE FROM t WHERE a = 2;
BEGIN;
CREATE TABLE v (k TEXT NOT NULL PRIMARY KEY, b);
INSERT INTO v VALUES ('in one transaction', 1);
SELECT crsql_as_crr('v');
ROLLBACK;
SELECT count(*) FROM sqlite_master WHERE name LIKE 'v%';
.copy a b

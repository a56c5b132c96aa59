-- crsql_next_db_version within a transaction: never lower than what it has given out.
CREATE TABLE t (a INTEGER PRIMARY KEY NOT NULL, b);
SELECT crsql_as_crr('t');
SELECT crsql_db_version();
BEGIN;
SELECT crsql_next_db_version(), crsql_next_db_version(NULL), crsql_next_db_version('x'), crsql_next_db_version(-4);
SELECT crsql_next_db_version('7'), crsql_next_db_version(2.9), crsql_next_db_version(0), crsql_next_db_version(1, 2);
INSERT INTO t VALUES (1, 1);
COMMIT;
SELECT crsql_db_version();
BEGIN;
SELECT crsql_next_db_version(50);
SELECT crsql_next_db_version();
SELECT crsql_next_db_version(40);
INSERT INTO t VALUES (2, 2);
COMMIT;
SELECT crsql_db_version();
BEGIN;
SELECT crsql_next_db_version(150);
ROLLBACK;
SELECT crsql_db_version();
INSERT INTO t VALUES (3, 3);
SELECT crsql_db_version();
-- Overwritten, deleted: the version stays.
UPDATE t SET b = 9 WHERE a = 3;
DELETE FROM t;
SELECT crsql_db_version();
-- Outside a transaction it holds for the next one.
SELECT crsql_next_db_version(200);
INSERT INTO t VALUES (4, 4);
SELECT crsql_db_version();

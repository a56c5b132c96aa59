-- Tables whose columns are all key: only sentinels.
CREATE TABLE t (a INTEGER NOT NULL, b TEXT NOT NULL, PRIMARY KEY (a, b));
SELECT crsql_as_crr('t');
BEGIN;
INSERT INTO t VALUES (1, 'x'), (2, 'y');
INSERT INTO t VALUES (3, 'z');
COMMIT;
DELETE FROM t WHERE a = 2;
INSERT INTO t VALUES (2, 'y');
INSERT OR IGNORE INTO t VALUES (1, 'x');
DELETE FROM t;
INSERT INTO t VALUES (3, 'z'), (2, 'y'), (1, 'x');
CREATE TABLE u (a INTEGER PRIMARY KEY NOT NULL);
SELECT crsql_as_crr('u');
INSERT INTO u DEFAULT VALUES;
INSERT INTO crsql_changes VALUES ('u', x'010907', '-1', NULL, 1, 1, x'11', 1, 0);
INSERT INTO crsql_changes VALUES ('u', x'010907', '-1', NULL, 2, 9, x'11', 2, 0);
INSERT INTO crsql_changes VALUES ('u', x'010907', '-1', NULL, 1, 12, x'11', 1, 0);
INSERT INTO crsql_changes VALUES ('u', x'010907', '-1', NULL, 5, 12, x'11', 5, 0);
SELECT * FROM u ORDER BY a;
.copy a b

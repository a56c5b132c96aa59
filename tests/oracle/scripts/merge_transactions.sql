-- Versions, counts and rollbacks of merges within transactions.
CREATE TABLE t (a INTEGER PRIMARY KEY NOT NULL, b, c);
SELECT crsql_as_crr('t');
BEGIN;
INSERT INTO crsql_changes VALUES ('t', x'010901', 'b', 5, 1, 3, x'11', 1, 0);
SELECT crsql_rows_impacted(), crsql_db_version(), crsql_next_db_version();
INSERT INTO crsql_changes VALUES ('t', x'010901', 'b', 5, 1, 3, x'11', 1, 0);
SELECT crsql_rows_impacted(), crsql_db_version(), crsql_next_db_version();
INSERT INTO crsql_changes VALUES ('t', x'010901', 'c', 5, 1, 9, x'11', 1, 1);
SELECT crsql_rows_impacted(), crsql_db_version(), crsql_next_db_version();
INSERT INTO t VALUES (7, 8, 9);
SELECT crsql_rows_impacted(), crsql_db_version(), crsql_next_db_version();
INSERT INTO crsql_changes VALUES ('t', x'010901', '-1', NULL, 4, 4, x'11', 4, 1);
INSERT INTO crsql_changes VALUES ('t', x'010901', '-1', NULL, 5, 4, x'11', 5, 1);
SELECT crsql_rows_impacted();
INSERT INTO crsql_changes VALUES ('t', x'010902', 'b', 5, 5, 4, x'11', 3, 1);
SELECT crsql_rows_impacted();
COMMIT;
SELECT crsql_rows_impacted();
SELECT crsql_db_version();
INSERT INTO crsql_changes SELECT 't', x'010905', 'b', 1, 1, 60, x'13', 1, 0
  UNION ALL SELECT 't', x'010905', 'c', 1, 1, 61, x'13', 1, 1;
SELECT changes();
BEGIN;
INSERT INTO crsql_changes VALUES ('t', x'010906', 'b', 5, 1, 90, x'14', 1, 0);
SELECT crsql_next_db_version();
ROLLBACK;
SELECT crsql_db_version();
INSERT INTO t VALUES (8, 1, 1);
BEGIN;
INSERT INTO t VALUES (9, 1, 1);
INSERT INTO crsql_changes VALUES ('t', x'010909', 'b', 5, 3, 100, x'14', 1, 0);
UPDATE t SET b = 6, c = 6 WHERE a = 9;
COMMIT;
INSERT INTO crsql_changes VALUES ('t', x'01090a', 'b', 5, 1, 0, x'14', 1, 0) RETURNING "table", pk, val, db_version;
INSERT INTO crsql_changes (cl, seq, "table", pk, cid, val, col_version, db_version, site_id)
  VALUES (1, 4, 't', x'01090b', 'b', 'any order', 1, 0, x'14');
INSERT OR REPLACE INTO crsql_changes VALUES ('t', x'01090c', 'b', 5, 1, 0, x'14', 1, 0);
SELECT * FROM t ORDER BY a;

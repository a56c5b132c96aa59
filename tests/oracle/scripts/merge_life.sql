-- The life of a row in merges: sentinels, even and odd causal lengths, for rows known and unknown.
CREATE TABLE t (a INTEGER PRIMARY KEY NOT NULL, b, c DEFAULT 7);
SELECT crsql_as_crr('t');
-- Unknown rows.
INSERT INTO crsql_changes VALUES ('t', x'010901', 'b', 5, 1, 3, x'11', 1, 4);
INSERT INTO crsql_changes VALUES ('t', x'010902', '-1', NULL, 1, 3, x'12', 1, 0);
INSERT INTO crsql_changes VALUES ('t', x'010903', '-1', NULL, 2, 4, x'13', 2, 1);
INSERT INTO crsql_changes VALUES ('t', x'010904', '-1', NULL, 3, 4, x'13', 3, 2);
INSERT INTO crsql_changes VALUES ('t', x'010905', 'c', 9, 2, 9, x'14', 3, 3);
INSERT INTO crsql_changes VALUES ('t', x'010906', '-1', NULL, 8, 9, x'15', 8, 3);
SELECT * FROM t ORDER BY a;
-- The same once more.
INSERT INTO crsql_changes VALUES ('t', x'010901', 'b', 5, 1, 3, x'11', 1, 4);
INSERT INTO crsql_changes VALUES ('t', x'010902', '-1', NULL, 1, 3, x'12', 1, 0);
INSERT INTO crsql_changes VALUES ('t', x'010903', '-1', NULL, 2, 4, x'13', 2, 1);
INSERT INTO crsql_changes VALUES ('t', x'010904', '-1', NULL, 3, 4, x'13', 3, 2);
INSERT INTO crsql_changes VALUES ('t', x'010905', 'c', 9, 2, 9, x'14', 3, 3);
-- An older life, the same life, a later life; deleted and alive.
INSERT INTO crsql_changes VALUES ('t', x'010905', 'b', 1, 99, 10, x'14', 1, 0);
INSERT INTO crsql_changes VALUES ('t', x'010905', '-1', NULL, 2, 10, x'14', 2, 0);
INSERT INTO crsql_changes VALUES ('t', x'010905', 'b', 1, 1, 10, x'14', 3, 0);
INSERT INTO crsql_changes VALUES ('t', x'010905', 'b', 2, 1, 10, x'16', 5, 0);
INSERT INTO crsql_changes VALUES ('t', x'010905', '-1', NULL, 5, 10, x'14', 5, 0);
INSERT INTO crsql_changes VALUES ('t', x'010905', '-1', NULL, 6, 10, x'14', 6, 7);
INSERT INTO crsql_changes VALUES ('t', x'010905', 'b', 2, 1, 10, x'16', 5, 0);
INSERT INTO crsql_changes VALUES ('t', x'010905', '-1', NULL, 6, 10, x'17', 6, 7);
INSERT INTO crsql_changes VALUES ('t', x'010905', 'c', 3, 4, 10, x'16', 7, 2);
-- A sentinel of a later life on a living row: its cells keep their values, at version 0.
INSERT INTO t VALUES (20, 1, 2);
INSERT INTO crsql_changes VALUES ('t', x'010914', '-1', NULL, 3, 9, x'17', 3, 4);
INSERT INTO crsql_changes VALUES ('t', x'010914', 'b', -5, 1, 9, x'17', 3, 5);
UPDATE t SET c = 100 WHERE a = 20;
-- Local writes on rows that merges have made, deleted and brought back.
UPDATE t SET b = 11 WHERE a = 1;
DELETE FROM t WHERE a = 2;
INSERT INTO t VALUES (3, 1, 1);
INSERT INTO t VALUES (6, 1, 1);
DELETE FROM t WHERE a = 4;
SELECT * FROM t ORDER BY a;
.copy a b
.copy b a

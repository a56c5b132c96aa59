-- Delete: the sentinel says 2, or its life's end; the cells' clock rows go.
CREATE TABLE t (a INTEGER PRIMARY KEY NOT NULL, b, c);
SELECT crsql_as_crr('t');
INSERT INTO t VALUES (1, 1, 1), (2, 2, 2), (3, 3, 3), (4, 4, 4);
DELETE FROM t WHERE a = 1;
DELETE FROM t WHERE a = 1;
INSERT INTO t VALUES (1, 5, 6);
DELETE FROM t WHERE a = 1 RETURNING b;
INSERT INTO t (a) VALUES (1);
DELETE FROM t WHERE a > 1;
SELECT changes();
DELETE FROM t;
INSERT INTO t VALUES (3, 1, 1), (1, 1, 1);
BEGIN;
INSERT INTO t VALUES (9, 9, 9);
DELETE FROM t WHERE a = 9;
COMMIT;
BEGIN;
DELETE FROM t WHERE a = 3;
INSERT INTO t VALUES (3, 7, 7);
UPDATE t SET b = 8 WHERE a = 3;
DELETE FROM t WHERE a = 3;
COMMIT;
SELECT * FROM crsql_changes WHERE cid = '-1';
.copy a b

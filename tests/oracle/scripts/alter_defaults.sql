-- A new column's cell gets a clock row where it does not hold its default.
CREATE TABLE t (a INTEGER PRIMARY KEY NOT NULL, b);
SELECT crsql_as_crr('t');
INSERT INTO t VALUES (1, 1), (2, 2), (3, 3), (4, 4);
BEGIN;
SELECT crsql_begin_alter('t');
ALTER TABLE t ADD COLUMN c TEXT DEFAULT 5;
ALTER TABLE t ADD COLUMN d NOT NULL DEFAULT 0;
UPDATE t SET c = '5' WHERE a = 1;
UPDATE t SET c = '6', d = 0.0 WHERE a = 2;
UPDATE t SET d = 1 WHERE a = 3;
UPDATE t SET c = NULL WHERE a = 4;
SELECT crsql_commit_alter('t');
COMMIT;
SELECT * FROM t;
CREATE TABLE u (a INTEGER PRIMARY KEY NOT NULL, b);
SELECT crsql_as_crr('u');
INSERT INTO u VALUES (1, 1), (2, 2);
BEGIN;
SELECT crsql_begin_alter('u');
CREATE TABLE n (a INTEGER PRIMARY KEY NOT NULL, b, d DEFAULT 'it''s', f DEFAULT -3, g DEFAULT NULL, h DEFAULT x'0102', i DEFAULT +5,
  j AS (b), k DEFAULT 1.5, l DEFAULT true, m DEFAULT (1+1), o);
INSERT INTO n (a, b) SELECT a, b FROM u;
UPDATE n SET d = 'its', m = 3, o = 0 WHERE a = 2;
DROP TABLE u;
ALTER TABLE n RENAME TO u;
SELECT crsql_commit_alter('u');
COMMIT;
INSERT INTO u (a) VALUES (3);

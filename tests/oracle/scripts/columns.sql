-- Columns of all kinds: defaults, generated ones, types, odd names that the reference takes too.
CREATE TABLE t (a INTEGER PRIMARY KEY NOT NULL, b DEFAULT (1+1), c AS (b*2), d AS (b*3) STORED, e DEFAULT 'it''s');
SELECT crsql_as_crr('t');
INSERT INTO t (a) VALUES (1);
UPDATE t SET b = 5;
INSERT INTO crsql_changes VALUES ('t', x'010903', 'b', 50, 1, 3, x'11', 1, 0);
INSERT INTO crsql_changes VALUES ('t', x'010903', 'c', 50, 1, 3, x'11', 1, 0);
INSERT INTO crsql_changes VALUES ('t', x'010904', '-1', NULL, 1, 3, x'11', 1, 0);
SELECT * FROM t ORDER BY a;
CREATE TABLE y (a INTEGER PRIMARY KEY NOT NULL, i INTEGER, t TEXT, r REAL, b BLOB, n NUMERIC, x);
SELECT crsql_as_crr('y');
INSERT INTO y VALUES (1, '7', 7, 7, 7, '7.0', '7'), (2, 'x', x'00', 'x', 'x', 'x', 7.0), (3, 7.0, 7.5, '7', x'07', 7.5, 7);
SELECT * FROM y ORDER BY a;
CREATE TABLE k (key INTEGER PRIMARY KEY NOT NULL, col_name, seq, cl, site_id, __crsql_key, db_version, col_version, pk);
SELECT crsql_as_crr('k');
INSERT INTO k VALUES (1, 2, 3, 4, 5, 6, 7, 8, 9);
UPDATE k SET seq = 'x', site_id = 'y';
CREATE TABLE odd (a INTEGER PRIMARY KEY NOT NULL, "from", "select", "b c", "Ünï", "1st");
SELECT crsql_as_crr('odd');
INSERT INTO odd VALUES (1, 2, 3, 4, 5, 6);
UPDATE odd SET "b c" = 5, "1st" = 7;
DELETE FROM odd;
INSERT INTO crsql_changes VALUES ('odd', x'010909', 'b c', 50, 1, 3, x'11', 1, 0);
CREATE TABLE "Ünï" (a INTEGER PRIMARY KEY NOT NULL, "cölümn");
SELECT crsql_as_crr('Ünï');
INSERT INTO "Ünï" VALUES (1, 2);
SELECT * FROM crsql_changes;
.copy a b

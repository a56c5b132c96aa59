-- Insert: a key and one clock row a column, in column order; defaults are values like others.
CREATE TABLE t (a INTEGER PRIMARY KEY NOT NULL, b, c DEFAULT 7, d TEXT NOT NULL DEFAULT 'x');
SELECT crsql_as_crr('t');
INSERT INTO t VALUES (1, 2, 3, 'y');
INSERT INTO t (a) VALUES (2);
INSERT INTO t VALUES (3, NULL, NULL, ''), (4, 1.5, x'00', 'z'), (-1, 'text', 9223372036854775807, 'w');
INSERT INTO t SELECT a + 10, b, c, d FROM t ORDER BY a;
SELECT changes();
SELECT last_insert_rowid();
INSERT INTO t VALUES (1, 9, 9, 'duplicate');
INSERT INTO t VALUES (50, 1, 1, 'fine'), (1, 9, 9, 'duplicate');
INSERT INTO t VALUES (51, 1, 1, NULL);
INSERT OR IGNORE INTO t VALUES (1, 9, 9, 'duplicate'), (52, 1, 1, 'fine');
INSERT OR FAIL INTO t VALUES (53, 1, 1, 'stays'), (1, 9, 9, 'duplicate'), (54, 1, 1, 'never');
INSERT INTO t DEFAULT VALUES;
INSERT INTO t VALUES (60, 1, 2, 'r') RETURNING a, c, d;
DELETE FROM t WHERE a = 60;
INSERT INTO t VALUES (60, 1, 2, 'again');
SELECT * FROM t ORDER BY a;

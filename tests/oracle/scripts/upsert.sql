-- UPSERT: an insert where the key is new, else an update of what really changes.
CREATE TABLE t (a INTEGER PRIMARY KEY NOT NULL, b, c);
SELECT crsql_as_crr('t');
INSERT INTO t VALUES (1, 1, 1) ON CONFLICT (a) DO UPDATE SET b = excluded.b;
INSERT INTO t VALUES (1, 2, 2) ON CONFLICT (a) DO UPDATE SET b = excluded.b;
INSERT INTO t VALUES (1, 3, 3), (2, 3, 3), (1, 4, 4) ON CONFLICT (a) DO UPDATE SET b = excluded.b, c = c;
INSERT INTO t VALUES (1, 5, 5) ON CONFLICT DO NOTHING;
INSERT INTO t VALUES (1, 6, 6) ON CONFLICT (a) DO UPDATE SET c = 6 WHERE b > 100;
INSERT INTO t VALUES (1, 7, 7) ON CONFLICT (a) DO UPDATE SET c = 7 RETURNING *;
SELECT changes();
DELETE FROM t WHERE a = 2;
INSERT INTO t VALUES (2, 8, 8) ON CONFLICT (a) DO UPDATE SET b = excluded.b;
SELECT * FROM t ORDER BY a;

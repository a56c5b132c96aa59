-- The application's own triggers: what they write is recorded, and where they fire is unchanged.
CREATE TABLE t (a INTEGER PRIMARY KEY NOT NULL, b, c);
CREATE TABLE log (x);
CREATE TRIGGER early AFTER INSERT ON t BEGIN UPDATE t SET c = new.b * 2 WHERE a = new.a; INSERT INTO log VALUES (new.a); END;
SELECT crsql_as_crr('t');
INSERT INTO t VALUES (1, 5, 0);
CREATE TRIGGER late BEFORE INSERT ON t BEGIN INSERT INTO log VALUES ('before ' || new.a); END;
INSERT INTO t VALUES (2, 6, 0), (3, 7, 0);
CREATE TRIGGER touched AFTER UPDATE OF b ON t BEGIN UPDATE t SET c = -1 WHERE a = new.a; END;
UPDATE t SET b = 100 WHERE a = 1;
INSERT INTO t VALUES (1, 2, 3) ON CONFLICT (a) DO UPDATE SET b = excluded.b RETURNING *;
SELECT changes();
SELECT last_insert_rowid();
CREATE TABLE audit (id INTEGER PRIMARY KEY NOT NULL, what);
SELECT crsql_as_crr('audit');
CREATE TRIGGER gone AFTER DELETE ON t BEGIN INSERT INTO audit VALUES (old.a, 'deleted'); END;
DELETE FROM t WHERE a = 3;
CREATE TRIGGER no_more BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'audit is for ever'); END;
UPDATE audit SET what = 'forged';
-- Triggers fire on merges too; what they write to a CRR then is not recorded. (The reference merges into a row that is there
-- by an upsert, which fires BEFORE INSERT triggers, too.)
DROP TRIGGER late;
INSERT INTO crsql_changes VALUES ('t', x'010902', 'b', 7, 9, 10, x'11', 1, 0);
INSERT INTO crsql_changes VALUES ('t', x'010909', 'b', 7, 1, 10, x'11', 1, 0);
INSERT INTO crsql_changes VALUES ('t', x'010902', '-1', NULL, 2, 10, x'11', 2, 0);
SELECT * FROM log;
.fresh
CREATE TABLE t (a INTEGER PRIMARY KEY NOT NULL, b, c);
CREATE TABLE log (x);
CREATE TRIGGER late BEFORE INSERT ON t BEGIN INSERT INTO log VALUES ('before ' || new.a); END;
SELECT crsql_as_crr('t');
INSERT INTO t VALUES (1, 1, 1);
INSERT INTO crsql_changes VALUES ('t', x'010902', 'b', 7, 9, 10, x'11', 1, 0);
.blind
INSERT INTO crsql_changes VALUES ('t', x'010902', 'b', 7, 10, 10, x'11', 1, 0);
.differs merge-upsert
.reference 'before 1';'before 2';'before 2'
.rejoin 'before 1';'before 2'
SELECT * FROM log;
.fresh
CREATE TABLE t (a INTEGER PRIMARY KEY NOT NULL, b);
CREATE TRIGGER app AFTER INSERT ON t BEGIN UPDATE t SET b = 'trigger' WHERE a = new.a; END;
SELECT crsql_as_crr('t');
INSERT INTO crsql_changes VALUES ('t', x'010901', 'b', 'merged', 1, 10, x'11', 1, 0);
.blind
INSERT INTO crsql_changes VALUES ('t', x'010902', 'b', 'merged', 1, 10, x'11', 3, 0);
.differs later-life-trigger
.reference 1|'trigger';2|'merged'
.rejoin 1|'trigger';2|'trigger'
SELECT * FROM t;

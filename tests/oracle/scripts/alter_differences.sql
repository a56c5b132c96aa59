-- Where alters differ.
-- A commit between begin_alter and commit_alter.
CREATE TABLE t (a INTEGER PRIMARY KEY NOT NULL, b);
SELECT crsql_as_crr('t');
INSERT INTO t VALUES (1, 1);
.blind
BEGIN;
SELECT crsql_begin_alter('t');
ALTER TABLE t ADD COLUMN c;
COMMIT;
INSERT INTO t VALUES (2, 2, 2);
.differs lost-triggers
.reference 1
.rejoin 3
SELECT count(*) FROM crsql_changes;
-- A renamed column.
.fresh
CREATE TABLE t (a INTEGER PRIMARY KEY NOT NULL, b);
SELECT crsql_as_crr('t');
INSERT INTO t VALUES (1, 1);
UPDATE t SET b = 2;
UPDATE t SET b = 3;
.blind
BEGIN;
SELECT crsql_begin_alter('t');
ALTER TABLE t RENAME COLUMN b TO bb;
SELECT crsql_commit_alter('t');
COMMIT;
.differs lost-history
.reference 'bb'|3|1|3
.rejoin 'bb'|3|3|3
SELECT cid, val, col_version, db_version FROM crsql_changes;
-- A renamed key column.
.fresh
CREATE TABLE t (a INTEGER PRIMARY KEY NOT NULL, b);
SELECT crsql_as_crr('t');
INSERT INTO t VALUES (1, 1), (2, 2);
DELETE FROM t WHERE a = 2;
UPDATE t SET b = 3;
.blind
BEGIN;
SELECT crsql_begin_alter('t');
ALTER TABLE t RENAME COLUMN a TO aa;
SELECT crsql_commit_alter('t');
COMMIT;
.differs lost-history
.reference x'010901'|'b'|1|3
.rejoin x'010902'|'-1'|2|2;x'010901'|'b'|2|3
SELECT pk, cid, col_version, db_version FROM crsql_changes;
-- A bare ALTER TABLE.
.fresh
CREATE TABLE t (a INTEGER PRIMARY KEY NOT NULL, b);
SELECT crsql_as_crr('t');
INSERT INTO t VALUES (1, 1);
.blind
ALTER TABLE t ADD COLUMN c;
.differs bare-alter
.reference error: expected 7 values, got 5
.rejoin
UPDATE t SET b = 3;
INSERT INTO t VALUES (2, 2, 2);
.differs bare-alter
.reference error: expected 7 values, got 5
.rejoin
UPDATE t SET c = 5 WHERE a = 1;
.differs bare-alter
.reference 1|1|NULL;2|2|2
.rejoin 1|3|5;2|2|2
SELECT * FROM t;
-- A table that is dropped.
.fresh
CREATE TABLE t (a INTEGER PRIMARY KEY NOT NULL, b);
SELECT crsql_as_crr('t');
INSERT INTO t VALUES (1, 1);
.blind
DROP TABLE t;
.differs dropped-table
.reference error: query aborted
.rejoin
SELECT * FROM crsql_changes;
CREATE TABLE t (a INTEGER PRIMARY KEY NOT NULL, b);
SELECT crsql_as_crr('t');
INSERT INTO t VALUES (1, 1);
.differs dropped-table
.reference 2
.rejoin 1
SELECT col_version FROM crsql_changes;
-- A write after commit_alter, in the same transaction.
.fresh
CREATE TABLE t (a INTEGER PRIMARY KEY NOT NULL, b);
SELECT crsql_as_crr('t');
INSERT INTO t VALUES (1, 1);
.blind
BEGIN;
INSERT INTO t VALUES (2, 2);
SELECT crsql_begin_alter('t');
ALTER TABLE t ADD COLUMN c DEFAULT 1;
SELECT crsql_commit_alter('t');
INSERT INTO t VALUES (3, 3, 3);
COMMIT;
.differs stale-columns
.reference 'b'
.rejoin 'b';'c'
SELECT cid FROM crsql_changes WHERE pk = x'010903';
-- begin_alter of nothing.
.fresh
.blind
BEGIN;
.differs arguments
.reference 'OK'
.rejoin error
SELECT crsql_begin_alter('nope');
ROLLBACK;
-- commit_alter of what was not begun.
.fresh
BEGIN;
CREATE TABLE kept (a);
CREATE TABLE plain (a INTEGER PRIMARY KEY NOT NULL);
.blind
.differs failing-upgrade
.reference error: failed compacting tables
.rejoin error: plain
SELECT crsql_commit_alter('plain');
.differs failing-upgrade
.reference 0
.rejoin 1
SELECT count(*) FROM sqlite_master WHERE name = 'kept';

-- Versions under which nothing was stored: the reference counts some of them, Rejoin none.
CREATE TABLE t (a INTEGER PRIMARY KEY NOT NULL, b);
SELECT crsql_as_crr('t');
INSERT INTO t VALUES (1, 1);
.blind
SELECT crsql_next_db_version(200);
DELETE FROM t WHERE a = 99;
.differs phantom-version
.reference 200
.rejoin 1
SELECT crsql_db_version();
.fresh
CREATE TABLE t (a INTEGER PRIMARY KEY NOT NULL, b);
SELECT crsql_as_crr('t');
BEGIN;
SAVEPOINT s;
INSERT INTO crsql_changes VALUES ('t', x'010901', 'b', 5, 1, 40, x'11', 1, 0);
ROLLBACK TO s;
.differs savepoint-version
.reference 40
.rejoin 1
SELECT crsql_next_db_version();
SELECT crsql_rows_impacted();
.blind
ROLLBACK;
.differs impact-after-rollback
.reference 1
.rejoin 0
SELECT crsql_rows_impacted();
.fresh
CREATE TABLE t (a INTEGER PRIMARY KEY NOT NULL, b);
SELECT crsql_as_crr('t');
INSERT INTO t VALUES (1, 1);
INSERT INTO t VALUES (2, 2);
.blind
SELECT crsql_as_table('t');
.differs version-goes-down
.reference 0
.rejoin 2
SELECT crsql_db_version();

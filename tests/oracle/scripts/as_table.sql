-- crsql_as_table: the CRR is a plain table again.
CREATE TABLE t (a INTEGER PRIMARY KEY NOT NULL, b);
SELECT crsql_as_crr('t');
CREATE TABLE u (a INTEGER PRIMARY KEY NOT NULL, b);
SELECT crsql_as_crr('u');
INSERT INTO t VALUES (1, 1), (2, 2);
UPDATE t SET b = 9 WHERE a = 1;
DELETE FROM t WHERE a = 2;
INSERT INTO u VALUES (1, 1);
SELECT typeof(crsql_as_table('nope'));
SELECT count(*) FROM crsql_changes;
.blind
.differs arguments
.reference 'null'
.rejoin error
SELECT typeof(crsql_as_table(NULL));
-- The highest version is not in t: so none is lost.
SELECT typeof(crsql_as_table('t'));
SELECT name FROM sqlite_master WHERE name LIKE 't%';
SELECT count(*) FROM crsql_changes;
SELECT crsql_db_version();
SELECT * FROM t;
INSERT INTO t VALUES (5, 5);
SELECT crsql_as_crr('t');
SELECT "table", pk, cid, val, col_version, db_version, seq FROM crsql_changes;

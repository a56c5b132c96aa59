-- The reference loses places in a version; Rejoin leaves none out.
CREATE TABLE t (a INTEGER PRIMARY KEY NOT NULL, b, c);
SELECT crsql_as_crr('t');
INSERT INTO t VALUES (1, 1, 1);
REPLACE INTO t VALUES (1, 2, 2);
.differs seq-holes
.reference 1;2
.rejoin 0;1
SELECT seq FROM crsql_changes WHERE db_version = 2;
BEGIN;
SAVEPOINT s;
INSERT INTO t VALUES (2, 2, 2);
ROLLBACK TO s;
INSERT INTO t VALUES (3, 3, 3);
COMMIT;
.differs seq-holes
.reference 2;3
.rejoin 0;1
SELECT seq FROM crsql_changes WHERE db_version = 3;

-- UPDATE that changes the key.
CREATE TABLE t (a INTEGER PRIMARY KEY NOT NULL, b, c);
SELECT crsql_as_crr('t');
INSERT INTO t VALUES (1, 2, 3);
.blind
UPDATE t SET a = 10 WHERE a = 1;
SELECT * FROM t;
-- The reference's cells keep version 1: a peer that has seen it gets a row of NULLs.
.differs key-change
.reference x'010901'|'-1'|2|2|0;x'01090a'|'-1'|1|2|1
.rejoin x'010901'|'-1'|2|2|0;x'01090a'|'b'|1|2|1;x'01090a'|'c'|1|2|2
SELECT pk, cid, col_version, db_version, seq FROM crsql_changes WHERE db_version > 1;

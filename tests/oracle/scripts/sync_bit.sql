-- The sync bit: while it is set by hand, local writes go unrecorded.
CREATE TABLE t (a INTEGER PRIMARY KEY NOT NULL, b CHECK (b < 10));
SELECT crsql_as_crr('t');
SELECT crsql_internal_sync_bit(1);
INSERT INTO t VALUES (1, 1);
UPDATE t SET b = 2;
SELECT crsql_internal_sync_bit(0);
INSERT INTO t VALUES (2, 2);
INSERT INTO crsql_changes VALUES ('t', x'010903', 'b', 5, 1, 1, x'11', 1, 0);
SELECT crsql_internal_sync_bit();
-- After a merge that fails the reference records nothing any more.
.fresh
.blind
CREATE TABLE t (a INTEGER PRIMARY KEY NOT NULL, b CHECK (b < 10));
SELECT crsql_as_crr('t');
.differs sync-bit
.reference error: constraint failed
.rejoin error: CHECK constraint failed
INSERT INTO crsql_changes VALUES ('t', x'010903', 'b', 50, 1, 1, x'11', 1, 0);
.differs sync-bit
.reference 1
.rejoin 0
SELECT crsql_internal_sync_bit();
INSERT INTO t VALUES (2, 2);
.differs sync-bit
.reference 0
.rejoin 1
SELECT count(*) FROM crsql_changes;

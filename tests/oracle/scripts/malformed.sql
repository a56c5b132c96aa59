-- What no honest peer sends.
CREATE TABLE t (a INTEGER PRIMARY KEY NOT NULL, b);
SELECT crsql_as_crr('t');
INSERT INTO t VALUES (1, 1);
.blind
.differs malformed-key
.reference
.rejoin error: t
INSERT INTO crsql_changes VALUES ('t', x'010901ff', 'b', 5, 7, 5, x'11', 1, 0);
.differs malformed-key
.reference
.rejoin error: t
INSERT INTO crsql_changes VALUES ('t', x'00', 'b', 5, 7, 5, x'11', 1, 0);
.fresh
CREATE TABLE t (a INTEGER PRIMARY KEY NOT NULL, b);
SELECT crsql_as_crr('t');
.blind
.differs malformed-key
.reference
.rejoin error: t
INSERT INTO crsql_changes VALUES ('t', x'0105', 'b', 5, 7, 5, x'11', 1, 0);
.differs malformed-key
.reference trap
.rejoin error: t
INSERT INTO crsql_changes VALUES ('t', x'', 'b', 5, 7, 5, x'11', 1, 0);
.fresh
CREATE TABLE t (a INTEGER PRIMARY KEY NOT NULL, b);
SELECT crsql_as_crr('t');
.blind
.differs malformed-key
.reference trap
.rejoin error: t
INSERT INTO crsql_changes VALUES ('t', NULL, 'b', 5, 7, 5, x'11', 1, 0);
.fresh
CREATE TABLE t (a INTEGER PRIMARY KEY NOT NULL, b);
SELECT crsql_as_crr('t');
.blind
.differs bounds
.reference
.rejoin error: col_version
INSERT INTO crsql_changes VALUES ('t', x'010901', 'b', 1, -1, 10, x'11', 1, 0);
.differs bounds
.reference
.rejoin error: col_version
INSERT INTO crsql_changes VALUES ('t', x'010901', 'b', 1, 4611686018427387904, 10, x'11', 1, 0);
.differs bounds
.reference
.rejoin error: db_version
INSERT INTO crsql_changes VALUES ('t', x'010902', 'b', 1, 1, -1, x'11', 1, 0);
.differs bounds
.reference
.rejoin error: db_version
INSERT INTO crsql_changes VALUES ('t', x'010903', 'b', 1, 1, 9223372036854775807, x'11', 1, 0);
.differs bounds
.reference
.rejoin error: cl
INSERT INTO crsql_changes VALUES ('t', x'010904', 'b', 1, 1, 10, x'11', 0, 0);
.differs bounds
.reference
.rejoin error: cl
INSERT INTO crsql_changes VALUES ('t', x'010904', 'b', 1, 1, 10, x'11', -1, 0);
.differs bounds
.reference
.rejoin error: seq
INSERT INTO crsql_changes VALUES ('t', x'010905', 'b', 1, 1, 10, x'11', 1, -7);
.differs bounds
.reference
.rejoin error: seq
INSERT INTO crsql_changes VALUES ('t', x'010905', 'b', 1, 1, 10, x'11', 1, 2147483648);
.fresh
CREATE TABLE t (a INTEGER PRIMARY KEY NOT NULL, b);
SELECT crsql_as_crr('t');
INSERT INTO t VALUES (1, 1);
.blind
INSERT INTO crsql_changes VALUES ('t', x'010901', 'b', 5, 1, 5, x'11', 4, 0);
.differs tombstone-version
.reference 1
.rejoin 4
SELECT col_version FROM crsql_changes;
.differs unknown-schema
.reference error: SQL logic error
.rejoin error: zz
INSERT INTO crsql_changes VALUES ('t', x'010901', 'zz', 5, 7, 5, x'11', 5, 0);
.differs unknown-schema
.reference error: could not find the schema information for table nope
.rejoin error: nope
INSERT INTO crsql_changes VALUES ('nope', x'010901', 'zz', 5, 7, 5, x'11', 5, 0);

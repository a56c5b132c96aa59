-- A merge that fails changes nothing; what comes after it is recorded as ever.
CREATE TABLE t (a INTEGER PRIMARY KEY NOT NULL, b CHECK (b < 10), c NOT NULL DEFAULT 3, d TEXT);
SELECT crsql_as_crr('t');
INSERT INTO crsql_changes VALUES ('t', x'010901', 'b', 50, 1, 3, x'11', 1, 0);
INSERT INTO crsql_changes VALUES ('t', x'010901', 'c', NULL, 1, 3, x'11', 1, 0);
INSERT INTO t VALUES (1, 1, 1, 'x');
INSERT INTO crsql_changes VALUES ('t', x'010901', 'b', 50, 9, 3, x'11', 1, 0);
INSERT INTO crsql_changes VALUES ('t', x'010901', 'b', 50, 9, 3, x'11', 3, 0);
INSERT INTO crsql_changes VALUES ('t', x'010902', 'b', 5, 1, 3, x'11', 1, 0), ('t', x'010902', 'c', NULL, 1, 4, x'11', 1, 0);
UPDATE t SET d = 'recorded';
CREATE TRIGGER no_two BEFORE INSERT ON t WHEN new.a = 2 BEGIN SELECT RAISE(ABORT, 'no two'); END;
INSERT INTO crsql_changes VALUES ('t', x'010902', 'b', 5, 1, 3, x'11', 1, 0);
INSERT INTO crsql_changes VALUES ('t', x'010902', '-1', NULL, 1, 3, x'11', 1, 0);
INSERT INTO crsql_changes VALUES ('t', x'010902', '-1', NULL, 2, 3, x'11', 2, 0);
INSERT INTO crsql_changes VALUES ('nope', x'010902', 'b', 5, 1, 3, x'11', 1, 0);
INSERT INTO crsql_changes VALUES ('t', x'010901', 'nope', 5, 1, 3, x'11', 1, 0);
INSERT INTO crsql_changes VALUES ('t', x'010901', 'a', 5, 1, 3, x'11', 1, 0);
INSERT INTO crsql_changes VALUES ('t', x'010901', 'B', 5, 1, 3, x'11', 1, 0);
INSERT INTO crsql_changes VALUES ('t', x'010901', NULL, 5, 1, 3, x'11', 1, 0);
INSERT INTO crsql_changes VALUES (NULL, x'010901', 'b', 5, 1, 3, x'11', 1, 0);
INSERT INTO crsql_changes VALUES ('T', x'010901', 'b', 5, 1, 3, x'11', 1, 0);
INSERT INTO crsql_changes VALUES ('t', '010901', 'b', 5, 1, 3, x'11', 1, 0);
INSERT INTO crsql_changes VALUES ('t', x'010b0161', 'b', 5, 1, 3, x'11', 1, 0);
INSERT INTO crsql_changes VALUES ('t', x'0b01', 'b', 5, 1, 3, x'11', 1, 0);
INSERT INTO crsql_changes VALUES ('t', x'02010901', 'b', 5, 1, 3, x'11', 1, 0);
INSERT INTO crsql_changes DEFAULT VALUES;
BEGIN;
INSERT INTO t VALUES (20, 1, 1, 'x');
INSERT INTO crsql_changes VALUES ('t', x'010901', 'b', 50, 9, 3, x'11', 1, 0);
INSERT INTO t VALUES (21, 1, 1, 'x');
COMMIT;
SELECT * FROM t ORDER BY a;
-- In a transaction the reference leaves half of it behind.
.fresh
CREATE TABLE t (a INTEGER PRIMARY KEY NOT NULL, b CHECK (b < 10));
SELECT crsql_as_crr('t');
.blind
BEGIN;
.differs partial-merge
.reference error
.rejoin error
INSERT INTO crsql_changes VALUES ('t', x'010901', 'b', 50, 9, 3, x'11', 3, 0);
.differs partial-merge
.reference 1
.rejoin 0
SELECT count(*) FROM t;
-- A column that is not here does not matter to a life that is over, or ends.
.fresh
CREATE TABLE t (a INTEGER PRIMARY KEY NOT NULL, b);
SELECT crsql_as_crr('t');
INSERT INTO t VALUES (1, 2);
INSERT INTO crsql_changes VALUES ('t', x'010901', '-1', NULL, 3, 3, x'11', 3, 0);
INSERT INTO crsql_changes VALUES ('t', x'010901', 'unknown', 50, 9, 3, x'11', 1, 0);
INSERT INTO crsql_changes VALUES ('t', x'010901', 'unknown', 50, 4, 3, x'11', 4, 0);
INSERT INTO crsql_changes VALUES ('t', x'010902', 'unknown', 50, 2, 3, x'11', 2, 0);
SELECT * FROM t;

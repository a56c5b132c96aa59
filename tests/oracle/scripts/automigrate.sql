-- crsql_automigrate. (The reference needs each crsql_as_crr on a line of its own.)
-- A column comes.
.fresh
CREATE TABLE IF NOT EXISTS t (a INTEGER PRIMARY KEY NOT NULL, b, c DEFAULT 7);
SELECT crsql_as_crr('t');
INSERT INTO t VALUES (1, 1, 1);
UPDATE t SET b = 2;
SELECT crsql_automigrate('
CREATE TABLE IF NOT EXISTS t (a INTEGER PRIMARY KEY NOT NULL, b, c DEFAULT 7, d);
SELECT crsql_as_crr(''t'');
', 'SELECT crsql_finalize();');
INSERT INTO t VALUES (2, 2, 2, 2);
UPDATE t SET d = 5;
-- Columns come and go, with the highest version.
.fresh
CREATE TABLE IF NOT EXISTS t (a INTEGER PRIMARY KEY NOT NULL, b, c DEFAULT 7);
SELECT crsql_as_crr('t');
INSERT INTO t VALUES (1, 1, 1);
UPDATE t SET c = 9;
DELETE FROM t WHERE a = 2;
SELECT crsql_automigrate('
CREATE TABLE IF NOT EXISTS t (a INTEGER PRIMARY KEY NOT NULL, b, d DEFAULT 5, e TEXT);
SELECT crsql_as_crr(''t'');
', 'SELECT crsql_finalize();');
SELECT * FROM t;
SELECT crsql_db_version();
INSERT INTO t VALUES (2, 2, 2, 2);
-- Nothing changes.
.fresh
CREATE TABLE IF NOT EXISTS t (a INTEGER PRIMARY KEY NOT NULL, b, c DEFAULT 7);
SELECT crsql_as_crr('t');
INSERT INTO t VALUES (1, 1, 1);
SELECT crsql_automigrate('
CREATE TABLE IF NOT EXISTS t (a INTEGER PRIMARY KEY NOT NULL, b, c DEFAULT 7);
SELECT crsql_as_crr(''t'');
', 'SELECT crsql_finalize();');
UPDATE t SET b = 2;
.differs automigrate
.reference 1
.rejoin 0
SELECT count(*) FROM crsql_master WHERE key = 'pre_compact_dbversion';
-- Another type and default: left as they are.
.fresh
CREATE TABLE IF NOT EXISTS t (a INTEGER PRIMARY KEY NOT NULL, b, c DEFAULT 7);
SELECT crsql_as_crr('t');
INSERT INTO t VALUES (1, 1, 1);
SELECT crsql_automigrate('
CREATE TABLE IF NOT EXISTS t (a INTEGER PRIMARY KEY NOT NULL, b INTEGER, c DEFAULT 9);
SELECT crsql_as_crr(''t'');
', 'SELECT crsql_finalize();');
UPDATE t SET b = 2;
-- Indices.
.fresh
CREATE TABLE IF NOT EXISTS t (a INTEGER PRIMARY KEY NOT NULL, b, c DEFAULT 7);
SELECT crsql_as_crr('t');
INSERT INTO t VALUES (1, 1, 1);
CREATE INDEX IF NOT EXISTS t_b ON t (b);
CREATE INDEX IF NOT EXISTS t_c ON t (c);
SELECT crsql_automigrate('
CREATE TABLE IF NOT EXISTS t (a INTEGER PRIMARY KEY NOT NULL, b, c DEFAULT 7);
SELECT crsql_as_crr(''t'');
CREATE INDEX IF NOT EXISTS t_b ON t (b);
CREATE INDEX IF NOT EXISTS t_bc ON t (b, c);
', 'SELECT crsql_finalize();');
-- Plain tables.
.fresh
CREATE TABLE IF NOT EXISTS t (a INTEGER PRIMARY KEY NOT NULL, b, c DEFAULT 7);
SELECT crsql_as_crr('t');
INSERT INTO t VALUES (1, 1, 1);
CREATE TABLE IF NOT EXISTS gone (a);
CREATE TABLE IF NOT EXISTS k (a, b);
INSERT INTO k VALUES (1, 2);
SELECT crsql_automigrate('
CREATE TABLE IF NOT EXISTS t (a INTEGER PRIMARY KEY NOT NULL, b, c DEFAULT 7);
SELECT crsql_as_crr(''t'');
CREATE TABLE IF NOT EXISTS k (a, c);
CREATE TABLE IF NOT EXISTS n (x);
', 'SELECT crsql_finalize();');
SELECT * FROM k;
-- A new CRR.
.fresh
CREATE TABLE IF NOT EXISTS t (a INTEGER PRIMARY KEY NOT NULL, b, c DEFAULT 7);
SELECT crsql_as_crr('t');
INSERT INTO t VALUES (1, 1, 1);
SELECT crsql_automigrate('
CREATE TABLE IF NOT EXISTS t (a INTEGER PRIMARY KEY NOT NULL, b, c DEFAULT 7);
SELECT crsql_as_crr(''t'');
CREATE TABLE IF NOT EXISTS n (x PRIMARY KEY NOT NULL, y);
SELECT crsql_as_crr(''n'');
', 'SELECT crsql_finalize();');
INSERT INTO n VALUES (1, 1);
-- A plain table becomes a CRR.
.fresh
CREATE TABLE IF NOT EXISTS t (a INTEGER PRIMARY KEY NOT NULL, b, c DEFAULT 7);
SELECT crsql_as_crr('t');
INSERT INTO t VALUES (1, 1, 1);
CREATE TABLE IF NOT EXISTS n (x PRIMARY KEY NOT NULL, y);
INSERT INTO n VALUES (5, 5);
SELECT crsql_automigrate('
CREATE TABLE IF NOT EXISTS t (a INTEGER PRIMARY KEY NOT NULL, b, c DEFAULT 7);
SELECT crsql_as_crr(''t'');
CREATE TABLE IF NOT EXISTS n (x PRIMARY KEY NOT NULL, y);
SELECT crsql_as_crr(''n'');
', 'SELECT crsql_finalize();');
INSERT INTO n VALUES (1, 1);
-- Errors.
.fresh
CREATE TABLE IF NOT EXISTS t (a INTEGER PRIMARY KEY NOT NULL, b, c DEFAULT 7);
SELECT crsql_as_crr('t');
INSERT INTO t VALUES (1, 1, 1);
SELECT crsql_automigrate('syntax error here', 'SELECT crsql_finalize();');
SELECT crsql_automigrate();
UPDATE t SET b = 2;
.differs automigrate
.reference 'not an error'
.rejoin error
SELECT crsql_automigrate('
CREATE TABLE IF NOT EXISTS t (a INTEGER NOT NULL, k NOT NULL, b, c DEFAULT 7, PRIMARY KEY (a, k));
SELECT crsql_as_crr(''t'');
', 'SELECT crsql_finalize();');
.blind
CREATE INDEX t_b ON t (b);
SELECT crsql_automigrate('
CREATE TABLE IF NOT EXISTS t (a INTEGER PRIMARY KEY NOT NULL, b, c DEFAULT 7);
SELECT crsql_as_crr(''t'');
CREATE INDEX IF NOT EXISTS t_b ON t (b, c);
', 'SELECT crsql_finalize();');
.differs automigrate
.reference 0
.rejoin 1
SELECT count(*) FROM sqlite_master WHERE sql LIKE 'CREATE INDEX%(b, c)';

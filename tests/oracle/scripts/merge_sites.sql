-- Site ids: NULL and empty stand for this site, others get an ordinal when they first win.
CREATE TABLE t (a INTEGER PRIMARY KEY NOT NULL, b);
SELECT crsql_as_crr('t');
INSERT INTO crsql_changes VALUES ('t', x'010901', 'b', 1, 1, 10, NULL, 1, 0);
INSERT INTO crsql_changes VALUES ('t', x'010902', 'b', 1, 1, 10, crsql_site_id(), 1, 0);
INSERT INTO crsql_changes VALUES ('t', x'010903', 'b', 1, 1, 10, x'010203', 1, 0);
INSERT INTO crsql_changes VALUES ('t', x'010904', 'b', 1, 1, 10, x'', 1, 0);
INSERT INTO crsql_changes VALUES ('t', x'010905', 'b', 1, 1, 10, x'0102030405060708090a0b0c0d0e0f1011', 1, 0);
INSERT INTO crsql_changes VALUES ('t', x'010906', 'b', 1, 1, 10, x'0102030405060708090a0b0c0d0e0f10', 1, 0);
INSERT INTO crsql_changes VALUES ('t', x'010901', 'b', 0, 1, 10, x'99', 1, 0);
INSERT INTO crsql_changes VALUES ('t', x'010901', 'b', 5, 2, 10, x'010203', 1, 0);
INSERT INTO crsql_changes VALUES ('t', x'010907', 'b', 5, 2, 10, {site b}, 1, 0);
UPDATE t SET b = 'mine';
SELECT * FROM crsql_site_id ORDER BY ordinal;
.on b
SELECT length(crsql_site_id()), typeof(crsql_site_id());
CREATE TABLE t (a INTEGER PRIMARY KEY NOT NULL, b);
SELECT crsql_as_crr('t');
.copy a b
.copy b a
-- What is left of a cell in a later life: whose is it?
.fresh
CREATE TABLE t (a INTEGER PRIMARY KEY NOT NULL, b, c);
SELECT crsql_as_crr('t');
INSERT INTO crsql_changes VALUES ('t', x'010901', 'b', 5, 1, 3, x'11', 1, 4);
INSERT INTO crsql_changes VALUES ('t', x'010901', 'c', 6, 1, 9, x'12', 3, 5);
.differs remnant-writer
.reference 0|x'11'
.rejoin 0|'{site b}'
SELECT col_version, site_id FROM crsql_changes WHERE cid = 'b';

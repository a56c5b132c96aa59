-- Equal versions: NULL < BLOB < TEXT < REAL < INTEGER, then by value; and every odd value passes unharmed.
CREATE TABLE t (a INTEGER PRIMARY KEY NOT NULL, b);
SELECT crsql_as_crr('t');
INSERT INTO t VALUES (1, NULL), (2, x'01'), (3, 'text'), (4, 2.5), (5, 3), (6, 0), (7, -0.0), (8, 1.0), (9, 'text');
INSERT INTO crsql_changes VALUES ('t', x'010901', 'b', NULL, 1, 1, x'11', 1, 0);
INSERT INTO crsql_changes VALUES ('t', x'010901', 'b', x'', 1, 1, x'11', 1, 0);
INSERT INTO crsql_changes VALUES ('t', x'010901', 'b', '', 1, 1, x'11', 1, 0);
INSERT INTO crsql_changes VALUES ('t', x'010901', 'b', -9e999, 1, 1, x'11', 1, 0);
INSERT INTO crsql_changes VALUES ('t', x'010901', 'b', -9223372036854775808, 1, 1, x'11', 1, 0);
INSERT INTO crsql_changes VALUES ('t', x'010901', 'b', 9e999, 1, 1, x'11', 1, 0);
INSERT INTO crsql_changes VALUES ('t', x'010901', 'b', 'zzz', 1, 1, x'11', 1, 0);
INSERT INTO crsql_changes VALUES ('t', x'010901', 'b', x'ffff', 1, 1, x'11', 1, 0);
INSERT INTO crsql_changes VALUES ('t', x'010901', 'b', NULL, 1, 1, x'11', 1, 0);
INSERT INTO crsql_changes VALUES ('t', x'010902', 'b', x'0100', 1, 1, x'11', 1, 0);
INSERT INTO crsql_changes VALUES ('t', x'010902', 'b', x'00ff', 1, 1, x'11', 1, 0);
INSERT INTO crsql_changes VALUES ('t', x'010902', 'b', x'02', 1, 1, x'11', 1, 0);
INSERT INTO crsql_changes VALUES ('t', x'010903', 'b', 'texta', 1, 1, x'11', 1, 0);
INSERT INTO crsql_changes VALUES ('t', x'010903', 'b', 'TEXTB', 1, 1, x'11', 1, 0);
INSERT INTO crsql_changes VALUES ('t', x'010903', 'b', 'té', 1, 1, x'11', 1, 0);
INSERT INTO crsql_changes VALUES ('t', x'010903', 'b', CAST(x'ff00' AS TEXT), 1, 1, x'11', 1, 0);
INSERT INTO crsql_changes VALUES ('t', x'010903', 'b', CAST(x'ff0001' AS TEXT), 1, 1, x'11', 1, 0);
INSERT INTO crsql_changes VALUES ('t', x'010904', 'b', 2.25, 1, 1, x'11', 1, 0);
INSERT INTO crsql_changes VALUES ('t', x'010904', 'b', 2.75, 1, 1, x'11', 1, 0);
INSERT INTO crsql_changes VALUES ('t', x'010904', 'b', 9e999, 1, 1, x'11', 1, 0);
INSERT INTO crsql_changes VALUES ('t', x'010905', 'b', 4.0, 1, 1, x'11', 1, 0);
INSERT INTO crsql_changes VALUES ('t', x'010905', 'b', 4, 1, 1, x'11', 1, 0);
INSERT INTO crsql_changes VALUES ('t', x'010906', 'b', 0.0, 1, 1, x'11', 1, 0);
INSERT INTO crsql_changes VALUES ('t', x'010907', 'b', 0.0, 1, 1, x'11', 1, 0);
INSERT INTO crsql_changes VALUES ('t', x'010908', 'b', 1, 1, 1, x'11', 1, 0);
-- A lower and a higher version, whatever the value.
INSERT INTO crsql_changes VALUES ('t', x'010909', 'b', 99, 0, 1, x'11', 1, 0);
INSERT INTO crsql_changes VALUES ('t', x'010909', 'b', NULL, 2, 1, x'11', 1, 0);
INSERT INTO crsql_changes VALUES ('t', x'010909', 'b', 99, 1, 1, x'11', 1, 0);
-- Values of every width.
INSERT INTO crsql_changes VALUES ('t', x'01090a', 'b', 9223372036854775807, 1, 1, x'11', 1, 0);
INSERT INTO crsql_changes VALUES ('t', x'01090b', 'b', 1.0 / 3, 1, 1, x'11', 1, 0);
INSERT INTO crsql_changes VALUES ('t', x'01090c', 'b', zeroblob(65536), 1, 1, x'11', 1, 0);
INSERT INTO crsql_changes VALUES ('t', x'01090d', 'b', CAST(x'610062' AS TEXT), 1, 1, x'11', 1, 0);
.copy a b
.copy b a

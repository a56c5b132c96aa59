-- crsql_unpack_columns.
SELECT cell, typeof(cell) FROM crsql_unpack_columns WHERE package = crsql_pack_columns(1, 'a', x'00ff', NULL, 2.5, '', x'', -1, 0, 300,
  9223372036854775807, -9223372036854775808);
SELECT * FROM crsql_unpack_columns(x'010905');
SELECT cell FROM crsql_unpack_columns WHERE package = x'02090501';
SELECT cell FROM crsql_unpack_columns WHERE package = x'00';
SELECT hex(cell), typeof(cell) FROM crsql_unpack_columns WHERE package = x'010b01ff';
SELECT cell FROM crsql_unpack_columns WHERE package IN (x'010905', x'010906');
SELECT length(cell) FROM crsql_unpack_columns WHERE package = (SELECT crsql_pack_columns(zeroblob(300), 'x', zeroblob(65536)));
SELECT * FROM pragma_table_xinfo('crsql_unpack_columns');
SELECT * FROM crsql_unpack_columns;
SELECT * FROM crsql_unpack_columns WHERE package = 'abc';
SELECT * FROM crsql_unpack_columns WHERE package = 5;
SELECT * FROM crsql_unpack_columns WHERE package = x'0209';
SELECT * FROM crsql_unpack_columns WHERE package = x'0107';
SELECT * FROM crsql_unpack_columns WHERE package = x'0100';
SELECT * FROM crsql_unpack_columns WHERE package = x'010bff61';
SELECT * FROM crsql_unpack_columns WHERE package = x'ff090109';
INSERT INTO crsql_unpack_columns VALUES (1);
.differs unpack-errors
.reference 5
.rejoin error
SELECT cell FROM crsql_unpack_columns WHERE package = x'010905ff';
.differs change-join
.reference error: Zero args passed to filter
.rejoin 7;'a';0
SELECT u.cell FROM (SELECT x'010907' AS v UNION ALL SELECT x'020b016101') AS t JOIN crsql_unpack_columns AS u ON u.package = t.v;
.differs unpack-errors
.reference trap
.rejoin error
SELECT * FROM crsql_unpack_columns WHERE package = x'';
.fresh
.differs unpack-errors
.reference trap
.rejoin
SELECT * FROM crsql_unpack_columns WHERE package = NULL;

-- Packed keys, byte for byte, for every width and every edge of a length.
SELECT hex(crsql_pack_columns());
SELECT hex(crsql_pack_columns(NULL)), hex(crsql_pack_columns('')), hex(crsql_pack_columns(x'')), hex(crsql_pack_columns(0));
SELECT hex(crsql_pack_columns(1)), hex(crsql_pack_columns(127)), hex(crsql_pack_columns(128)), hex(crsql_pack_columns(255));
SELECT hex(crsql_pack_columns(256)), hex(crsql_pack_columns(32767)), hex(crsql_pack_columns(32768));
SELECT hex(crsql_pack_columns(65535)), hex(crsql_pack_columns(65536)), hex(crsql_pack_columns(8388607));
SELECT hex(crsql_pack_columns(8388608)), hex(crsql_pack_columns(16777215)), hex(crsql_pack_columns(16777216));
SELECT hex(crsql_pack_columns(2147483647)), hex(crsql_pack_columns(2147483648)), hex(crsql_pack_columns(4294967295));
SELECT hex(crsql_pack_columns(4294967296)), hex(crsql_pack_columns(549755813887)), hex(crsql_pack_columns(549755813888));
SELECT hex(crsql_pack_columns(1099511627775)), hex(crsql_pack_columns(1099511627776));
SELECT hex(crsql_pack_columns(140737488355328)), hex(crsql_pack_columns(281474976710655)), hex(crsql_pack_columns(281474976710656));
SELECT hex(crsql_pack_columns(36028797018963968)), hex(crsql_pack_columns(72057594037927935));
SELECT hex(crsql_pack_columns(72057594037927936)), hex(crsql_pack_columns(9223372036854775807));
SELECT hex(crsql_pack_columns(-1)), hex(crsql_pack_columns(-128)), hex(crsql_pack_columns(-9223372036854775808));
SELECT hex(crsql_pack_columns(0.0)), hex(crsql_pack_columns(-0.0)), hex(crsql_pack_columns(2.5)), hex(crsql_pack_columns(1.0/3));
SELECT hex(crsql_pack_columns(9e999)), hex(crsql_pack_columns(-9e999)), hex(crsql_pack_columns(9007199254740992.0));
SELECT hex(crsql_pack_columns('a')), hex(crsql_pack_columns('é')), hex(crsql_pack_columns(CAST(x'ff0041' AS TEXT)));
SELECT hex(crsql_pack_columns(zeroblob(127))), hex(crsql_pack_columns(zeroblob(128)));
SELECT hex(crsql_pack_columns(zeroblob(255))), hex(crsql_pack_columns(zeroblob(256)));
SELECT hex(substr(crsql_pack_columns(zeroblob(65535)), 1, 6)), length(crsql_pack_columns(zeroblob(65535)));
SELECT hex(substr(crsql_pack_columns(zeroblob(65536)), 1, 6)), length(crsql_pack_columns(zeroblob(65536)));
SELECT hex(substr(crsql_pack_columns(zeroblob(8388608)), 1, 6)), length(crsql_pack_columns(zeroblob(8388608)));
SELECT hex(crsql_pack_columns(replace(hex(zeroblob(127)), '00', 'x'))), hex(crsql_pack_columns(replace(hex(zeroblob(128)), '00', 'x')));
SELECT hex(crsql_pack_columns(replace(hex(zeroblob(255)), '00', 'x'))), hex(crsql_pack_columns(replace(hex(zeroblob(256)), '00', 'x')));
SELECT hex(crsql_pack_columns(1, 'a', x'00ff', NULL, 2.5, '', x'', -1, 0, 300)), typeof(crsql_pack_columns(1));
-- As keys of rows.
CREATE TABLE t (a NOT NULL, b NOT NULL, c, PRIMARY KEY (b, a)) WITHOUT ROWID;
SELECT crsql_as_crr('t');
INSERT INTO t VALUES (1, 'x', 1), (2.5, x'00', 2), ('', x'', 3), (CAST(x'ff0041' AS TEXT), -1, 4), (0, 9e999, 5), (300, 65536, 6);
DELETE FROM t WHERE c > 3;
.copy a b

-- Reading crsql_changes: every condition gives the right rows, the default order is (db_version, seq).
CREATE TABLE z (q INTEGER PRIMARY KEY NOT NULL, r);
CREATE TABLE t (a INTEGER PRIMARY KEY NOT NULL, b, c);
CREATE TABLE u (k TEXT PRIMARY KEY NOT NULL, v);
SELECT crsql_as_crr('z');
SELECT crsql_as_crr('t');
SELECT crsql_as_crr('u');
INSERT INTO t VALUES (1, 1, 1), (2, 2, 2);
INSERT INTO u VALUES ('x', 1);
INSERT INTO z VALUES (1, 1);
INSERT INTO u VALUES ('y', 1);
INSERT INTO crsql_changes VALUES ('z', x'010909', 'r', 3, 1, 50, x'11', 1, 5);
INSERT INTO crsql_changes VALUES ('t', x'010909', 'b', 3, 1, 60, x'12', 1, 5);
DELETE FROM u WHERE k = 'x';
SELECT * FROM crsql_changes;
SELECT * FROM crsql_changes ORDER BY db_version, seq;
SELECT db_version FROM crsql_changes ORDER BY db_version DESC;
SELECT * FROM crsql_changes WHERE db_version > 3;
SELECT * FROM crsql_changes WHERE db_version >= 3;
SELECT * FROM crsql_changes WHERE db_version < 3;
SELECT * FROM crsql_changes WHERE db_version <= 3;
SELECT * FROM crsql_changes WHERE db_version = 3;
SELECT * FROM crsql_changes WHERE db_version <> 1;
SELECT * FROM crsql_changes WHERE db_version BETWEEN 2 AND 4;
SELECT * FROM crsql_changes WHERE db_version > 1 AND db_version < 50 AND db_version <> 3;
SELECT * FROM crsql_changes WHERE db_version IN (2, 50);
SELECT * FROM crsql_changes WHERE db_version > NULL;
SELECT * FROM crsql_changes WHERE db_version IS NULL;
SELECT * FROM crsql_changes WHERE db_version > '2';
SELECT * FROM crsql_changes WHERE db_version > 2.5;
SELECT * FROM crsql_changes WHERE db_version > 'x';
SELECT * FROM crsql_changes WHERE db_version > x'00';
SELECT * FROM crsql_changes WHERE db_version < 9223372036854775807 AND db_version > -9223372036854775808;
SELECT * FROM crsql_changes WHERE site_id = {site a};
SELECT * FROM crsql_changes WHERE site_id IS {site a};
SELECT * FROM crsql_changes WHERE site_id IS NOT {site a};
SELECT * FROM crsql_changes WHERE site_id <> {site a};
SELECT * FROM crsql_changes WHERE site_id = x'11' AND db_version > 10;
SELECT * FROM crsql_changes WHERE site_id = x'99';
SELECT * FROM crsql_changes WHERE site_id IS NOT NULL AND db_version = 50;
SELECT * FROM crsql_changes WHERE site_id IS NULL;
SELECT * FROM crsql_changes WHERE site_id = NULL;
SELECT * FROM crsql_changes WHERE "table" = 'u';
SELECT * FROM crsql_changes WHERE "table" = 'u' AND db_version > 3;
SELECT * FROM crsql_changes WHERE "table" = 'nope';
SELECT * FROM crsql_changes WHERE "table" <> 't';
SELECT * FROM crsql_changes WHERE "table" > 't';
SELECT * FROM crsql_changes WHERE pk = x'010901';
SELECT * FROM crsql_changes WHERE cid = '-1';
SELECT * FROM crsql_changes WHERE cid = 'b' AND val = 2;
SELECT * FROM crsql_changes WHERE val IS NULL;
SELECT * FROM crsql_changes WHERE cl = 2;
SELECT * FROM crsql_changes WHERE seq > 0;
SELECT * FROM crsql_changes WHERE col_version >= 2;
SELECT * FROM crsql_changes WHERE db_version = 1 OR "table" = 'z';
SELECT * FROM crsql_changes LIMIT 2 OFFSET 1;
SELECT count(*), max(db_version), min(db_version) FROM crsql_changes;
SELECT "table", count(*) FROM crsql_changes GROUP BY "table" ORDER BY 1;
SELECT t.b, (SELECT count(*) FROM crsql_changes WHERE pk = crsql_pack_columns(t.a)) FROM t ORDER BY t.a;
SELECT typeof("table"), typeof(pk), typeof(cid), typeof(db_version), typeof(site_id), typeof(cl) FROM crsql_changes LIMIT 1;
SELECT * FROM pragma_table_xinfo('crsql_changes');
SELECT count(*) FROM sqlite_master WHERE name = 'crsql_changes';
UPDATE crsql_changes SET val = 1;
DELETE FROM crsql_changes;
DELETE FROM crsql_changes WHERE db_version = 1;
SELECT count(*) FROM crsql_changes;
.differs change-order
.reference 1|3;1|2;1|1;1|0;3|0;4|0;50|5;60|5;61|0
.rejoin 61|0;60|5;50|5;4|0;3|0;1|3;1|2;1|1;1|0
SELECT db_version, seq FROM crsql_changes ORDER BY db_version DESC, seq DESC;
.differs change-join
.reference error: misuse
.rejoin 2
SELECT count(*) FROM crsql_changes AS x, crsql_changes AS y WHERE x.pk = y.pk AND x."table" = y."table" AND x.cid > y.cid;
.differs unique-rowid
.reference 7|9
.rejoin 9|9
SELECT count(DISTINCT rowid), count(*) FROM crsql_changes;

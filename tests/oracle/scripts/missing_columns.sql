-- Inserts into crsql_changes by older clients, without cl and seq.
CREATE TABLE t (a INTEGER PRIMARY KEY NOT NULL, b);
SELECT crsql_as_crr('t');
INSERT INTO crsql_changes ("table", pk, cid, val, col_version, db_version, site_id, cl)
  VALUES ('t', x'010901', 'b', 1, 1, 5, x'11', 1);
.blind
INSERT INTO crsql_changes ("table", pk, cid, val, col_version, db_version, site_id)
  VALUES ('t', x'010902', 'b', 2, 1, 5, x'11');
.differs missing-columns
.reference 1|1
.rejoin 1|1;2|2
SELECT * FROM t ORDER BY a;

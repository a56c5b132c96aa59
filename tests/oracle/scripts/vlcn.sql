-- The statements that vlcn's clients and servers send.
CREATE TABLE "todo" ("id" BLOB PRIMARY KEY NOT NULL, "list", "text");
SELECT crsql_as_crr('todo');
SAVEPOINT crsql1;
INSERT INTO todo VALUES (x'00', 'home', 'milk'), (x'01', 'home', 'bread');
RELEASE crsql1;
SELECT "table", "pk", "cid", "val", "col_version", "db_version", NULL, "cl", "seq" FROM "crsql_changes"
  WHERE "db_version" > 0 AND "site_id" IS NOT x'00112233445566778899aabbccddeeff';
SELECT value FROM crsql_master WHERE key = 'schema_name';
INSERT OR REPLACE INTO crsql_master (key, value) VALUES ('schema_name', 'main.sql');
INSERT OR REPLACE INTO crsql_master (key, value) VALUES ('schema_version', -4634081719991045594);
SELECT version, seq FROM crsql_tracked_peers WHERE site_id = x'11' AND tag = 0 AND event = 0;
BEGIN;
INSERT INTO crsql_changes ("table", "pk", "cid", "val", "col_version", "db_version", "site_id", "cl", "seq")
  VALUES ('todo', x'010c0102', 'text', 'eggs', 1, 7, x'00112233445566778899aabbccddeeff', 1, 0);
INSERT INTO crsql_tracked_peers (site_id, tag, event, version, seq) VALUES (x'00112233445566778899aabbccddeeff', 0, 0, 7, 0)
  ON CONFLICT DO UPDATE SET "version" = MAX("version", excluded."version"),
  "seq" = CASE "version" > excluded."version" WHEN 1 THEN "seq" ELSE excluded."seq" END;
COMMIT;
SELECT site_id, version, seq FROM crsql_tracked_peers;
SELECT quote(crsql_site_id()) LIKE 'X''%';
SAVEPOINT crsql2;
DELETE FROM todo;
ROLLBACK TO crsql2;
RELEASE crsql2;
SELECT * FROM todo ORDER BY id;

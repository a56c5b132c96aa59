-- The statements of Expo's to-do example, as they are there.
CREATE TABLE todo (id TEXT PRIMARY KEY NOT NULL, text TEXT, completed INTEGER DEFAULT 0);
SELECT crsql_as_crr('todo');
INSERT INTO todo (id, text, completed) VALUES ('abc', 'milk', 0), ('def', 'bread', 1);
SELECT * FROM crsql_changes;
SELECT "table", quote(pk) as pk, cid, val, col_version, db_version, site_id FROM crsql_changes where db_version > -1;
SELECT "table", hex("pk") as "pk", "cid", "val", "col_version", "db_version", NULL, "cl" FROM crsql_changes
  WHERE db_version > 0 AND site_id IS NOT x'11';
INSERT INTO crsql_changes ("table", "pk", "cid", "val", "col_version", "db_version", "site_id", "cl")
  VALUES ('todo', X'010b03676869', 'text', 'eggs', 1, 1, x'11', 1);
INSERT INTO crsql_changes ("table", 'pk', 'cid', 'val', 'col_version', 'db_version', 'site_id', 'cl', 'seq')
  VALUES ('todo', X'010B03676869', 'completed', 1, 1, 1, x'11', 1, 0);
INSERT INTO "crsql_tracked_peers" ("site_id", "event", "version", "seq", "tag") VALUES (x'11', 0, 5, 0, 0)
  ON CONFLICT DO UPDATE SET "version" = MAX("version", excluded."version"),
  "seq" = CASE "version" > excluded."version" WHEN 1 THEN "seq" ELSE excluded."seq" END;
SELECT hex("site_id") as "site_id", "version", "seq" FROM crsql_tracked_peers;
SELECT * FROM todo ORDER BY id;

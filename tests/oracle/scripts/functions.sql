-- The functions' arguments, result types and flags.
CREATE TABLE t (a INTEGER PRIMARY KEY NOT NULL, b, c);
SELECT crsql_as_crr('t');
SELECT crsql_as_crr();
SELECT crsql_as_crr(NULL);
SELECT crsql_as_crr('');
SELECT crsql_as_crr('nope');
SELECT crsql_as_crr('main', 'nope');
SELECT crsql_as_crr(x'74'), typeof(crsql_as_crr('t'));
SELECT crsql_as_crr('main', 't');
SELECT crsql_as_crr('sqlite_master');
SELECT crsql_as_crr('crsql_master');
SELECT crsql_as_table();
SELECT crsql_as_table('a', 'b');
SELECT crsql_site_id(1);
SELECT length(crsql_site_id()), typeof(crsql_site_id()), crsql_site_id() = {site a};
SELECT substr(hex(crsql_site_id()), 13, 1), substr(hex(crsql_site_id()), 17, 1) IN ('8', '9', 'A', 'B');
SELECT crsql_db_version(1);
SELECT crsql_db_version(), typeof(crsql_db_version());
SELECT crsql_rows_impacted(1);
SELECT crsql_rows_impacted(), typeof(crsql_rows_impacted());
SELECT crsql_get_seq(1);
SELECT crsql_increment_and_get_seq(1);
SELECT crsql_get_seq(), typeof(crsql_get_seq());
SELECT typeof(crsql_next_db_version()), crsql_next_db_version();
SELECT crsql_internal_sync_bit(), typeof(crsql_internal_sync_bit());
SELECT crsql_internal_sync_bit(1, 2);
SELECT typeof(crsql_pack_columns());
SELECT name, type, narg, flags & 2621440 FROM pragma_function_list WHERE name IN ('crsql_after_delete', 'crsql_after_insert',
  'crsql_after_update', 'crsql_as_crr', 'crsql_as_table', 'crsql_db_version', 'crsql_finalize', 'crsql_get_seq',
  'crsql_increment_and_get_seq', 'crsql_internal_sync_bit', 'crsql_next_db_version', 'crsql_pack_columns',
  'crsql_rows_impacted', 'crsql_site_id') ORDER BY 1;
SELECT name FROM pragma_module_list WHERE name = 'crsql_changes';
-- What the triggers call, called by hand.
SELECT crsql_after_insert();
SELECT crsql_after_insert('nope', 1);
SELECT crsql_after_delete('nope', 1);
SELECT crsql_after_update('nope', 1, 1);
.differs build
.reference error: no such function
.rejoin 'text'
SELECT typeof(crsql_sha());
.differs build
.reference error: no such function
.rejoin 0
SELECT crsql_config_get('merge-equal-values');
.blind
SELECT crsql_finalize();
.differs finalize
.reference error: failed to
.rejoin
INSERT INTO t VALUES (1, 2, 3);

// Anything at all in the shadow tables, as whoever writes them by hand may leave it: reading, checking, merging, local
// writes and alters end in an answer or an error, and never in a crash.
#include <cstdint>
#include <limits>

#include "fuzz/target.hpp"
#include "support/choices.hpp"
#include "support/database.hpp"

namespace rejoin::fuzz {
namespace {

using test::Choices;
using test::Database;

struct ShadowTable {
  std::string name;
  std::vector<std::string> columns;
};

const std::vector<ShadowTable>& shadow_tables() {
  static const std::vector<std::string> clock = {"key", "col_name", "col_version", "db_version", "site_id", "seq"};
  static const std::vector<ShadowTable> tables = {
      {"t__crsql_clock", clock},
      {"u__crsql_clock", clock},
      {"t__crsql_pks", {"__crsql_key", "id"}},
      {"u__crsql_pks", {"__crsql_key", "x", "y"}},
      {"crsql_site_id", {"site_id", "ordinal"}},
      {"crsql_master", {"key", "value"}},
      {"crsql_tracked_peers", {"site_id", "version", "seq", "tag", "event"}},
      {"crsql_held__crsql_changes", {"table", "pk", "cid", "val", "col_version", "db_version", "site_id", "cl", "seq"}},
  };
  return tables;
}

std::string anything(Choices& choices) {
  static const std::vector<std::string> some = {"NULL",
                                                "0",
                                                "1",
                                                "2",
                                                "3",
                                                "-1",
                                                "4611686018427387903",
                                                "4611686018427387904",
                                                "9223372036854775807",
                                                "-9223372036854775808",
                                                "2147483647",
                                                "2147483648",
                                                "1.5",
                                                "9e999",
                                                "''",
                                                "'-1'",
                                                "'a'",
                                                "'b'",
                                                "'v'",
                                                "'id'",
                                                "'t'",
                                                "'u'",
                                                "x''",
                                                "x'01'",
                                                "x'010901'",
                                                "x'0109'",
                                                "x'0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b'",
                                                "zeroblob(17)",
                                                "'crsqlite_version'",
                                                "'pre_compact_dbversion'",
                                                "'config.unknown-schema'",
                                                "'config.merge-equal-values'",
                                                "'hold'",
                                                "CAST(x'ff00' AS TEXT)"};
  return choices.pick(some);
}

std::string damage(Choices& choices) {
  const ShadowTable& table = choices.pick(shadow_tables());
  const std::string name = test::quoted(table.name);
  const std::string column = test::quoted(choices.pick(table.columns));
  const std::string where = " WHERE " + test::quoted(choices.pick(table.columns)) + " IS " + anything(choices);
  switch (choices.below(12)) {
    case 0:
    case 1:
    case 2:
    case 3: {
      std::string values;
      for (std::size_t i = 0; i < table.columns.size(); ++i) values += (i == 0 ? "" : ", ") + anything(choices);
      return "INSERT OR REPLACE INTO " + name + " VALUES (" + values + ")";
    }
    case 4:
    case 5:
    case 6:
      return "UPDATE OR REPLACE " + name + " SET " + column + " = " + anything(choices) + where;
    case 7:
      return "UPDATE OR REPLACE " + name + " SET " + column + " = " + anything(choices);
    case 8:
      return "DELETE FROM " + name + where;
    case 9:
      return "DELETE FROM " + name;
    case 10: {
      static const std::vector<std::string> odd = {
          "DROP TABLE t__crsql_pks",
          "DROP TABLE t__crsql_clock",
          "DROP TABLE u__crsql_clock",
          "DROP TABLE crsql_master",
          "DROP TABLE crsql_site_id",
          "DROP TABLE crsql_tracked_peers",
          "DROP TABLE crsql_held__crsql_changes",
          "DROP TRIGGER t__crsql_utrig",
          "DROP TRIGGER u__crsql_itrig",
          "DROP INDEX t__crsql_pks_pks",
          "DROP INDEX t__crsql_clock_dbv_idx",
          "DROP TABLE t",
          "ALTER TABLE t__crsql_clock ADD COLUMN more",
          "ALTER TABLE t RENAME COLUMN a TO c",
          "ALTER TABLE t__crsql_pks RENAME COLUMN id TO other",
          "CREATE TRIGGER odd AFTER INSERT ON t__crsql_clock BEGIN DELETE FROM t__crsql_pks; END",
          "CREATE TABLE w (id INTEGER PRIMARY KEY NOT NULL, v)",
          "CREATE TRIGGER w__crsql_itrig AFTER INSERT ON w BEGIN SELECT 1; END",
          "DROP TABLE t__crsql_clock; CREATE TABLE t__crsql_clock (key, col_name, col_version, db_version, site_id, "
          "seq)",
          "DROP TABLE t__crsql_pks; CREATE TABLE t__crsql_pks (__crsql_key, id)"};
      return choices.pick(odd);
    }
    default:
      return "UPDATE t__crsql_clock SET col_name = " + anything(choices) + where;
  }
}

std::string use(Choices& choices) {
  static const std::string merge =
      R"(INSERT INTO crsql_changes ("table", pk, cid, val, col_version, db_version, site_id, cl, seq) VALUES ()";
  static const std::vector<std::string> uses = {
      "SELECT * FROM rejoin_check",
      "SELECT * FROM crsql_changes",
      "SELECT * FROM crsql_changes WHERE db_version > 1 AND site_id IS NOT crsql_site_id()",
      "SELECT crsql_db_version(), crsql_next_db_version(), hex(crsql_site_id())",
      "SELECT rejoin_digest()",
      "INSERT OR REPLACE INTO t VALUES (1, 'x', 2), (7, 'y', 3)",
      "UPDATE t SET a = a || 'z'",
      "UPDATE t SET id = id + 1 WHERE id > 2",
      "DELETE FROM t WHERE id < 3",
      "INSERT OR IGNORE INTO u VALUES (1, 'p', 1), (2, 'q', 2)",
      "DELETE FROM u",
      "SELECT crsql_as_crr('t'), crsql_as_crr('u')",
      "SELECT crsql_as_table('u')",
      "SELECT crsql_begin_alter('t'); ALTER TABLE t ADD COLUMN c DEFAULT 5; SELECT crsql_commit_alter('t')",
      "SELECT crsql_begin_alter('t'); ALTER TABLE t DROP COLUMN b; SELECT crsql_commit_alter('t')",
      "SELECT crsql_automigrate('CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, a, d); SELECT crsql_as_crr(''t'')')",
      "SELECT crsql_config_set('unknown-schema', 'hold')",
      "SELECT crsql_config_get('merge-equal-values')",
      "SELECT crsql_new_site_id()",
      "SELECT crsql_finalize()",
      "CREATE TABLE late (id INTEGER PRIMARY KEY NOT NULL, v); SELECT crsql_as_crr('late')",
      merge + "'t', x'010901', 'a', 'merged', 3, 9, x'0c', 1, 0)",
      merge + "'t', x'010902', '-1', NULL, 2, 9, x'0c', 2, 0)",
      merge + "'t', x'010905', 'b', 5, 1, 9, x'0c', 3, 1)",
      merge + "'u', x'0209010b0170', 'v', 5, 4, 9, x'0c', 1, 0)",
      merge + "'late', x'010901', 'v', 5, 4, 9, x'0c', 1, 0)",
      "SAVEPOINT s",
      "ROLLBACK TO s",
      "RELEASE s",
  };
  return choices.pick(uses);
}

Database sound() {
  Database db;
  db.exec(
      "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, a, b); CREATE TABLE u (x NOT NULL, y NOT NULL, v, "
      "PRIMARY KEY (x, y)) WITHOUT ROWID; SELECT crsql_as_crr('t'), crsql_as_crr('u');"
      "SELECT crsql_config_set('unknown-schema', 'hold'); INSERT INTO t VALUES (1, 'a', 1), (2, 'b', 2), (3, 'c', 3);"
      "INSERT INTO u VALUES (1, 'p', NULL); DELETE FROM t WHERE id = 2; UPDATE t SET a = 'd' WHERE id = 1;"
      R"(INSERT INTO crsql_changes ("table", pk, cid, val, col_version, db_version, site_id, cl, seq) VALUES )"
      "('t', x'010904', 'a', 'theirs', 2, 3, x'0b0b', 1, 0), ('late', x'010901', 'v', 1, 1, 3, x'0b0b', 1, 0);"
      "INSERT INTO crsql_tracked_peers VALUES (x'0b0b', 3, 0, 0, 0)");
  return db;
}

void run(std::span<const std::uint8_t> bytes) {
  Choices choices = Choices::from_bytes(&bytes);
  static const Database original = sound();
  Database db = Database::copy_of(original);
  for (int step = 0; step < 60 && !choices.exhausted(); ++step) {
    const std::string sql = choices.chance(50)    ? damage(choices)
                            : choices.chance(90)  ? use(choices)
                            : db.in_transaction() ? (choices.chance(70) ? "COMMIT" : "ROLLBACK")
                                                  : "BEGIN";
    const auto ignored = db.error_of(sql);
    if (choices.chance(2)) {
      if (db.in_transaction()) db.exec("ROLLBACK");
      try {
        db = Database::copy_of(db);
      } catch (const test::SqlError&) {  // refused, as it should be told
        return;
      }
    }
  }
  if (db.in_transaction() && db.error_of("COMMIT") && db.in_transaction()) db.exec("ROLLBACK");
  const auto faults = db.error_of("SELECT * FROM rejoin_check");
  const auto changes = db.error_of("SELECT * FROM crsql_changes");
  require(db.integer("SELECT crsql_internal_sync_bit()") == 0, "the sync bit is left on");
  require(db.text("PRAGMA integrity_check") != "", "no answer");
  require(db.close() == SQLITE_OK, "the connection does not close");
}

}  // namespace
}  // namespace rejoin::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return rejoin::fuzz::run_target([&] { rejoin::fuzz::run({data, size}); });
}

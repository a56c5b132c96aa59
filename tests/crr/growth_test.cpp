// What is done for a whole table takes work in proportion to its rows: counted in steps of SQLite's machine, not in
// time. An index that a comparison's affinity or collation rules out makes it the square.
#include <gtest/gtest.h>

#include "crr/fixture.hpp"

namespace rejoin::test {
namespace {

/// Counts the steps that a connection takes while this lives.
class Steps {
 public:
  explicit Steps(const Database& db) : db_(db) { sqlite3_progress_handler(db.handle(), 1, &Steps::one, &count_); }
  Steps(const Steps&) = delete;
  Steps& operator=(const Steps&) = delete;
  ~Steps() { sqlite3_progress_handler(db_.handle(), 0, nullptr, nullptr); }
  [[nodiscard]] std::int64_t count() const { return count_; }

 private:
  static int one(void* count) {
    ++*static_cast<std::int64_t*>(count);
    return 0;
  }
  const Database& db_;
  std::int64_t count_ = 0;
};

struct Work {
  const char* name;
  const char* sql;
};

void PrintTo(const Work& work, std::ostream* out) { *out << work.name; }

constexpr Work kWorks[] = {
    {"EmptyAlter", "SELECT crsql_begin_alter('t'); SELECT crsql_commit_alter('t')"},
    {"AddColumn",
     "SELECT crsql_begin_alter('t'); ALTER TABLE t ADD COLUMN x DEFAULT 3; UPDATE t SET x = 4 WHERE a = 7; SELECT "
     "crsql_commit_alter('t')"},
    {"RenameColumn",
     "SELECT crsql_begin_alter('t'); ALTER TABLE t RENAME COLUMN a TO x; SELECT crsql_commit_alter('t')"},
    {"DropColumn", "SELECT crsql_begin_alter('t'); ALTER TABLE t DROP COLUMN a; SELECT crsql_commit_alter('t')"},
    {"RenameTable", "SELECT crsql_begin_alter('t'); ALTER TABLE t RENAME TO u; SELECT crsql_commit_alter('u')"},
    {"RebuildWithAnotherKey",
     "SELECT crsql_begin_alter('t'); CREATE TABLE n (a PRIMARY KEY NOT NULL, b); INSERT INTO n SELECT a, b FROM t; "
     "DROP TABLE t; ALTER TABLE n RENAME TO t; SELECT crsql_commit_alter('t')"},
    {"BareAddColumn", "ALTER TABLE t ADD COLUMN x; UPDATE t SET x = 1"},
    {"AsTableAndBack", "SELECT crsql_as_table('t'); SELECT crsql_as_crr('t')"},
    {"UpdateAll", "UPDATE t SET a = a + 1"},
    {"DeleteAll", "DELETE FROM t"},
    {"DeleteAllAndInsertAgain",
     "CREATE TEMP TABLE c AS SELECT * FROM t; DELETE FROM t; INSERT INTO t SELECT * FROM temp.c"},
    {"ChangeAllKeys", "UPDATE t SET id = 'k' || id"},
    {"ReplaceAll", "REPLACE INTO t SELECT * FROM t WHERE true"},
    {"ReadChanges", "SELECT count(*) FROM crsql_changes"},
    {"Check", "SELECT count(*) FROM rejoin_check"},
    {"DropTable", "DROP TABLE t; SELECT crsql_db_version()"},
};

constexpr const char* kKeys[] = {"id INTEGER PRIMARY KEY NOT NULL", "id PRIMARY KEY NOT NULL",
                                 "id TEXT PRIMARY KEY NOT NULL COLLATE NOCASE", "id NUMERIC PRIMARY KEY NOT NULL"};

class Growth : public testing::TestWithParam<Work> {
 protected:
  /// A table of `rows` rows, of which every tenth is deleted.
  static void fill(const Database& db, const std::string& key, int rows) {
    db.exec("CREATE TABLE t (" + key + ", a, b); SELECT crsql_as_crr('t')");
    const std::string number = std::to_string(rows);
    db.exec("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " + number +
            ") INSERT INTO t SELECT i, i, 'b' FROM n");
    db.exec("DELETE FROM t WHERE a % 10 = 0");
  }
};

TEST_P(Growth, IsThatOfTheRows) {
  for (const std::string key : kKeys) {
    if (GetParam().name == std::string("ChangeAllKeys") && key.starts_with("id INTEGER")) continue;
    std::int64_t steps[2];
    for (const int rows : {500, 1000}) {
      const Database db;
      fill(db, key, rows);
      const Steps counted(db);
      db.exec(GetParam().sql);
      steps[rows / 1000] = counted.count();
    }
    EXPECT_LT(steps[1], steps[0] * 5 / 2) << key;
  }
}

INSTANTIATE_TEST_SUITE_P(Works, Growth, testing::ValuesIn(kWorks), [](const auto& work) { return work.param.name; });

void merge_all(const Database& db, const std::vector<Row>& changes) {
  Statement insert(db.handle(), "INSERT INTO crsql_changes VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
  for (const Row& change : changes) {
    for (std::size_t i = 0; i < change.size(); ++i) insert.bind(static_cast<int>(i) + 1, change[i]);
    insert.run();
  }
}

TEST_F(Growth, OfMergesIsThatOfTheChanges) {
  for (const std::string key : kKeys) {
    std::int64_t merged[2];
    std::int64_t again[2];
    std::int64_t held[2];
    for (const int rows : {500, 1000}) {
      const Database from;
      fill(from, key, rows);
      const std::vector<Row> changes = from.query("SELECT * FROM crsql_changes");
      const Database to;
      const std::string schema = "CREATE TABLE t (" + key + ", a, b); SELECT crsql_as_crr('t')";
      to.exec(schema);
      const Steps first(to);
      merge_all(to, changes);
      merged[rows / 1000] = first.count();
      merge_all(to, changes);
      again[rows / 1000] = first.count() - merged[rows / 1000];
      const Database holder;
      holder.exec("SELECT crsql_config_set('unknown-schema', 'hold')");
      const Steps of_holder(holder);
      merge_all(holder, changes);
      holder.exec(schema);
      EXPECT_EQ(holder.integer("SELECT count(*) FROM t"), rows - rows / 10);
      held[rows / 1000] = of_holder.count();
    }
    EXPECT_LT(merged[1], merged[0] * 5 / 2) << key;
    EXPECT_LT(again[1], again[0] * 5 / 2) << key;
    EXPECT_LT(held[1], held[0] * 5 / 2) << key;
  }
}

}  // namespace
}  // namespace rejoin::test

#include "concurrency/reader.hpp"

#include <chrono>
#include <fstream>
#include <map>
#include <thread>

#include "concurrency/statements.hpp"
#include "support/choices.hpp"
#include "support/snapshot.hpp"

namespace rejoin::concurrency_test {

namespace {

using test::Choices;
using test::Database;
using test::Row;
using test::Rows;
using test::Statement;
using test::Violation;

constexpr const char* kSelect =
    R"(SELECT "table", pk, cid, val, col_version, db_version, site_id, cl, seq FROM crsql_changes)";
constexpr std::size_t kVersionColumn = 5;
constexpr std::size_t kSeqColumn = 8;

void require(bool holds, const std::string& what) {
  if (!holds) throw Violation(what);
}

std::int64_t integer(const Row& row, std::size_t column) { return std::get<std::int64_t>(row[column]); }

std::string cell_of(const Row& row) { return test::literal({row[0], row[1], row[2]}); }

class Reader {
 public:
  Reader(const Worker& worker, const std::filesystem::path& directory)
      : file_(open_shared_file(directory)), choices_(Choices::seeded(worker.seed)) {
    for (const std::string& sql : schema()) follower_.exec(sql);
  }

  /// Takes in what is new. Either in one view of the file, in which what is said of its version must fit exactly, or
  /// with every statement in its own.
  void poll() {
    const bool one_view = choices_.chance(50);
    if (one_view) file_.exec("BEGIN");
    const std::int64_t before = version();
    const Rows news = file_.query(kSelect + (" WHERE db_version > " + std::to_string(cursor_)));
    // Read after the changes: a table that they name is there by now.
    const Rows tables = file_.query(
        "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name LIKE 'extra%' AND name NOT LIKE '%crsql%'");
    const std::int64_t after = version();
    if (one_view) file_.exec("COMMIT");
    const std::int64_t last = check_order(news);
    require(last >= before, "version " + std::to_string(before) + " has no changes");
    require(last <= after, "a change of version " + std::to_string(last) + " above " + std::to_string(after));
    require(!one_view || before == after, "the version moved inside of one view");
    take_in(news, tables);
    cursor_ = last;
  }

  /// Reads all there is up to the cursor: everything must have been seen when its version was read.
  void look_back() {
    const Rows rows = file_.query(kSelect + (" WHERE db_version <= " + std::to_string(cursor_)));
    for (const Row& row : rows) {
      const auto known = seen_.find(cell_of(row));
      require(known != seen_.end() && known->second == test::literal(row),
              "below cursor " + std::to_string(cursor_) + " there is now " + test::literal(row) + ", seen was " +
                  (known == seen_.end() ? "nothing" : known->second));
    }
  }

  void require_equal() {
    poll();
    look_back();
    require(follower_.text("SELECT rejoin_digest()") == file_.text("SELECT rejoin_digest()"),
            "who followed by cursor is not where the file is");
    require(follower_.integer("SELECT count(*) FROM rejoin_check") == 0, "the follower has a fault");
  }

  Choices& choices() { return choices_; }

 private:
  std::int64_t version() {
    const std::int64_t now = file_.integer("SELECT crsql_db_version()");
    require(now >= version_,
            "crsql_db_version() went down from " + std::to_string(version_) + " to " + std::to_string(now));
    version_ = now;
    return now;
  }

  /// The version up to which `news` goes.
  [[nodiscard]] std::int64_t check_order(const Rows& news) const {
    std::pair<std::int64_t, std::int64_t> last{cursor_, INT64_MAX};
    for (const Row& row : news) {
      const std::pair here{integer(row, kVersionColumn), integer(row, kSeqColumn)};
      require(here.first > cursor_, "a change at or below the cursor");
      require(here.first > last.first || (here.first == last.first && here.second >= last.second),
              "changes out of order at version " + std::to_string(here.first));
      last = here;
    }
    return last.first;
  }

  void take_in(const Rows& news, const Rows& tables) {
    follower_.exec("BEGIN");
    for (const Row& table : tables) {
      const std::string name = test::literal(table[0]);
      if (follower_.integer("SELECT count(*) FROM sqlite_master WHERE name = " + name) != 0) continue;
      follower_.exec(std::get<std::string>(table[1]));
      follower_.exec("SELECT crsql_as_crr(" + name + ")");
    }
    Statement insert(follower_.handle(),
                     R"(INSERT INTO crsql_changes ("table", pk, cid, val, col_version, db_version, site_id, cl, seq) )"
                     R"(VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?))");
    for (const Row& row : news) {
      for (std::size_t i = 0; i < row.size(); ++i) insert.bind(static_cast<int>(i) + 1, row[i]);
      insert.run();
      seen_[cell_of(row)] = test::literal(row);
    }
    follower_.exec("COMMIT");
  }

  Database file_;
  Database follower_;
  Choices choices_;
  std::map<std::string, std::string> seen_;  // each cell as it was last read
  std::int64_t cursor_ = 0;
  std::int64_t version_ = 0;
};

std::filesystem::path stop_file(const std::filesystem::path& directory) { return directory / "stop"; }

}  // namespace

void stop_readers(const std::filesystem::path& directory) { std::ofstream(stop_file(directory)) << "stop"; }

void follow(const Worker& worker, const std::filesystem::path& directory) {
  Reader reader(worker, directory);
  while (!std::filesystem::exists(stop_file(directory))) {
    reader.poll();
    if (reader.choices().chance(10)) reader.look_back();
    std::this_thread::sleep_for(std::chrono::microseconds(reader.choices().below(2000)));
  }
  reader.require_equal();
}

}  // namespace rejoin::concurrency_test

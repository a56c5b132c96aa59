#include "concurrency/workers.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <map>
#include <thread>

#include <rejoin/attach.hpp>

#include "concurrency/journal.hpp"
#include "concurrency/reader.hpp"
#include "concurrency/statements.hpp"
#include "support/choices.hpp"
#include "support/snapshot.hpp"

namespace rejoin::concurrency_test {

namespace {

using test::Choices;
using test::Database;
using test::SqlError;
using test::Violation;

std::string name_of(int worker) { return "w" + std::to_string(worker); }

// Gives the others a chance at a place where it could matter.
void pause(Choices& choices) {
  if (choices.chance(20)) std::this_thread::sleep_for(std::chrono::microseconds(choices.below(300)));
}

// SQLite's own busy_timeout soon waits a tenth of a second between two looks: too long for a test.
int wait_up_to(int tries, int most) {
  std::this_thread::sleep_for(std::chrono::microseconds(500));
  return tries < most ? 1 : 0;
}
int wait_long(void*, int tries) { return wait_up_to(tries, 40000); }
int wait_and_give_up(void*, int tries) { return wait_up_to(tries, 3); }

/// The changes of a replica, as the statements that merge them.
std::vector<std::string> merging(const Database& replica, std::int64_t since) {
  std::vector<std::string> statements;
  const std::string select =
      R"(SELECT "table", pk, cid, val, col_version, db_version, site_id, cl, seq FROM crsql_changes )"
      R"(WHERE "table" IN ('own', 'shared', 'pair') AND db_version > )";
  for (const test::Row& row : replica.query(select + std::to_string(since))) {
    std::string values;
    for (const Value& value : row) values += (values.empty() ? "" : ", ") + test::literal(value);
    statements.push_back(
        R"(INSERT INTO crsql_changes ("table", pk, cid, val, col_version, db_version, site_id, cl, seq) VALUES ()" +
        values + ")");
  }
  return statements;
}

class Committer {
 public:
  Committer(const Worker& worker, const std::filesystem::path& directory)
      : file_(open_shared_file(directory)),
        choices_(Choices::seeded(worker.seed)),
        journal_(directory, worker.number),
        name_(name_of(worker.number)) {
    sqlite3_busy_handler(file_.handle(), wait_and_give_up, nullptr);
  }

  [[nodiscard]] const Database& file() const { return file_; }
  Choices& choices() { return choices_; }

  /// A write that marks the transaction as this worker's next one.
  std::string counting() { return count_up(name_, count_ + 1); }
  [[nodiscard]] std::string mark() const { return name_ + ":" + std::to_string(count_ + 1); }

  /// Commits statements that count up, in a transaction of any kind, trying until it succeeds.
  void commit(std::vector<std::string> sql, bool merges = false) {
    // Asked for first, the version is given out before anything is written, and the log is written at the commit. A
    // merge may move it up later.
    const bool ask_first = !merges && choices_.chance(50);
    if (ask_first) sql.insert(sql.begin(), "SELECT crsql_next_db_version()");
    const std::string begin = choices_.chance(60) ? "BEGIN IMMEDIATE" : "BEGIN";
    const bool read_before = choices_.chance(50);
    repeat([&] {
      file_.exec(begin);
      if (read_before) file_.exec("SELECT count(*) FROM crsql_changes WHERE db_version = crsql_db_version()");
      Transaction transaction{true, false, 0, sql};
      for (const std::string& statement : sql) {
        const Value first = file_.value(statement);
        if (ask_first && transaction.version == 0) transaction.version = std::get<std::int64_t>(first);
        pause(choices_);
      }
      if (!ask_first) transaction.version = file_.integer("SELECT crsql_next_db_version()");
      journal_.attempt(transaction);
      finish();
      journal_.acknowledge(transaction.version);
    });
    ++count_;
  }

  /// Counts up in a statement that is its own transaction.
  void commit_alone() {
    const std::string sql = counting();
    repeat([&] {
      journal_.attempt({true, false, 0, {sql}});
      journal_.acknowledge(file_.integer(sql + " RETURNING crsql_next_db_version()"));
    });
    ++count_;
  }

  /// Commits merges alone: a version is used only where something wins.
  void commit_uncounted(const std::vector<std::string>& sql) {
    repeat([&] {
      file_.exec("BEGIN IMMEDIATE");
      for (const std::string& statement : sql) {
        file_.exec(statement);
        pause(choices_);
      }
      const bool won = file_.integer("SELECT crsql_rows_impacted()") > 0;
      const std::int64_t version = file_.integer("SELECT crsql_next_db_version()");
      if (won) journal_.attempt({false, false, version, sql});
      finish();
      if (won) journal_.acknowledge(version);
    });
  }

  // As an application does it: whoever finds the file busy, or its own view of it outdated, begins again.
  template <typename Body>
  void repeat(Body&& body) {
    constexpr int kTries = 100000;
    for (int i = 0; i < kTries; ++i) {
      try {
        body();
        return;
      } catch (const SqlError& error) {
        if (file_.in_transaction()) file_.exec("ROLLBACK");
        if (error.code() != SQLITE_BUSY) throw;
      }
      std::this_thread::sleep_for(std::chrono::microseconds(choices_.below(500)));
    }
    throw Violation(name_ + " never got its turn");
  }

 private:
  // With a rollback journal readers can be in the way of a commit, which is then tried again as it is.
  void finish() {
    for (auto error = file_.error_of("COMMIT"); error; error = file_.error_of("COMMIT")) {
      if (error->code() != SQLITE_BUSY || !file_.in_transaction()) throw SqlError(*error);
      std::this_thread::sleep_for(std::chrono::microseconds(choices_.below(500)));
    }
  }

  Database file_;
  Choices choices_;
  Journal journal_;
  std::string name_;
  int count_ = 0;
};

void write_locally(const Worker& worker, const std::filesystem::path& directory) {
  Committer committer(worker, directory);
  for (int i = 0; i < worker.transactions; ++i) {
    if (committer.choices().chance(15)) {
      committer.commit_alone();
      continue;
    }
    std::vector<std::string> sql = some_writes(committer.mark(), committer.choices());
    sql.insert(committer.choices().chance(50) ? sql.begin() : sql.end(), committer.counting());
    committer.commit(std::move(sql));
  }
}

void merge_into_file(const Worker& worker, const std::filesystem::path& directory) {
  Committer committer(worker, directory);
  Database replica;
  for (const std::string& sql : schema()) replica.exec(sql);
  const std::string name = "replica-" + std::to_string(worker.number);
  Choices& choices = committer.choices();
  std::int64_t sent = 0;
  std::int64_t taken = 0;
  for (int i = 0; i < worker.transactions; ++i) {
    for (std::uint64_t left = choices.below(3) + 1; left > 0; --left) {
      replica.exec("BEGIN");
      for (const std::string& sql : some_writes(name + ":" + std::to_string(i), choices)) replica.exec(sql);
      replica.exec("COMMIT");
    }
    const std::int64_t until = replica.integer("SELECT crsql_db_version()");
    std::vector<std::string> sql = merging(replica, choices.chance(10) ? 0 : sent);
    if (choices.chance(30)) choices.shuffle(sql);
    sent = until;
    if (choices.chance(50)) {
      committer.commit_uncounted(sql);
    } else {
      sql.insert(sql.begin() + static_cast<std::ptrdiff_t>(choices.index(sql.size() + 1)), committer.counting());
      committer.commit(std::move(sql), true);
    }
    if (choices.chance(40)) {
      std::int64_t now = 0;
      std::vector<std::string> news;
      committer.repeat([&] {
        now = committer.file().integer("SELECT crsql_db_version()");
        news = merging(committer.file(), taken);
      });
      replica.exec("BEGIN");
      for (const std::string& statement : news) replica.exec(statement);
      replica.exec("COMMIT");
      taken = now;
    }
  }
}

void make_tables(const Worker& worker, const std::filesystem::path& directory) {
  Committer committer(worker, directory);
  for (int i = 0; i < worker.transactions; ++i) {
    const std::string table = "extra_" + std::to_string(worker.number) + "_" + std::to_string(i);
    committer.commit({"CREATE TABLE " + table + " (id INTEGER PRIMARY KEY NOT NULL, v)",
                      "INSERT INTO " + table + " VALUES (1, 'before'), (2, 'before')", committer.counting(),
                      "SELECT crsql_as_crr('" + table + "')", "UPDATE " + table + " SET v = 'after' WHERE id = 2",
                      "INSERT INTO " + table + " VALUES (3, 'after')"});
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    committer.commit({"DELETE FROM " + table + " WHERE id = 1", committer.counting()});
  }
}

std::vector<std::string> content(const Database& db) {
  std::vector<std::string> lines = db.lines(
      "SELECT \"table\", pk, cid, val, col_version, db_version, site_id, cl, seq FROM crsql_changes ORDER BY 1, 2, 3");
  for (const char* table : {"own", "shared", "pair"}) {
    for (const std::string& line : db.lines(std::string("SELECT * FROM ") + table + " ORDER BY 1, 2")) {
      lines.push_back(table + (": " + line));
    }
  }
  return lines;
}

void require(bool holds, const std::string& what) {
  if (!holds) throw Violation(what);
}

/// The committed transactions of a worker; a version that it could not learn is what the clock of its count says.
std::vector<Transaction> committed(const Database& file, const std::filesystem::path& directory, const Worker& worker,
                                   bool killed) {
  const std::string name = name_of(worker.number);
  std::vector<Transaction> transactions = Journal::read(directory, worker.number);
  const Value stored = file.value("SELECT n FROM own WHERE id = '" + name + "'");
  const std::int64_t count = std::holds_alternative<std::int64_t>(stored) ? std::get<std::int64_t>(stored) : 0;
  const std::int64_t version =
      count == 0 ? 0
                 : file.integer(
                       "SELECT db_version FROM crsql_changes WHERE \"table\" = 'own' AND cid = 'n' AND pk = "
                       "crsql_pack_columns('" +
                       name + "')");
  std::int64_t known = 0;
  for (const Transaction& transaction : transactions) known += transaction.acknowledged && transaction.counted ? 1 : 0;
  if (!transactions.empty() && !transactions.back().acknowledged) {
    require(killed, name + " ended in the middle of a transaction");
    if (count == known + 1) {
      transactions.back().version = version;
      ++known;
    } else {
      transactions.pop_back();
    }
  }
  require(count == known, name + " committed " + std::to_string(known) + " transactions, of which the file knows " +
                              std::to_string(count));
  const auto last = std::find_if(transactions.rbegin(), transactions.rend(), [](const auto& t) { return t.counted; });
  if (last == transactions.rend()) return transactions;
  // A merge that follows the count may have moved the transaction on to a higher version.
  require(last->version == version || (worker.role == Role::kMerger && last->version > version),
          name + " was told version " + std::to_string(last->version) + ", stored is " + std::to_string(version));
  return transactions;
}

}  // namespace

std::uint64_t first_seed() {
  const char* given = std::getenv("REJOIN_CONCURRENCY_SEED");
  return given == nullptr ? 1 : std::strtoull(given, nullptr, 10);
}

void make_shared_file(const std::filesystem::path& directory, const std::string& journal_mode) {
  {
    Database file((directory / "shared.db").string());
    file.exec("PRAGMA journal_mode = " + journal_mode);
    for (const std::string& sql : schema()) file.exec(sql);
  }
  std::filesystem::copy_file(directory / "shared.db", directory / "start.db");
}

Database open_shared_file(const std::filesystem::path& directory) {
  Database file((directory / "shared.db").string(), test::Engine::kAbsent);
  sqlite3_busy_handler(file.handle(), wait_long, nullptr);
  // What a killed process has written stays with the system; only a power failure would need more.
  file.exec("PRAGMA synchronous = OFF");
  if (const Status status = attach(file.handle()); !status.ok()) throw Violation(status.message());
  return file;
}

void work(const Worker& worker, const std::filesystem::path& directory) {
  switch (worker.role) {
    case Role::kWriter:
      return write_locally(worker, directory);
    case Role::kMerger:
      return merge_into_file(worker, directory);
    case Role::kMaker:
      return make_tables(worker, directory);
    case Role::kReader:
      return follow(worker, directory);
  }
}

void require_serial(const std::filesystem::path& directory, const std::vector<Worker>& workers,
                    const std::vector<int>& killed) {
  const Database file = open_shared_file(directory);
  require(file.integer("SELECT count(*) FROM rejoin_check") == 0, "rejoin_check finds a fault");
  require(file.text("PRAGMA integrity_check") == "ok", "the file is corrupt");
  std::map<std::int64_t, Transaction> by_version;
  for (const Worker& worker : workers) {
    const bool was_killed = std::find(killed.begin(), killed.end(), worker.number) != killed.end();
    for (Transaction& transaction : committed(file, directory, worker, was_killed)) {
      const std::int64_t version = transaction.version;
      require(by_version.emplace(version, std::move(transaction)).second,
              "two transactions have version " + std::to_string(version));
    }
  }
  const Database serial((directory / "start.db").string());
  for (const auto& [version, transaction] : by_version) {
    serial.exec("BEGIN");
    for (const std::string& sql : transaction.sql) serial.exec(sql);
    serial.exec("COMMIT");
  }
  const std::vector<std::string> expected = content(serial);
  const std::vector<std::string> found = content(file);
  const auto [left, right] = std::mismatch(expected.begin(), expected.end(), found.begin(), found.end());
  require(left == expected.end() && right == found.end(),
          "one after the other the transactions leave " + (left == expected.end() ? "nothing" : *left) +
              ", at the same time they left " + (right == found.end() ? "nothing" : *right));
  require(serial.text("SELECT rejoin_digest()") == file.text("SELECT rejoin_digest()"), "the digests differ");
}

}  // namespace rejoin::concurrency_test

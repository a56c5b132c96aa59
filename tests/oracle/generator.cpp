#include "oracle/generator.hpp"

#include <string>
#include <vector>

#include "oracle/schema.hpp"

namespace rejoin::oracle {

using test::Choices;

namespace {

const std::vector<std::string> kDatabases = {"a", "b"};

// Conditions that crsql_changes answers by index, and others.
const std::vector<std::string> kConditions = {"db_version > 2",
                                              "db_version >= 3",
                                              "db_version < 4",
                                              "db_version <= 2",
                                              "db_version = 2",
                                              "db_version BETWEEN 2 AND 4",
                                              "db_version IN (1, 3)",
                                              "db_version > 2 AND site_id IS NOT {site a}",
                                              "site_id = {site b}",
                                              "site_id IS NOT x'11'",
                                              "site_id <> x'11'",
                                              "site_id IS NULL",
                                              "\"table\" = 't0'",
                                              "cid = '-1'",
                                              "cl = 1",
                                              "cl > 1 AND db_version > 1",
                                              "seq >= 0",
                                              "val IS NULL",
                                              "col_version > 1",
                                              "db_version > 1 OR cl = 1",
                                              "db_version > NULL",
                                              "db_version > 1.5",
                                              "db_version > '2'",
                                              "pk > x'0109'"};

class Generator {
 public:
  explicit Generator(std::uint64_t seed) : choices_(Choices::seeded(seed)) {}

  Script make() {
    set_up();
    for (std::size_t left = 15 + choices_.index(45); left > 0; --left) step();
    for (const std::string& db : kDatabases) {
      db_ = db;
      if (in_transaction()) end();
    }
    if (choices_.chance(50)) {
      copy("a", "b");
      copy("b", "a");
    }
    return std::move(script_);
  }

 private:
  // What the generator believes of a database. Where it errs (a statement that ended the transaction) both engines err
  // alike.
  struct Transaction {
    bool open = false;
    bool by_savepoint = false;     ///< opened by SAVEPOINT: releasing the first one commits
    std::vector<bool> savepoints;  ///< whether something was merged since each
    bool must_end = false;         ///< what is written from here on would have another version in the reference
  };

  void run(const std::string& sql) { script_.push_back(run_step(db_, sql)); }

  Transaction& transaction() { return transactions_[db_ == "a" ? 0 : 1]; }
  bool in_transaction() { return transaction().open; }

  void set_up() {
    for (std::size_t i = 0; i < 1 + choices_.index(2); ++i) {
      tables_.push_back(random_table(random_table_name(i, choices_), choices_));
    }
    const bool recursive = choices_.chance(25);
    for (const std::string& db : kDatabases) {
      db_ = db;
      if (recursive) run("PRAGMA recursive_triggers = ON;");
      for (const Table& table : tables_) {
        run(table.create);
        if (db == "a" && choices_.chance(20)) run(random_write(table, choices_));  // rows to backfill
        run("SELECT crsql_as_crr(" + string_literal(table.name) + ");");
      }
    }
    if (choices_.chance(25)) application_trigger();
  }

  void application_trigger() {
    Table& table = tables_[choices_.index(tables_.size())];
    if (table.cells.empty()) return;
    table.keeps_columns = true;
    const std::string name = identifier(table.name);
    const std::string key = identifier(table.keys[0].name);
    std::string body = "INSERT INTO log VALUES (new." + key + ");";
    std::string when;
    if (choices_.chance(50)) {
      // Not on merges: there the reference lets the merged value win in some lives, the trigger in others (rule
      // later-life-trigger).
      when = "WHEN crsql_internal_sync_bit() = 0 ";
      const std::string cell = identifier(table.cells.back().name);
      body += " UPDATE " + name + " SET " + cell + " = " + own_value(table.cells.back().kind, choices_) + " WHERE " +
              key + " = new." + key + ";";
    }
    const std::string sql = "CREATE TRIGGER app AFTER INSERT ON " + name + " " + when + "BEGIN " + body + " END;";
    for (const std::string& db : kDatabases) {
      db_ = db;
      run("CREATE TABLE log (what);");
      run(sql);
    }
  }

  // Both databases run the same alter, as peers do.
  void alter() {
    if (transactions_[0].open || transactions_[1].open) return;
    const std::string sql = random_alter(tables_[choices_.index(tables_.size())], choices_);
    for (const std::string& db : kDatabases) {
      db_ = db;
      run(sql);
      run("ROLLBACK;");  // where a step of it failed
    }
  }

  // Another CRR in the middle of it all.
  void another_table() {
    if (transactions_[0].open || transactions_[1].open || tables_.size() > 3) return;
    tables_.push_back(random_table(random_table_name(tables_.size(), choices_), choices_));
    for (const std::string& db : kDatabases) {
      db_ = db;
      run(tables_.back().create);
      run("SELECT crsql_as_crr(" + string_literal(tables_.back().name) + ");");
    }
  }

  void check() {
    Step step = run_step(db_, "");
    step.kind = Step::Kind::kCheck;
    script_.push_back(step);
  }

  void step() {
    db_ = choices_.chance(70) ? "a" : "b";
    if (transaction().must_end) return end();
    const std::uint64_t what = choices_.below(100);
    if (what < 45) {
      run(random_write(choices_.pick(tables_), choices_));
    } else if (what < 62) {
      merge();
    } else if (what < 75) {
      bounds();
    } else if (what < 82) {
      copy(db_ == "a" ? "b" : "a", db_);
    } else if (what < 85) {
      alter();
    } else if (what < 86) {
      another_table();
    } else if (what < 89 && in_transaction()) {
      check();
    } else if (what < 93) {
      read_changes();
    } else {
      ask();
    }
  }

  void open_transaction() {
    Transaction& now = transaction();
    now = Transaction{};
    now.open = true;
    now.by_savepoint = choices_.chance(20);
    if (now.by_savepoint) now.savepoints.push_back(false);
    run(now.by_savepoint ? "SAVEPOINT s0;" : choices_.chance(50) ? "BEGIN;" : "BEGIN IMMEDIATE;");
  }

  void bounds() {
    Transaction& now = transaction();
    if (!now.open) return open_transaction();
    if (now.savepoints.size() < 3 && choices_.chance(45)) {
      run("SAVEPOINT s" + std::to_string(now.savepoints.size()) + ";");
      now.savepoints.push_back(false);
    } else if (!now.savepoints.empty() && choices_.chance(60)) {
      leave_savepoint(choices_.index(now.savepoints.size()));
    } else {
      end();
    }
  }

  void leave_savepoint(std::size_t at) {
    Transaction& now = transaction();
    bool merged = false;
    for (std::size_t i = at; i < now.savepoints.size(); ++i) merged = merged || now.savepoints[i];
    if (choices_.chance(50)) {
      run("ROLLBACK TO s" + std::to_string(at) + ";");
      now.savepoints.resize(at + 1);
      now.savepoints[at] = false;
      now.must_end = merged;
      return;
    }
    run("RELEASE s" + std::to_string(at) + ";");
    now.savepoints.resize(at);
    if (at > 0) now.savepoints.back() = now.savepoints.back() || merged;
    if (at == 0 && now.by_savepoint) now = Transaction{};
  }

  void end() {
    transaction() = Transaction{};
    const bool commit = choices_.chance(70);
    run(commit ? "COMMIT;" : "ROLLBACK;");
  }

  void merge() {
    std::string sql = "INSERT INTO crsql_changes VALUES ";
    for (std::size_t left = choices_.chance(75) ? 1 : 2 + choices_.index(3); left > 0; --left) {
      const MadeChange made = random_change(choices_.pick(tables_), choices_);
      // In a transaction the reference leaves half of a failed merge behind (rule partial-merge).
      if (made.may_fail && in_transaction()) continue;
      sql += (sql.ends_with(")") ? ", (" : "(") + made.values + ")";
    }
    if (!sql.ends_with(")")) return;
    run(sql + ";");
    Transaction& now = transaction();
    if (!now.savepoints.empty()) now.savepoints.back() = true;
  }

  void copy(const std::string& from, const std::string& to) {
    // A sender in a transaction may yet take back what it sends; a receiver's savepoint, see must_end.
    if (transactions_[from == "a" ? 0 : 1].open || !transactions_[to == "a" ? 0 : 1].savepoints.empty()) return;
    Step step;
    step.kind = Step::Kind::kCopy;
    step.from = from;
    step.db = to;
    if (choices_.chance(60)) {
      step.seed = 1 + choices_.below(1000000);
      step.percent = choices_.chance(50) ? 100 : 60;
    }
    script_.push_back(step);
  }

  void read_changes() {
    Step step =
        run_step(db_, "SELECT \"table\", pk, cid, val, col_version, db_version, site_id, cl FROM crsql_changes WHERE " +
                          choices_.pick(kConditions) + ";");
    if (choices_.chance(30)) step.sql = "SELECT count(*), max(db_version), min(cl) FROM crsql_changes;";
    step.unordered = true;
    script_.push_back(step);
  }

  void ask() {
    switch (choices_.below(5)) {
      case 0:
        return run("SELECT crsql_db_version();");
      case 1:
        run(random_write(choices_.pick(tables_), choices_));
        return run("SELECT changes();");
      case 2:
        if (in_transaction()) run("SELECT crsql_rows_impacted();");
        return;
      case 3:
        return run("SELECT hex(crsql_pack_columns(" + any_value(choices_) + ", " + any_value(choices_) + "));");
      default: {
        const Table& table = choices_.pick(tables_);
        Step step = run_step(db_, "SELECT * FROM " + identifier(table.name) + ";");
        step.unordered = true;
        script_.push_back(step);
      }
    }
  }

  Choices choices_;
  std::vector<Table> tables_;
  Script script_;
  std::string db_ = "a";
  Transaction transactions_[2];
};

}  // namespace

Script random_script(std::uint64_t seed) { return Generator(seed).make(); }

}  // namespace rejoin::oracle

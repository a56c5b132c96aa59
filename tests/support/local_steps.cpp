#include "support/local_steps.hpp"

#include "support/cr_sqlite_key_rule.hpp"
#include "support/writes.hpp"

namespace rejoin::test {

namespace {

/// What an application may be told: a constraint, a wrong type. Anything else is the engine's failure.
bool is_expected(const SqlError& error, const Write& write) {
  if (error.code() == SQLITE_CONSTRAINT || error.code() == SQLITE_MISMATCH) return true;
  return write.sql.find("NULL") != std::string::npos && std::string(error.what()).find("NULL") != std::string::npos;
}

/// One transaction of local writes at one site.
class LocalTransaction {
 public:
  LocalTransaction(World& world, Site& site, Choices& choices) : world_(world), site_(site), choices_(choices) {}

  void single_statement() {
    const Snapshot before = look();
    const Write write = make();
    const bool several = !write.key_changes.empty() && (write.key_changes.size() > 1 || !world_.strict());
    if (several) sql("BEGIN");
    const bool failed = !run(write);
    if (several && site_.db().in_transaction()) sql("COMMIT");
    if (!world_.strict()) return;
    const Snapshot after = look();
    if (failed && !several && write.sql.find("OR FAIL") == std::string::npos) {
      require_same(before, after, "a failed statement");
    }
    require_captured(before, after, site_.id());
    if (write.writes_once) require_dense(after, before.version + 1);
  }

  void several_statements() {
    const Snapshot before = look();
    world_.tally.transactions += 1;
    sql(choices_.chance(70) ? "BEGIN" : choices_.chance(50) ? "BEGIN IMMEDIATE" : "SAVEPOINT whole");
    for (std::size_t left = 1 + choices_.index(6); left > 0 && site_.db().in_transaction(); --left) {
      step_inside(before);
    }
    const bool rolled_back = finish();
    if (!world_.strict()) return;
    const Snapshot after = look();
    if (rolled_back) {
      require_same(before, after, "a rollback");
    } else if (!merged_) {
      require_captured(before, after, site_.id());
    }
  }

 private:
  struct Savepoint {
    std::string name;
    bool looked = false;
    Snapshot snapshot;
  };

  Snapshot look() { return world_.strict() ? take_snapshot(site_, site_.shapes()) : Snapshot(); }

  void sql(const std::string& text) {
    world_.note(site_, text);
    site_.db().exec(text);
  }

  Write make() { return WriteMaker(choices_.pick(site_.shapes()), choices_).any(); }

  // False: it failed, as statements may.
  bool run(const Write& write) {
    world_.tally.writes += 1;
    world_.note(site_, write.sql);
    try {
      if (!world_.strict() && !write.key_changes.empty()) {
        change_keys_as_cr_sqlite(site_, write);
      } else {
        site_.db().exec(write.sql);
      }
      return true;
    } catch (const SqlError& error) {
      world_.note(site_, std::string("  fails: ") + error.what());
      world_.tally.failed_writes += 1;
      if (!is_expected(error, write)) throw;
      return false;
    }
  }

  void step_inside(const Snapshot& before) {
    const std::uint64_t dice = choices_.below(100);
    if (dice < 12) {
      push_savepoint();
    } else if (dice < 22) {
      roll_back_to_savepoint();
    } else if (dice < 27) {
      release_savepoint();
    } else if (dice < 35) {
      read_inside(before);
    } else if (dice < 41) {
      merge_inside();
    } else {
      run(make());
    }
  }

  void push_savepoint() {
    Savepoint point{.name = "s" + std::to_string(savepoints_.size()), .looked = choices_.chance(40), .snapshot = {}};
    if (point.looked) point.snapshot = look();
    sql("SAVEPOINT " + point.name);
    savepoints_.push_back(std::move(point));
  }

  void roll_back_to_savepoint() {
    if (savepoints_.empty()) return;
    savepoints_.resize(1 + choices_.index(savepoints_.size()));
    const Savepoint& point = savepoints_.back();
    sql("ROLLBACK TO " + point.name);
    if (point.looked && world_.strict()) require_same(point.snapshot, look(), "ROLLBACK TO " + point.name);
  }

  void release_savepoint() {
    if (savepoints_.empty()) return;
    const std::size_t depth = choices_.index(savepoints_.size());
    sql("RELEASE " + savepoints_[depth].name);
    savepoints_.resize(depth);
  }

  void read_inside(const Snapshot& before) {
    world_.note(site_, "reads crsql_changes");
    if (!world_.strict()) return;
    require_sound(site_, site_.shapes());
    if (!merged_ && site_.version() != before.version) throw Violation("crsql_db_version() moved before the commit");
  }

  // Changes of another site in the midst of local writes.
  void merge_inside() {
    Site& other = *choices_.pick(world_.sites);
    if (&other == &site_ || !world_.strict()) return;
    merged_ = true;
    world_.note(site_, "merges some of " + other.name() + " inside");
    for (Change& change : carry(other.changes(), any_faults(choices_), choices_)) {
      if (world_.masked) change.site_id = other.id();
      site_.merge(change);
    }
  }

  // True: rolled back.
  bool finish() {
    if (!site_.db().in_transaction()) return true;  // OR ROLLBACK did it
    if (choices_.chance(20)) {
      world_.tally.rollbacks += 1;
      sql("ROLLBACK");
      return true;
    }
    sql("COMMIT");
    return false;
  }

  World& world_;
  Site& site_;
  Choices& choices_;
  std::vector<Savepoint> savepoints_;
  bool merged_ = false;
};

}  // namespace

void local_step(World& world, Site& site, Choices& choices) {
  if (site.in_file() && choices.chance(30)) {
    const bool again = choices.chance(40);
    world.note(site, again ? "closes and opens again" : "goes on with its other connection");
    again ? site.reopen() : site.change_connection();
  }
  LocalTransaction transaction(world, site, choices);
  if (choices.chance(60)) {
    transaction.single_statement();
  } else {
    transaction.several_statements();
  }
  if (!world.strict()) return;
  choices.chance(25) ? require_sound(site, site.shapes()) : require_no_fault(site);
}

}  // namespace rejoin::test

#include "oracle/player.hpp"

#include <algorithm>
#include <stdexcept>

#include "oracle/known.hpp"
#include "oracle/snapshot.hpp"
#include "oracle/text.hpp"
#include "support/choices.hpp"

namespace rejoin::oracle {

namespace {

constexpr const char* kNews =
    "SELECT \"table\", pk, cid, val, col_version, db_version, site_id, cl, seq FROM crsql_changes "
    "WHERE site_id IS NOT ?";
constexpr const char* kMerge =
    "INSERT INTO crsql_changes (\"table\", pk, cid, val, col_version, db_version, site_id, cl, seq) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";

constexpr const char* kImpact = "SELECT crsql_rows_impacted();";

bool is_merge(const std::string& sql) { return sql.find("INTO crsql_changes") != std::string::npos; }

void sort_rows(Rows& rows) { std::sort(rows.begin(), rows.end()); }

// Who wrote a cell that is left from an earlier life is answered differently (rule remnant-writer), so a WHERE about
// sites may show it or not. Whether it is there is seen when the states are compared.
void erase_remnants(Rows& rows) {
  std::erase_if(rows, [](const Row& row) {
    return row.size() >= 8 && row[2] != Value(std::string("-1")) && row[4] == Value(std::int64_t{0});
  });
}

// An answer in the form of `.reference` and `.rejoin`.
std::string brief(const Answer& answer) {
  if (answer.trapped) return "trap";
  if (answer.failure) return "error: " + answer.failure->message;
  std::string text;
  if (answer.results.empty()) return text;
  for (const Row& row : answer.results.back()) text += (text.empty() ? "" : ";") + show(row);
  return text;
}

bool matches(const std::string& expected, const Answer& answer) {
  const std::string seen = brief(answer);
  if (expected == "error") return answer.failure.has_value();
  if (expected.starts_with("error: ")) {
    return answer.failure && answer.failure->message.find(expected.substr(7)) != std::string::npos;
  }
  return seen == expected;
}

std::int64_t impact(Engine& engine, const std::string& db) {
  return std::get<std::int64_t>(engine.rows(db, "SELECT crsql_rows_impacted()").at(0).at(0));
}

}  // namespace

void Player::start_again() {
  for (const std::string db : {"a", "b", "c", "d"}) {
    reference_.close(db);
    ours_.close(db);
  }
  reference_sites_.clear();
  our_sites_.clear();
  merged_into_.clear();
  impact_unknown_.clear();
  blind_ = false;
}

void Player::need(const std::string& db) {
  if (our_sites_.knows(db)) return;
  reference_.open(db);
  ours_.open(db);
  reference_sites_.learn(reference_, db);
  our_sites_.learn(ours_, db);
}

std::optional<Difference> Player::play(const Script& script) {
  ++counts_.scripts;
  start_again();
  for (const Step& step : script) {
    if (step.kind != Step::Kind::kBlind && step.kind != Step::Kind::kFresh) need(step.db);
  }
  for (std::size_t i = 0; i < script.size(); ++i) {
    const Step& step = script[i];
    ++counts_.steps;
    std::string what;
    if (step.kind == Step::Kind::kFresh) {
      start_again();
    } else if (step.kind == Step::Kind::kBlind) {
      blind_ = true;
    } else {
      need(step.db);
      what = step.kind == Step::Kind::kCopy    ? copy(step)
             : step.kind == Step::Kind::kCheck ? compare_state(step.db, false)
                                               : run(step);
    }
    if (!what.empty()) return Difference{i, what};
  }
  return std::nullopt;
}

Player::Both Player::run_both(const std::string& db, const std::string& sql) {
  Both both;
  both.reference = reference_.run(db, reference_sites_.spell(sql));
  both.ours = ours_.run(db, our_sites_.spell(sql));
  for (Rows& rows : both.reference.results) reference_sites_.mask(rows);
  for (Rows& rows : both.ours.results) our_sites_.mask(rows);
  return both;
}

std::string Player::run(const Step& step) {
  const bool merged = is_merge(step.sql);
  if (merged) merged_into_.insert(step.db);
  if (step.sql == kImpact && step.rule.empty() && impact_unknown_.contains(step.db)) return {};
  Both both = run_both(step.db, step.sql);
  if (both.ours.failure && both.reference.failure) ++counts_.errors;
  if (both.ours.failure || step.sql.find("ROLLBACK") != std::string::npos) impact_unknown_.insert(step.db);
  if (!step.rule.empty()) {
    std::string what = known(step, both);
    if (both.reference.trapped) start_again();  // the reference's databases are gone
    if (!what.empty() || both.reference.trapped || blind_) return what;
    return both.ours.autocommit == both.reference.autocommit ? after(step.db) : "";
  }
  const bool failed = both.ours.failure.has_value();
  std::string what = compare_answers(step, std::move(both));
  if (!what.empty()) return what;
  if (failed && merged) what = sync_bit(step.db);
  return what.empty() ? after(step.db) : what;
}

std::string Player::known(const Step& step, const Both& both) {
  const auto& list = known_differences();
  const auto found = std::find_if(list.begin(), list.end(), [&](const auto& known) { return known.rule == step.rule; });
  if (found == list.end()) return "no such known difference: " + step.rule;
  std::string what;
  if (!matches(step.reference, both.reference)) what += "reference now says: " + brief(both.reference) + "\n";
  if (!matches(step.rejoin, both.ours)) what += "rejoin now says: " + brief(both.ours) + "\n";
  return what;
}

std::string Player::compare_answers(const Step& step, Both both) {
  if (both.reference.trapped) return "the reference trapped; rejoin: " + brief(both.ours);
  if (both.reference.failure.has_value() != both.ours.failure.has_value()) {
    return "reference: " + brief(both.reference) + "\nrejoin:    " + brief(both.ours);
  }
  // What the application's own constraints say must have SQLite's own code.
  if (both.ours.failure && both.reference.failure->code == 19 && both.ours.failure->code != 19) {
    return "reference: constraint, rejoin: " + brief(both.ours);
  }
  if (both.reference.autocommit != both.ours.autocommit) {
    return std::string("after it the reference is ") + (both.reference.autocommit ? "not " : "") +
           "in a transaction, rejoin the other way round";
  }
  if (both.reference.results.size() != both.ours.results.size()) return "one ran more statements than the other";
  for (std::size_t i = 0; i < both.ours.results.size(); ++i) {
    Rows& left = both.reference.results[i];
    Rows& right = both.ours.results[i];
    if (step.sql.find("site_id") != std::string::npos && step.sql.find("FROM crsql_changes") != std::string::npos) {
      erase_remnants(left);
      erase_remnants(right);
    }
    if (step.unordered) {
      sort_rows(left);
      sort_rows(right);
    }
    if (show(left) != show(right)) return "reference:\n" + show(left) + "rejoin:\n" + show(right);
  }
  return {};
}

// The receiver gets the tables that it lacks.
void Player::give_schema(const std::string& from, const std::string& to) {
  const char* tables =
      "SELECT m.name, m.sql, (SELECT count(*) FROM sqlite_master WHERE name = m.name || '__crsql_clock') "
      "FROM sqlite_master AS m WHERE m.type = 'table' AND m.name NOT LIKE '%crsql\\_%' ESCAPE '\\' "
      "AND m.name NOT LIKE 'sqlite%'";
  std::set<std::string> there;
  for (const Row& row : reference_.rows(to, "SELECT name FROM sqlite_master")) there.insert(show(row[0]));
  for (const Row& row : reference_.rows(from, tables)) {
    if (there.contains(show(row[0]))) continue;
    run_both(to, std::get<std::string>(row[1]));
    if (show(row[2]) == "0") continue;
    for (Engine* engine : {&reference_, &ours_}) engine->run(to, "SELECT crsql_as_crr(?)", {row[0]});
  }
}

std::string Player::copy(const Step& step) {
  need(step.from);
  const bool own_transaction = ours_.run(step.db, "SELECT 1").autocommit;
  if (own_transaction) give_schema(step.from, step.db);
  merged_into_.insert(step.db);
  Rows changes = reference_.rows(step.from, kNews, {reference_sites_.of(step.db)});
  reference_sites_.mask(changes);
  if (step.seed != 0) {
    test::Choices choices = test::Choices::seeded(step.seed);
    std::erase_if(changes, [&](const Row&) { return !choices.chance(step.percent); });
    choices.shuffle(changes);
  }
  if (!own_transaction) {
    // The reference does not see a CRR that is made in this transaction (rule stale-columns).
    const Rows known = reference_.rows(step.db, "SELECT name FROM sqlite_master");
    std::erase_if(changes, [&](const Row& row) {
      return std::none_of(known.begin(), known.end(), [&](const Row& name) { return name[0] == row[0]; });
    });
  }
  if (own_transaction) run_both(step.db, "BEGIN");
  const std::int64_t reference_before = impact(reference_, step.db);
  const std::int64_t before = impact(ours_, step.db);
  std::string what = copy_changes(step, changes);
  const std::int64_t reference_impact = impact(reference_, step.db) - reference_before;
  if (const std::int64_t ours = impact(ours_, step.db) - before; what.empty() && reference_impact != ours) {
    what = "crsql_rows_impacted: reference " + std::to_string(reference_impact) + ", rejoin " + std::to_string(ours);
  }
  if (own_transaction) run_both(step.db, "COMMIT");
  return what.empty() ? after(step.db) : what;
}

std::string Player::copy_changes(const Step& step, const Rows& changes) {
  for (const Row& change : changes) {
    ++counts_.merged;
    Row theirs = change;
    Row mine = change;
    theirs[6] = reference_sites_.unmask(change[6]);
    mine[6] = our_sites_.unmask(change[6]);
    const Answer reference = reference_.run(step.db, kMerge, theirs);
    const Answer ours = ours_.run(step.db, kMerge, mine);
    if (reference.trapped) return "the reference trapped at " + show(change);
    if (reference.failure.has_value() != ours.failure.has_value()) {
      return "merging " + show(change) + "\nreference: " + brief(reference) + "\nrejoin:    " + brief(ours);
    }
    if (reference.failure) {
      ++counts_.errors;
      if (std::string what = sync_bit(step.db); !what.empty()) return what;
    }
  }
  return {};
}

// A failed merge leaves the reference's sync bit at 1, so that it stops recording (rule sync-bit). Ours must be 0.
std::string Player::sync_bit(const std::string& db) {
  reference_.run(db, "SELECT crsql_internal_sync_bit(0)");
  const std::string bit = brief(ours_.run(db, "SELECT crsql_internal_sync_bit()"));
  return bit == "0" ? "" : "the sync bit is " + bit + " after a failed merge";
}

std::string Player::after(const std::string& db) {
  if (blind_) return {};
  const bool autocommit = ours_.run(db, "SELECT 1").autocommit;
  return autocommit ? compare_state(db, autocommit) : std::string();
}

std::string Player::compare_state(const std::string& db, bool autocommit) {
  ++counts_.snapshots;
  const Snapshot reference = take_snapshot(reference_, reference_sites_, db);
  const Snapshot ours = take_snapshot(ours_, our_sites_, db);
  Allowances allowed;
  allowed.key_numbers = merged_into_.contains(db);
  allowed.phantom_version = true;
  std::string what = compare(reference, ours, allowed, db);
  if (what.empty() && autocommit && reference.version != ours.version) what = level(db, reference.version + 1);
  return what;
}

// Brings both databases to the same version after the reference has counted one under which it stored nothing (rule
// phantom-version): a change with a high version is merged into both.
std::string Player::level(const std::string& db, std::int64_t version) {
  merged_into_.insert(db);
  const std::string number = std::to_string(++bump_);
  const Both made = run_both(db,
                             "CREATE TABLE IF NOT EXISTS bump (id INTEGER PRIMARY KEY NOT NULL, n);"
                             "SELECT crsql_as_crr('bump');");
  const Both both = run_both(db, "INSERT INTO crsql_changes VALUES ('bump', x'010901', 'n', " + number + ", " + number +
                                     ", " + std::to_string(version) + ", x'b0', 1, 0)");
  for (const Answer* answer : {&made.reference, &made.ours, &both.reference, &both.ours}) {
    if (answer->failure) return "levelling: " + brief(*answer);
  }
  return compare_state(db, false);
}

}  // namespace rejoin::oracle

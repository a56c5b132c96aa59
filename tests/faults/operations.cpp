#include "faults/operations.hpp"

#include <rejoin/attach.hpp>
#include <rejoin/replica.hpp>

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <span>

#include "faults/batches.hpp"

namespace rejoin::test {

namespace {

constexpr const char* kBase =
    "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, a, b TEXT DEFAULT 'd');"
    "CREATE TABLE u (k TEXT NOT NULL, n INTEGER NOT NULL, v REAL, PRIMARY KEY (k, n)) WITHOUT ROWID;"
    "CREATE TABLE p (id TEXT PRIMARY KEY NOT NULL, x, y);"
    "SELECT crsql_as_crr('t'); SELECT crsql_as_crr('u');"
    "INSERT INTO t VALUES (1, 'one', 'eins'), (2, 'two', 'zwei'), (3, 'three', 'drei');"
    "INSERT INTO u VALUES ('k', 1, 1.5), ('k', 2, 2.5);"
    "INSERT INTO p VALUES ('a', 1, 2), ('b', 3, 4), ('c', NULL, 'text');"
    "DELETE FROM t WHERE id = 3; UPDATE t SET a = 'zwo' WHERE id = 2;";

constexpr const char* kPlain = "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, a, b); INSERT INTO t VALUES (1, 2, 3)";

std::string base_and(const char* more) { return std::string(kBase) + more; }

constexpr const char* kHold = "SELECT crsql_config_set('unknown-schema', 'hold');";

const std::string& held() {
  static const std::string sql = std::string(kHold) + kMergeUnknown;
  return sql;
}

// --- calls of the public headers ---

Outcome attach_it(sqlite3* db) { return {attach(db).ok() ? 0 : 1, 0}; }

Outcome digest_it(sqlite3* db) {
  const Result<Replica> replica = Replica::on(db);
  if (!replica.ok()) return {1, 0};
  const Result<Digest> digest = replica->digest();
  return digest.ok() ? Outcome{0, digest->high ^ digest->low} : Outcome{1, 0};
}

Outcome visit_it(sqlite3* db) {
  const Result<Replica> replica = Replica::on(db);
  if (!replica.ok()) return {1, 0};
  std::uint64_t seen = 0;
  const Status status = replica->visit_changes(0, peer_site(), [&](const Change& change) {
    seen = seen * 31 + change.pk.size() + static_cast<std::uint64_t>(change.db_version * 7 + change.seq);
    return Status();
  });
  return status.ok() ? Outcome{0, seen} : Outcome{1, 0};
}

Outcome ask_it(sqlite3* db) {
  const Result<Replica> replica = Replica::on(db);
  if (!replica.ok()) return {1, 0};
  const auto version = replica->db_version();
  const auto tables = replica->tables();
  const auto summaries = replica->summaries();
  const auto count = replica->count_changes(1, {});
  const auto site = replica->site_id();
  const auto held = replica->held_changes();
  if (!version.ok() || !tables.ok() || !summaries.ok() || !count.ok() || !site.ok() || !held.ok()) return {1, 0};
  std::uint64_t rows = 0;
  for (const TableSummary& summary : *summaries)
    rows = rows * 100 + static_cast<std::uint64_t>(summary.rows * 10 + summary.tombstones);
  return {0, rows + static_cast<std::uint64_t>(*version * 7 + *count) + tables->size() + site->size()};
}

Outcome set_cursor_it(sqlite3* db) {
  Result<Replica> replica = Replica::on(db);
  if (!replica.ok() || !replica->set_cursor(peer_site(), 12).ok()) return {1, 0};
  const auto cursor = replica->cursor(peer_site());
  return cursor.ok() ? Outcome{0, static_cast<std::uint64_t>(*cursor)} : Outcome{1, 0};
}

Outcome merge_changes(sqlite3* db) {
  Result<Replica> replica = Replica::on(db);
  if (!replica.ok()) return {1, 0};
  std::uint64_t won = 0;
  for (const Change& change : batch()) {
    const auto outcome = replica->merge(change, 1);
    if (!outcome.ok()) return {1, 0};
    won = won * 4 + (outcome->won ? 1 : 0) + (outcome->conflict ? 2 : 0);
  }
  return {0, won};
}

Outcome merge_in_transaction(sqlite3* db) {
  if (const int code = sqlite3_exec(db, "BEGIN", nullptr, nullptr, nullptr); code != SQLITE_OK) return {code, 0};
  Outcome outcome = merge_changes(db);
  if (outcome.code == 0) outcome.code = sqlite3_exec(db, "COMMIT", nullptr, nullptr, nullptr);
  return outcome;
}

template <std::size_t Index>
Outcome merge_one(sqlite3* db) {
  Result<Replica> replica = Replica::on(db);
  return {replica.ok() && replica->merge(batch()[Index]).ok() ? 0 : 1, 0};
}

Outcome merge_batch(sqlite3* db) {
  Result<Replica> replica = Replica::on(db);
  return {replica.ok() && replica->merge(std::span<const Change>(batch())).ok() ? 0 : 1, 0};
}

Step sql(const char* text) { return {text, nullptr}; }
Step call(Outcome (*function)(sqlite3*)) { return {nullptr, function}; }

}  // namespace

const std::vector<Operation>& operations() {
  static const std::vector<Operation> all = [] {
    std::vector<Operation> list;
    const auto add = [&](std::string name, std::string before, std::vector<Step> steps) -> Operation& {
      return list.emplace_back(Operation{std::move(name), std::move(before), std::move(steps)});
    };
    const char* const probe_p = "INSERT INTO p (id, x) VALUES ('z', 1)";
    Operation& attach = add("Attach", kPlain, {call(attach_it)});
    attach.attached = false;
    attach.new_site = true;
    attach.probe = "SELECT crsql_as_crr('t'); UPDATE t SET a = 7";
    add("AsCrr", kBase, {sql("SELECT crsql_as_crr('p')")}).probe = probe_p;
    add("AsCrrInTransaction", kBase,
        {sql("BEGIN; INSERT INTO p VALUES ('d', 0, 0); SELECT crsql_as_crr('p'); UPDATE p SET x = 9; COMMIT")})
        .probe = probe_p;
    add("AsTable", kBase, {sql("SELECT crsql_as_table('t')")}).probe = "INSERT INTO u VALUES ('z', 1, 2)";
    add("LocalInsert", kBase, {sql("INSERT INTO t VALUES (10, 'ten', 'zehn')")});
    add("LocalWrites", kBase,
        {sql("INSERT INTO t (id, a) VALUES (11, 'x'), (12, 'y'), (3, 'again')"),
         sql("UPDATE t SET a = a || '!', b = NULL"), sql("UPDATE u SET n = n + 10"), sql("DELETE FROM t WHERE id < 3"),
         sql("INSERT OR REPLACE INTO u VALUES ('k', 11, 0.5)"),
         sql("INSERT INTO t VALUES (11, 'up', 'sert') ON CONFLICT (id) DO UPDATE SET a = excluded.a"),
         sql("INSERT OR IGNORE INTO t VALUES (11, 0, 0), (13, 0, 0)")});
    add("LocalTransaction", kBase, {sql(kLocalTransaction)});
    add("LocalTransactionOfManyRows", kBase, {sql(kManyRows)});
    add("LocalTransactionOnAddedColumn", base_and("ALTER TABLE t ADD COLUMN c DEFAULT 5"),
        {sql("BEGIN; UPDATE t SET c = 6 WHERE id = 1; INSERT INTO t VALUES (20, 1, 2, 3); COMMIT")})
        .probe = "INSERT INTO t VALUES (70, 1, 2, 3)";
    add("MergeTransaction", kBase, {sql(kMergeTransaction)});
    add("MergeStatements", kBase, merge_steps());
    add("MergeEqualValues", base_and("SELECT crsql_config_set('merge-equal-values', 1)"), {sql(kMergeTransaction)});
    add("MergeSelect", base_and(kMakeStaging), {sql(kMergeStaged)});
    add("MergeSelectInTransaction", base_and(kMakeStaging), {sql(kMergeStagedTogether)});
    add("MergeHeld", base_and(kHold), {sql(kMergeUnknown)});
    add("ReleaseByAlter", base_and(held().c_str()), {sql(kAddColumn)}).probe = "INSERT INTO t VALUES (70, 1, 2, 3)";
    add("ReleaseByAsCrr", base_and(held().c_str()),
        {sql("CREATE TABLE later (id INTEGER PRIMARY KEY NOT NULL, v)"), sql("SELECT crsql_as_crr('later')")});
    add("AlterAdd", kBase, {sql(kAddColumn)}).probe = "INSERT INTO t VALUES (70, 1, 2, 3)";
    add("AlterRename", kBase, {sql(kRenameColumn)});
    add("AlterRebuild", kBase, {sql(kRebuild)});
    add("AlterLeftToCommit", kBase, {sql(kLeftToCommit)}).probe = "INSERT INTO t VALUES (70, 1, 2, 3)";
    add("Automigrate", kBase, {sql(kAutomigrate)}).probe = "INSERT INTO t (id, e) VALUES (70, 1)";
    add("NewSiteId", kBase, {sql("SELECT length(crsql_new_site_id())")}).new_site = true;
    add("ConfigSet", kBase, {sql("SELECT crsql_config_set('unknown-schema', 'hold')")});
    add("Clset", kBase,
        {sql("CREATE VIRTUAL TABLE c_schema USING clset(id INTEGER PRIMARY KEY NOT NULL, v)"),
         sql("INSERT INTO c VALUES (1, 2)"), sql("DROP TABLE c_schema")});
    add("OrderedList", base_and(kMakeList), {sql("SELECT crsql_fract_as_ordered('l', 'ord', 'list')"), sql(kUseList)});
    add("ReadChanges", base_and(kMergeTransaction),
        {sql("SELECT * FROM crsql_changes"),
         sql("SELECT * FROM crsql_changes WHERE db_version > 1 AND site_id IS NOT crsql_site_id() ORDER BY seq DESC"),
         sql("SELECT crsql_db_version(), length(crsql_site_id()), crsql_config_get('merge-equal-values')"),
         sql("SELECT hex(cell) FROM crsql_unpack_columns WHERE package = crsql_pack_columns(1, 'two', 3.0, x'04')")});
    add("Digest", kBase, {call(digest_it)});
    add("VisitChanges", base_and(kMergeTransaction), {call(visit_it)});
    add("Ask", base_and(kMergeTransaction), {call(ask_it)});
    add("SetCursor", kBase, {call(set_cursor_it)});
    add("CallMergeInTransaction", kBase, {call(merge_in_transaction)});
    add("CallMerge", kBase,
        {call(merge_one<0>), call(merge_one<1>), call(merge_one<2>), call(merge_one<3>), call(merge_one<4>),
         call(merge_one<5>), call(merge_one<6>), call(merge_one<7>)});
    add("CallMergeBatch", kBase, {call(merge_batch)});
    return list;
  }();
  return all;
}

std::vector<std::size_t> operation_numbers() {
  std::vector<std::size_t> numbers(operations().size());
  std::iota(numbers.begin(), numbers.end(), std::size_t{0});
  return numbers;
}

Points points_among(long count, long most) {
  const char* wanted = std::getenv("REJOIN_FAULT_POINTS");
  const char* seed = std::getenv("REJOIN_FAULT_SEED");
#if defined(__SANITIZE_ADDRESS__)
  most /= 3;
#endif
  if (wanted != nullptr) most = std::atol(wanted);
  if (most <= 0 || count <= most) return {};
  const long stride = (count + most - 1) / most;
  return {1 + (seed == nullptr ? 0 : std::atol(seed)) % stride, stride};
}

bool opens_transaction(const Step& step) {
  if (step.sql == nullptr) return step.call == merge_in_transaction;
  const std::string_view sql = step.sql;
  return sql.starts_with("BEGIN") || sql.find("crsql_begin_alter") != std::string_view::npos;
}

// --- running them ---

Outcome run(sqlite3* db, const Step& step) {
  if (step.call != nullptr) return step.call(db);
  Outcome outcome;
  const auto add_row = [](void* sum, int count, char** values, char**) {
    auto& rows = *static_cast<std::uint64_t*>(sum);
    for (int i = 0; i < count; ++i) {
      for (const char* c = values[i] == nullptr ? "" : values[i]; *c != 0; ++c)
        rows = (rows ^ static_cast<unsigned char>(*c)) * 1099511628211U;
      rows = rows * 31 + 1;
    }
    return 0;
  };
  outcome.code = sqlite3_exec(db, step.sql, add_row, &outcome.rows, nullptr);
  if (outcome.code != SQLITE_OK) outcome.rows = 0;
  return outcome;
}

std::vector<std::string> content(const Database& db, const Operation& operation) {
  std::vector<std::string> all =
      db.lines("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name, tbl_name");
  for (const Row& row : db.query("SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%' "
                                 "ORDER BY 1")) {
    const std::string& name = std::get<std::string>(row[0]);
    all.push_back(name);
    const bool masked = operation.new_site && name == "crsql_site_id";
    const std::string columns = masked ? "ordinal, CASE ordinal WHEN 0 THEN length(site_id) ELSE site_id END" : "*";
    for (std::string& line : db.lines("SELECT " + columns + " FROM " + quoted(name))) all.push_back(std::move(line));
  }
  return all;
}

Database origin_of(const Operation& operation) {
  Database origin(":memory:", operation.attached ? Engine::kAttached : Engine::kAbsent);
  origin.exec(operation.before);
  Database plain(":memory:", Engine::kAbsent);
  sqlite3_backup* backup = sqlite3_backup_init(plain.handle(), "main", origin.handle(), "main");
  sqlite3_backup_step(backup, -1);
  sqlite3_backup_finish(backup);
  return plain;
}

std::vector<std::string> probe(const Database& db, const Operation& operation) {
  db.exec(operation.probe);
  std::vector<std::string> lines = db.lines(
      "SELECT \"table\", pk, cid, val, col_version, db_version, cl, seq, site_id = crsql_site_id() FROM crsql_changes");
  lines.push_back(db.lines("SELECT crsql_db_version(), crsql_rows_impacted(), crsql_internal_sync_bit()")[0]);
  return lines;
}

Expected::Expected(const Operation& operation, const Database& origin) {
  const Database db = operation.attached ? Database::copy_of(origin) : origin_of(operation);
  states.push_back(content(db, operation));
  for (const Step& step : operation.steps) {
    outcomes.push_back(run(db.handle(), step));
    if (outcomes.back().code != 0)
      throw SqlError(outcomes.back().code, operation.name + ": " + sqlite3_errmsg(db.handle()));
    states.push_back(content(db, operation));
  }
  probed = probe(db, operation);
}

namespace {

std::string difference(const std::vector<std::string>& wanted, const std::vector<std::string>& found) {
  std::string out;
  for (const std::string& line : wanted) {
    if (std::find(found.begin(), found.end(), line) == found.end()) out += "\n  missing: " + line;
  }
  for (const std::string& line : found) {
    if (std::find(wanted.begin(), wanted.end(), line) == wanted.end()) out += "\n  too much: " + line;
  }
  return out.empty() ? "\n  the order" : out;
}

}  // namespace

std::string complaint(const Database& db, const Operation& operation, const Expected& expected, std::size_t step) {
  std::size_t next = step;
  const std::vector<std::string> found = content(db, operation);
  if (found != expected.states[step]) {
    const bool over = step < operation.steps.size() && found == expected.states[step + 1];
    if (!over) return "neither as before nor as after; before it:" + difference(expected.states[step], found);
    if (operation.attached) ++next;  // attaching is for the connection, too
  }
  for (; next < operation.steps.size(); ++next) {
    const Outcome outcome = run(db.handle(), operation.steps[next]);
    const std::string at = ": step " + std::to_string(next) + ", after a failure of step " + std::to_string(step);
    if (outcome.code != 0) return std::string("does not work again: ") + sqlite3_errmsg(db.handle()) + at;
    if (outcome != expected.outcomes[next]) return "gives other rows" + at;
    if (const auto now = content(db, operation); now != expected.states[next + 1])
      return "comes to another end" + at + difference(expected.states[next + 1], now);
  }
  const std::vector<std::string> probed = probe(db, operation);
  return probed == expected.probed ? "" : "later writes:" + difference(expected.probed, probed);
}

}  // namespace rejoin::test

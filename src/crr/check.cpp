#include "crr/check.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "crr/check_rows.hpp"
#include "crr/format.hpp"
#include "sqlite/error.hpp"
#include "sqlite/sql_text.hpp"

namespace rejoin::internal {

namespace {

constexpr const char* kChecking = "checking the shadow tables";
constexpr std::string_view kMaster = "crsql_master";
constexpr std::string_view kSites = "crsql_site_id";
constexpr std::string_view kPeers = "crsql_tracked_peers";

struct TriggerRule {
  std::string_view suffix;
  std::string_view calls;
};
constexpr TriggerRule kTriggers[] = {{kInsertTriggerSuffix, "crsql_after_insert"},
                                     {kUpdateTriggerSuffix, kUpdateTriggerFunction},
                                     {kDeleteTriggerSuffix, "crsql_after_delete"}};

using Names = std::vector<std::string>;

/// The names of the columns, those of `more` too.
Names names_of(const std::vector<Column>& columns, const std::vector<Column>& more = {}) {
  Names names;
  for (const Column& column : columns) names.push_back(column.name);
  for (const Column& column : more) names.push_back(column.name);
  return names;
}

/// The same names in any order; none is twice in `a`.
bool same_names(const Names& a, const Names& b) {
  const auto in_b = [&](const std::string& name) { return std::find(b.begin(), b.end(), name) != b.end(); };
  return a.size() == b.size() && std::all_of(a.begin(), a.end(), in_b);
}

class Checker {
 public:
  Checker(Engine& engine, std::vector<Fault>& faults) : engine_(engine), faults_(faults) {}

  Status run() {
    REJOIN_TRY(read_schema());
    const std::vector<std::string> crrs = engine_.catalogue().names();
    const bool none = find("table", kMaster) == nullptr && find("table", kSites) == nullptr && crrs.empty();
    if (none) return {};  // read-only, and no replica yet
    REJOIN_TRY(check_engine_tables());
    find_highest_version();
    for (const std::string& name : crrs) REJOIN_TRY(tolerate(name, check_crr(name)));
    for (const std::string& name : engine_.catalogue().orphans()) REJOIN_TRY(check_orphan(name));
    check_names_of_triggers();
    return tolerate(kHeldTable, check_held());
  }

 private:
  /// An entry of sqlite_master.
  struct Entry {
    std::string type;
    std::string table;
    std::string sql;
  };

  void add(std::string_view table, std::string text) { faults_.push_back({std::string(table), {}, std::move(text)}); }

  /// A damaged page, or a schema that nobody thought of, is what was to be found; a lock or a lack of memory is not.
  Status tolerate(std::string_view table, Status status) {
    if (status.code() != ErrorCode::kCorrupt && (status.sqlite_code() & 0xff) != SQLITE_ERROR) return status;
    add(table, compose("it cannot be read: %s", {status.message()}));
    return {};
  }

  /// The entries of our kind, by name.
  Status read_schema() {
    Lease lease;
    REJOIN_TRY(engine_.statements().lend_once(
        "SELECT name, type, tbl_name, sql FROM main.sqlite_master WHERE instr(name, 'crsql_')", lease));
    Status status;
    while (lease.step(status, kChecking)) {
      Entry& entry = schema_[std::string(lease.text(0))];
      entry.type = lease.text(1);
      entry.table = lease.text(2);
      entry.sql = lease.text(3);
    }
    return status;
  }

  /// Null where there is none of this type and name.
  const Entry* find(std::string_view type, std::string_view name) const {
    const auto found = schema_.find(name);
    return found == schema_.end() || found->second.type != type ? nullptr : &found->second;
  }

  /// `right`: an index of this name is on exactly these columns of the table, in any order.
  Status check_index(std::string_view reported, std::string_view table, std::string_view name, std::string_view create,
                     const Names& columns, bool& right) {
    const Entry* entry = find("index", name);
    right = entry != nullptr && entry->table == table && entry->sql.starts_with(create);
    if (right) {
      Lease lease;
      REJOIN_TRY(engine_.statements().lend_once(compose("PRAGMA main.index_info(%n)", {name}), lease));
      Names found;
      Status status;
      while (lease.step(status, kChecking)) found.emplace_back(lease.text(2));
      REJOIN_TRY(std::move(status));
      right = same_names(columns, found);
    }
    if (!right) add(reported, compose("its index %n is missing, or not the engine's", {name}));
    return {};
  }

  // --- the tables that are there once ---

  Status check_engine_tables() {
    for (const std::string_view name : {kMaster, kSites, kPeers}) {
      if (find("table", name) == nullptr) add(name, "the table is missing");
    }
    if (find("table", kSites) != nullptr) REJOIN_TRY(tolerate(kSites, check_sites()));
    return find("table", kMaster) == nullptr ? Status() : tolerate(kMaster, check_master());
  }

  Status check_sites() {
    bool unique = false;
    REJOIN_TRY(check_index(kSites, kSites, "crsql_site_id_site_id", "CREATE UNIQUE INDEX", {"site_id"}, unique));
    Lease lease;
    REJOIN_TRY(engine_.statements().lend_once("SELECT ordinal, site_id FROM main.crsql_site_id ORDER BY 1", lease));
    std::set<std::int64_t>& ordinals = bounds_.sites.emplace();
    std::set<std::string> ids;
    Status status;
    while (lease.step(status, kChecking)) {
      const std::int64_t ordinal = lease.integer(0);
      const ValueView id = ValueView::of_column(lease.get(), 1);
      ordinals.insert(ordinal);
      if (id.type != SQLITE_BLOB || id.bytes.size == 0 || id.bytes.size > kSiteIdSize) {
        add(kSites, compose("the site id of ordinal %s is not a blob of 1 to 16 bytes", {ordinal}));
      } else if (!ids.emplace(reinterpret_cast<const char*>(id.bytes.data), id.bytes.size).second) {
        add(kSites, compose("the site id of ordinal %s has another ordinal too", {ordinal}));
      } else if (ordinal == kOwnOrdinal && id.bytes.size != kSiteIdSize) {
        add(kSites, "this database's own site id (ordinal 0) has not 16 bytes");
      }
    }
    if (!ordinals.contains(kOwnOrdinal)) add(kSites, "this database has no site id (ordinal 0)");
    return status;
  }

  Status check_master() {
    Lease lease;
    REJOIN_TRY(engine_.statements().lend_once("SELECT value FROM main.crsql_master WHERE key = ?1", lease));
    lease.bind(1, kPreCompactKey);
    Status status;
    while (lease.step(status, kChecking)) {
      const ValueView value = ValueView::of_column(lease.get(), 0);
      if (value.type != SQLITE_INTEGER || value.integer < 0 || value.integer >= kVersionLimit)
        add(kMaster, compose("%s is not a version", {kPreCompactKey}));
    }
    return status;
  }

  /// As in crsql_db_version(), or stored by this transaction. Where that cannot be read, the reason is a fault already.
  void find_highest_version() {
    std::int64_t committed = kVersionLimit;
    static_cast<void>(engine_.clock().committed_version(committed));
    bounds_.highest_version = std::max(committed, engine_.clock().counters().stored_version);
  }

  // --- CRRs ---

  Status check_crr(const std::string& name) {
    check_triggers(name);
    Status status;
    const auto table = engine_.catalogue().find(name, status);
    REJOIN_TRY(std::move(status));
    bool keyed = false;
    const std::string clock = table->shadow(kClockSuffix);
    const std::string keys = table->shadow(kKeysSuffix);
    bool readable = false;
    REJOIN_TRY(check_clock_table(name, clock, readable, keyed));
    if (readable) REJOIN_TRY(check_key_table(*table, keys, readable));
    if (!readable) return {};
    bool by_version = false;
    bool unique = false;
    REJOIN_TRY(check_index(name, clock, clock + "_dbv_idx", "CREATE INDEX", {"db_version"}, by_version));
    REJOIN_TRY(check_index(name, keys, keys + "_pks", "CREATE UNIQUE INDEX", names_of(table->keys), unique));
    return RowCheck(engine_, *table, bounds_, faults_).run(keyed, unique);
  }

  void check_triggers(const std::string& table) {
    for (const TriggerRule& rule : kTriggers) {
      const std::string name = compose("%s%s", {table, rule.suffix});
      const Entry* entry = find("trigger", name);
      if (entry != nullptr && entry->table == table && entry->sql.find(rule.calls) != std::string::npos) continue;
      add(table, compose("its trigger %n is missing, or not the engine's", {name}));
    }
  }

  /// `readable`: it has the engine's columns. `keyed`: its primary key is the engine's too.
  Status check_clock_table(const std::string& table, const std::string& name, bool& readable, bool& keyed) {
    const Names wanted = {"key", "col_name", "col_version", "db_version", "site_id", "seq"};
    Table found;
    bool there = false;
    REJOIN_TRY(engine_.catalogue().look_for(name, found, there));
    readable = same_names(names_of(found.keys, found.cells), wanted);
    keyed = readable && found.keys.size() == 2 && found.keys[0].name == "key" && found.keys[1].name == "col_name";
    if (!keyed) add_shape(table, name, there);
    return {};
  }

  Status check_key_table(const Table& table, const std::string& name, bool& right) {
    Table found;
    bool there = false;
    REJOIN_TRY(engine_.catalogue().look_for(name, found, there));
    right = found.keys.size() == 1 && found.keys[0].name == "__crsql_key" &&
            same_names(names_of(found.cells), names_of(table.keys));
    if (!right) add_shape(table.name, name, there);
    return {};
  }

  void add_shape(const std::string& table, const std::string& name, bool there) {
    add(table, compose("its table %n %s", {name, there ? "has not the engine's columns and key" : "is missing"}));
  }

  /// A table that has shadow tables, but not the trigger by which a CRR is known. What was dropped by plain SQL leaves
  /// its shadow tables behind, and of those only the version counts.
  Status check_orphan(const std::string& name) {
    Table table;
    if (find("trigger", compose("%s%s", {name, kAlterTriggerSuffix})) != nullptr) return {};
    bool there = false;
    REJOIN_TRY(engine_.catalogue().look_for(name, table, there));
    if (there) check_triggers(table.name);
    return {};
  }

  void check_names_of_triggers() {
    for (const auto& [name, entry] : schema_) {
      if (entry.type != "trigger") continue;
      if (name.ends_with(kAlterTriggerSuffix) && !engine_.alterer().begun())
        add(entry.table, compose("it was left in the middle of an alter: its trigger %n is there", {name}));
      // An ALTER TABLE … RENAME by itself takes the triggers along, but not their names, by which a CRR is known.
      for (const TriggerRule& rule : kTriggers) {
        if (!name.ends_with(rule.suffix) || name == compose("%s%s", {entry.table, rule.suffix})) continue;
        add(entry.table, compose("its trigger %n is another table's by its name", {name}));
      }
    }
  }

  Status check_held() {
    return engine_.held().visit_ready([this](const IncomingChange& change) {
      faults_.push_back({std::string(change.table), Blob(change.pk.data, change.pk.data + change.pk.size),
                         compose("a change of %n is held, though the table has it", {change.column})});
    });
  }

  Engine& engine_;
  std::vector<Fault>& faults_;
  std::map<std::string, Entry, std::less<>> schema_;
  CheckBounds bounds_;
};

}  // namespace

Status find_faults(Engine& engine, std::vector<Fault>& faults) {
  // A statement that is not stepped to its end: all others see the same state of the file.
  Lease snapshot;
  REJOIN_TRY(engine.statements().lend_once("SELECT 1 FROM main.sqlite_master", snapshot));
  Status status;
  snapshot.step(status, kChecking);
  REJOIN_TRY(std::move(status));
  REJOIN_TRY(engine.enter_to_read());
  return Checker(engine, faults).run();
}

}  // namespace rejoin::internal

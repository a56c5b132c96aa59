#include "crr/catalogue.hpp"

#include <algorithm>

#include "crr/format.hpp"
#include "sqlite/error.hpp"
#include "sqlite/owned_statement.hpp"
#include "sqlite/query.hpp"
#include "sqlite/sql_scanner.hpp"
#include "sqlite/sql_text.hpp"

namespace rejoin::internal {

namespace {

constexpr const char* kReadingSchema = "reading the schema";

Status not_eligible(const Table& table, std::string_view reason) {
  return failure(ErrorCode::kNotEligible, "table %n cannot become a CRR: %s", {table.name, reason});
}

/// A PRAGMA about a table or an index.
Query pragma(sqlite3* db, const char* name, std::string_view of) {
  return {db, compose("PRAGMA main.%s(%n)", {name, of}), kReadingSchema};
}

// SQLite takes definitions that it can never read, for example of generated columns that need each other.
Status check_readable(sqlite3* db, const Table& table) {
  const std::string sql = compose("SELECT * FROM main.%n", {table.name});
  OwnedStatement statement;
  const int code = statement.prepare(db, sql.data(), static_cast<int>(sql.size()));
  if (code == SQLITE_ERROR) return not_eligible(table, compose("SQLite cannot read it: %s", {sqlite3_errmsg(db)}));
  return code == SQLITE_OK ? Status() : sqlite_error(db, code, kReadingSchema);
}

}  // namespace

int Table::cell_index(std::string_view column, std::size_t guess) const {
  if (guess < cells.size() && cells[guess].name == column) return static_cast<int>(guess);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (cells[i].name == column) return static_cast<int>(i);
  }
  return -1;
}

Status Catalogue::refresh(bool may_vanish) {
  Lease lease;
  REJOIN_TRY(statements_.lend(0, kSchemaVersion, "PRAGMA main.schema_version", lease));
  Status status;
  if (!lease.step(status, kReadingSchema)) return status;
  const std::int64_t version = lease.integer(0);
  if (known_ && version == schema_version_) return {};
  lease.release();
  REJOIN_TRY(reload());
  schema_version_ = version;
  known_ = !may_vanish;
  return {};
}

Status Catalogue::list_crrs() {
  Lease lease;
  REJOIN_TRY(statements_.lend(
      0, kListCrrs,
      [] {
        return compose(
            "SELECT tbl_name, name = tbl_name || %t, sql FROM main.sqlite_master WHERE type = 'trigger' AND (name = "
            "tbl_name || %t OR name = tbl_name || %t) ORDER BY 1, 2 DESC",
            {kInsertTriggerSuffix, kInsertTriggerSuffix, kUpdateTriggerSuffix});
      },
      lease));
  Status status;
  while (lease.step(status, kReadingSchema)) {
    if (lease.integer(1) != 0) {
      tables_[std::string(lease.text(0))];
    } else if (const auto found = tables_.find(lease.text(0)); found != tables_.end()) {
      found->second.trigger_arguments = count_arguments(lease.text(2), kUpdateTriggerFunction);
    }
  }
  std::uint32_t slot = 0;
  for (auto& [name, entry] : tables_) entry.slot = ++slot;
  return status;
}

Status Catalogue::list_orphans() {
  Lease lease;
  REJOIN_TRY(statements_.lend(
      0, kListClocks,
      [] {
        return compose("SELECT name FROM main.sqlite_master WHERE type = 'table' AND substr(name, -%s) = %t",
                       {kClockSuffix.size(), kClockSuffix});
      },
      lease));
  Status status;
  while (lease.step(status, kReadingSchema)) {
    std::string name(lease.text(0));
    name.resize(name.size() - kClockSuffix.size());
    if (!tables_.contains(name)) orphans_.push_back(std::move(name));
  }
  return status;
}

Status Catalogue::reload() {
  statements_.clear();
  known_ = false;
  tables_.clear();
  orphans_.clear();
  ++generation_;
  REJOIN_TRY(list_crrs());
  return list_orphans();
}

std::shared_ptr<const Table> Catalogue::find(std::string_view name, Status& status) {
  const auto found = tables_.find(name);
  if (found == tables_.end()) return nullptr;
  Entry& entry = found->second;
  if (entry.table == nullptr) {
    auto table = std::make_shared<Table>();
    table->name = name;
    table->slot = entry.slot;
    status = read_columns(*table);
    if (status.ok()) status = read_triggers(*table);
    if (status.ok()) status = read_constraints(*table);
    if (!status.ok()) return nullptr;
    const std::size_t beside_cells = 1 + 2 * table->keys.size();
    table->shown_cells =
        entry.trigger_arguments < beside_cells ? table->cells.size() : (entry.trigger_arguments - beside_cells) / 2;
    entry.table = std::move(table);
  }
  return entry.table;
}

std::vector<std::string> Catalogue::names() const {
  std::vector<std::string> names;
  names.reserve(tables_.size());
  for (const auto& [name, entry] : tables_) names.push_back(name);
  return names;
}

std::vector<Table> Catalogue::outlines() const {
  std::vector<Table> outlines;
  outlines.reserve(tables_.size());
  for (const auto& [name, entry] : tables_) {
    Table& outline = outlines.emplace_back();
    outline.name = name;
    outline.slot = entry.slot;
  }
  return outlines;
}

Status Catalogue::describe(std::string_view name, Table& table) const {
  bool is_table = false;
  Query list = pragma(db_, "table_list", name);
  while (list.step()) {
    table.name = list.text(1);
    is_table = list.text(2) == "table";
  }
  REJOIN_TRY(list.status());
  if (table.name.empty()) return invalid("there is no table %n", {name});
  if (!is_table) return invalid("%n is not an ordinary table", {name});
  return read_columns(table);
}

Status Catalogue::look_for(std::string_view name, Table& table, bool& there) const {
  Status status = describe(name, table);
  there = status.ok();
  return status.code() == ErrorCode::kInvalidArgument ? Status() : status;
}

Status Catalogue::read_columns(Table& table) const {
  bool any = false;
  table.may_refuse = false;
  const auto read = [&](bool strict) {
    table.keys.clear();
    table.cells.clear();
    std::vector<int> places;  // of the keys in the primary key, which skip what it names again
    Query info = pragma(db_, "table_xinfo", table.name);
    while (info.step()) {
      const std::string type = info.text(2);
      any = any || sqlite3_stricmp(type.c_str(), "any") == 0;
      Column column{info.text(1), affinity_of(type, strict), info.text(4), info.integer(3) != 0};
      const bool generated = info.integer(6) != 0;
      const bool computed = generated || column.default_sql.find('(') != std::string::npos;
      table.may_refuse = table.may_refuse || computed;
      if (const auto place = static_cast<int>(info.integer(5)); place > 0) {
        const auto at = std::upper_bound(places.begin(), places.end(), place);
        table.keys.insert(table.keys.begin() + (at - places.begin()), std::move(column));
        places.insert(at, place);
      } else if (!generated) {
        table.cells.push_back(std::move(column));
      }
    }
    return info.status();
  };
  REJOIN_TRY(read(false));
  if (any) {  // only for this type it matters whether the table is STRICT, and asking costs a look at every table
    bool strict = false;
    Query list = pragma(db_, "table_list", table.name);
    while (list.step()) strict = list.integer(5) != 0;
    REJOIN_TRY(list.status());
    REJOIN_TRY(read(strict));
  }
  return {};
}

Status Catalogue::read_triggers(Table& table) const {
  const std::string sql = compose(
      "SELECT name FROM main.sqlite_master WHERE type = 'trigger' AND tbl_name = %t COLLATE NOCASE AND name NOT IN "
      "(%t, %t, %t) UNION ALL SELECT name FROM temp.sqlite_temp_master WHERE type = 'trigger' AND tbl_name = %t "
      "COLLATE NOCASE",
      {table.name, table.shadow(kInsertTriggerSuffix), table.shadow(kUpdateTriggerSuffix),
       table.shadow(kDeleteTriggerSuffix), table.name});
  Query others(db_, sql, kReadingSchema);
  while (others.step()) table.has_triggers = true;
  return others.status();
}

/// Errs on the side of may_refuse, which only costs speed.
Status Catalogue::read_constraints(Table& table) const {
  bool& refuses = table.may_refuse;
  Query references = pragma(db_, "foreign_key_list", table.name);
  while (references.step()) refuses = true;
  REJOIN_TRY(references.status());
  Query indices = pragma(db_, "index_list", table.name);
  while (!refuses && indices.step()) {
    const bool unique = indices.integer(2) != 0 && indices.text(3) != "pk";
    refuses = unique || indices.integer(4) != 0;  // or partial
    Query parts = pragma(db_, "index_xinfo", indices.text(1));
    constexpr int kExpression = -2;
    while (parts.step()) refuses = refuses || parts.integer(1) == kExpression;
    REJOIN_TRY(parts.status());
  }
  REJOIN_TRY(indices.status());
  if (refuses) return {};
  Query made(db_, compose("SELECT sql FROM main.sqlite_master WHERE type = 'table' AND name = %t", {table.name}),
             kReadingSchema);
  while (made.step()) refuses = mentions(made.text(0), "check") || mentions(made.text(0), "strict");
  return made.status();
}

Status Catalogue::check_altered(const Table& table) const {
  if (table.keys.empty()) return not_eligible(table, "it has no primary key");
  if (table.cell_index(kSentinel) >= 0)
    return not_eligible(table, "it has a column named \"-1\", the engine's mark for a whole row");
  const int most = sqlite3_limit(db_, SQLITE_LIMIT_FUNCTION_ARG, -1);
  if (1 + 2 * (table.keys.size() + table.cells.size()) > static_cast<std::size_t>(most)) {
    return not_eligible(
        table, compose("its trigger would need more arguments than this SQLite allows a function, %s", {most}));
  }
  return check_readable(db_, table);
}

Status Catalogue::check_eligible(const Table& table) const {
  if (table.name.find("__crsql_") != std::string::npos || table.name.starts_with("crsql_") ||
      table.name.starts_with("sqlite_")) {
    return not_eligible(table, "its name is one of the engine's or of SQLite's own");
  }
  REJOIN_TRY(check_altered(table));
  std::string reason;
  Query indices = pragma(db_, "index_list", table.name);
  while (indices.step()) {
    if (indices.integer(2) != 0 && indices.text(3) != "pk") {
      reason = compose("it has a unique index besides its primary key, %n", {indices.text(1)});
    }
  }
  REJOIN_TRY(indices.status());
  if (!reason.empty()) return not_eligible(table, reason);
  Query references = pragma(db_, "foreign_key_list", table.name);
  while (references.step()) {
    reason = compose("its column %n is a foreign key that SQLite would check", {references.text(3)});
  }
  REJOIN_TRY(references.status());
  if (!reason.empty()) return not_eligible(table, reason);
  Query info = pragma(db_, "table_xinfo", table.name);
  while (info.step()) {
    const bool key = info.integer(5) > 0;
    const bool generated = info.integer(6) != 0;
    if (!key && !generated && info.integer(3) != 0 && sqlite3_column_type(info.get(), 4) == SQLITE_NULL) {
      reason = compose("its column %n is NOT NULL and has no default value", {info.text(1)});
    }
  }
  REJOIN_TRY(info.status());
  if (!reason.empty()) return not_eligible(table, reason);
  for (const Column& key : table.keys) {
    if (sqlite3_stricmp(key.name.c_str(), "__crsql_key") == 0) {
      return not_eligible(table, compose("its key column %n has a name that the engine needs beside it", {key.name}));
    }
    int autoincrement = 0;
    const int code = sqlite3_table_column_metadata(db_, "main", table.name.c_str(), key.name.c_str(), nullptr, nullptr,
                                                   nullptr, nullptr, &autoincrement);
    if (code != SQLITE_OK) return sqlite_error(db_, code, kReadingSchema);
    if (autoincrement != 0)
      return not_eligible(table, "its primary key is AUTOINCREMENT, which two sites would count alike");
  }
  return {};
}

}  // namespace rejoin::internal

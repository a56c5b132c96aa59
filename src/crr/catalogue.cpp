#include "crr/catalogue.hpp"

#include <algorithm>

#include "crr/format.hpp"
#include "sqlite/error.hpp"
#include "sqlite/owned_statement.hpp"
#include "sqlite/sql_scanner.hpp"
#include "sqlite/sql_text.hpp"

namespace rejoin::internal {

namespace {

constexpr std::string_view kReadingSchema = "reading the schema";

Status not_eligible(const Table& table, std::string_view reason) {
  return {ErrorCode::kNotEligible, "table " + quoted_name(table.name) + " cannot become a CRR: " + std::string(reason)};
}

std::string column_text(sqlite3_stmt* statement, int column) {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
  return text == nullptr ? std::string() : std::string(text);
}

/// Calls `visit` with each row of a query.
template <typename Visit>
Status visit_schema(sqlite3* db, const std::string& sql, Visit&& visit) {
  OwnedStatement statement;
  int code = statement.prepare(db, sql.data(), static_cast<int>(sql.size()));
  if (code == SQLITE_OK) {
    while ((code = sqlite3_step(statement.get())) == SQLITE_ROW) visit(statement.get());
  }
  return code == SQLITE_DONE ? Status() : sqlite_error(db, code, kReadingSchema);
}

/// The same of a PRAGMA about a table or an index.
template <typename Visit>
Status visit_pragma(sqlite3* db, std::string_view pragma, const std::string& name, Visit&& visit) {
  return visit_schema(db, "PRAGMA main." + std::string(pragma) + "(" + quoted_name(name) + ")", visit);
}

// SQLite takes definitions that it can never read, for example of generated columns that need each other.
Status check_readable(sqlite3* db, const Table& table) {
  const std::string sql = "SELECT * FROM main." + quoted_name(table.name);
  OwnedStatement statement;
  const int code = statement.prepare(db, sql.data(), static_cast<int>(sql.size()));
  if (code == SQLITE_ERROR) return not_eligible(table, "SQLite cannot read it: " + std::string(sqlite3_errmsg(db)));
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
  REJOIN_TRY(statements_.lend(
      0, kSchemaVersion, [] { return std::string("PRAGMA main.schema_version"); }, lease));
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
        const std::string insert = "tbl_name || '" + std::string(kInsertTriggerSuffix) + "'";
        const std::string update = "tbl_name || '" + std::string(kUpdateTriggerSuffix) + "'";
        return "SELECT tbl_name, name = " + insert +
               ", sql FROM main.sqlite_master WHERE type = 'trigger' AND (name = " + insert + " OR name = " + update +
               ") ORDER BY 1";
      },
      lease));
  std::map<std::string, std::size_t, std::less<>> arguments;
  Status status;
  while (lease.step(status, kReadingSchema)) {
    if (lease.integer(1) != 0) {
      tables_[std::string(lease.text(0))];
    } else {
      arguments[std::string(lease.text(0))] = count_arguments(lease.text(2), kUpdateTriggerFunction);
    }
  }
  REJOIN_TRY(std::move(status));
  std::uint32_t slot = 0;
  for (auto& [name, entry] : tables_) {
    entry.slot = ++slot;
    const auto found = arguments.find(name);
    entry.trigger_arguments = found == arguments.end() ? 0 : found->second;
  }
  return {};
}

Status Catalogue::list_orphans() {
  Lease lease;
  REJOIN_TRY(statements_.lend(
      0, kListClocks,
      [] {
        return "SELECT name FROM main.sqlite_master WHERE type = 'table' AND substr(name, -" +
               std::to_string(kClockSuffix.size()) + ") = '" + std::string(kClockSuffix) + "'";
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
  REJOIN_TRY(visit_pragma(db_, "table_list", std::string(name), [&](sqlite3_stmt* row) {
    table.name = column_text(row, 1);
    is_table = column_text(row, 2) == "table";
  }));
  if (table.name.empty()) return invalid("there is no table " + quoted_name(name));
  if (!is_table) return invalid(quoted_name(name) + " is not an ordinary table");
  return read_columns(table);
}

Status Catalogue::look_for(std::string_view name, Table& table, bool& there) const {
  Status status = describe(name, table);
  there = status.ok();
  return status.code() == ErrorCode::kInvalidArgument ? Status() : status;
}

Status Catalogue::read_columns(Table& table) const {
  std::vector<std::pair<int, Column>> keys;
  bool any = false;
  table.may_refuse = false;
  const auto read = [&](bool strict) {
    keys.clear();
    table.cells.clear();
    return visit_pragma(db_, "table_xinfo", table.name, [&](sqlite3_stmt* row) {
      const std::string type = column_text(row, 2);
      any = any || sqlite3_stricmp(type.c_str(), "any") == 0;
      Column column{column_text(row, 1), affinity_of(type, strict), column_text(row, 4),
                    sqlite3_column_int(row, 3) != 0};
      const bool generated = sqlite3_column_int(row, 6) != 0;
      const bool computed = generated || column.default_sql.find('(') != std::string::npos;
      table.may_refuse = table.may_refuse || computed;
      if (const int position = sqlite3_column_int(row, 5); position > 0) {
        keys.emplace_back(position, std::move(column));
      } else if (!generated) {
        table.cells.push_back(std::move(column));
      }
    });
  };
  REJOIN_TRY(read(false));
  if (any) {  // only for this type it matters whether the table is STRICT, and asking costs a look at every table
    bool strict = false;
    REJOIN_TRY(visit_pragma(db_, "table_list", table.name,
                            [&](sqlite3_stmt* row) { strict = sqlite3_column_int(row, 5) != 0; }));
    REJOIN_TRY(read(strict));
  }
  std::sort(keys.begin(), keys.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (auto& [position, column] : keys) table.keys.push_back(std::move(column));
  return {};
}

Status Catalogue::read_triggers(Table& table) const {
  const auto ours = [&](std::string_view suffix) { return quoted_text(table.shadow(suffix)); };
  const std::string where = " WHERE type = 'trigger' AND tbl_name = " + quoted_text(table.name) + " COLLATE NOCASE";
  const std::string sql = "SELECT name FROM main.sqlite_master" + where + " AND name NOT IN (" +
                          ours(kInsertTriggerSuffix) + ", " + ours(kUpdateTriggerSuffix) + ", " +
                          ours(kDeleteTriggerSuffix) + ") UNION ALL SELECT name FROM temp.sqlite_temp_master" + where;
  return visit_schema(db_, sql, [&](sqlite3_stmt*) { table.has_triggers = true; });
}

/// Errs on the side of may_refuse, which only costs speed.
Status Catalogue::read_constraints(Table& table) const {
  bool& refuses = table.may_refuse;
  REJOIN_TRY(visit_pragma(db_, "foreign_key_list", table.name, [&](sqlite3_stmt*) { refuses = true; }));
  std::vector<std::string> indices;
  REJOIN_TRY(visit_pragma(db_, "index_list", table.name, [&](sqlite3_stmt* row) {
    const bool unique = sqlite3_column_int(row, 2) != 0 && column_text(row, 3) != "pk";
    refuses = refuses || unique || sqlite3_column_int(row, 4) != 0;  // or partial
    indices.push_back(column_text(row, 1));
  }));
  for (std::size_t i = 0; i < indices.size() && !refuses; ++i) {
    REJOIN_TRY(visit_pragma(db_, "index_xinfo", indices[i], [&](sqlite3_stmt* row) {
      constexpr int kExpression = -2;
      refuses = refuses || sqlite3_column_int(row, 1) == kExpression;
    }));
  }
  if (refuses) return {};
  return visit_schema(db_,
                      "SELECT sql FROM main.sqlite_master WHERE type = 'table' AND name = " + quoted_text(table.name),
                      [&](sqlite3_stmt* row) {
                        const std::string sql = column_text(row, 0);
                        refuses = mentions(sql, "check") || mentions(sql, "strict");
                      });
}

Status Catalogue::check_altered(const Table& table) const {
  if (table.keys.empty()) return not_eligible(table, "it has no primary key");
  if (table.cell_index(kSentinel) >= 0)
    return not_eligible(table, "it has a column named \"-1\", the engine's mark for a whole row");
  const int most = sqlite3_limit(db_, SQLITE_LIMIT_FUNCTION_ARG, -1);
  if (1 + 2 * (table.keys.size() + table.cells.size()) > static_cast<std::size_t>(most)) {
    return not_eligible(
        table, "its trigger would need more arguments than this SQLite allows a function, " + std::to_string(most));
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
  REJOIN_TRY(visit_pragma(db_, "index_list", table.name, [&](sqlite3_stmt* row) {
    if (sqlite3_column_int(row, 2) != 0 && column_text(row, 3) != "pk") {
      reason = "it has a unique index besides its primary key, " + quoted_name(column_text(row, 1));
    }
  }));
  if (!reason.empty()) return not_eligible(table, reason);
  REJOIN_TRY(visit_pragma(db_, "foreign_key_list", table.name, [&](sqlite3_stmt* row) {
    reason = "its column " + quoted_name(column_text(row, 3)) + " is a foreign key that SQLite would check";
  }));
  if (!reason.empty()) return not_eligible(table, reason);
  REJOIN_TRY(visit_pragma(db_, "table_xinfo", table.name, [&](sqlite3_stmt* row) {
    const bool key = sqlite3_column_int(row, 5) > 0;
    const bool generated = sqlite3_column_int(row, 6) != 0;
    if (!key && !generated && sqlite3_column_int(row, 3) != 0 && sqlite3_column_type(row, 4) == SQLITE_NULL) {
      reason = "its column " + quoted_name(column_text(row, 1)) + " is NOT NULL and has no default value";
    }
  }));
  if (!reason.empty()) return not_eligible(table, reason);
  for (const Column& key : table.keys) {
    if (sqlite3_stricmp(key.name.c_str(), "__crsql_key") == 0) {
      return not_eligible(table,
                          "its key column " + quoted_name(key.name) + " has a name that the engine needs beside it");
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

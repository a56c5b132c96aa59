#include <net/schema.hpp>

#include <net/column_text.hpp>
#include <net/sql.hpp>
#include <net/text.hpp>

#include <base/try.hpp>
#include <sync/guard.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace rejoin::net {
namespace {

using sync::ColumnSpec;
using sync::TableSpec;

constexpr std::size_t kMostTables = 1000;
constexpr std::size_t kMostColumns = 1000;
constexpr std::size_t kLongestName = 512;
constexpr std::size_t kLongestDefault = std::size_t{64} << 10;

// Names in messages come from strangers.
std::string shown(std::string_view name) { return cat("\"", utf8_cut(name, 80), "\""); }

Status refused(const std::string& what) { return {ErrorCode::kInvalidArgument, what}; }

// The columns of a table as SQLite has them, those that are hidden or generated included.
struct Column {
  ColumnSpec spec;
  bool hidden = false;
};

Result<std::vector<Column>> columns_of(sqlite3* db, std::string_view table) {
  auto rows = Statement::prepare(
      db, "SELECT name, type, \"notnull\", dflt_value, pk, hidden FROM pragma_table_xinfo(?) ORDER BY cid");
  if (!rows.ok()) return rows.status();
  rows->bind(1, table);
  std::vector<Column> columns;
  for (;;) {
    const auto row = rows->step();
    if (!row.ok()) return row.status();
    if (!*row) return columns;
    Column column;
    column.spec.name = rows->text(0);
    column.spec.type = rows->text(1);
    column.spec.not_null = rows->integer(2) != 0;
    column.spec.default_value = rows->text(3);
    column.spec.key = static_cast<int>(rows->integer(4));
    column.hidden = rows->integer(5) != 0;
    columns.push_back(std::move(column));
  }
}

// What is said of a column, so that it can be made from that alone.
ColumnSpec told(ColumnSpec column) {
  if (!is_plain_type(column.type)) column.type = affinity_type(column.type);
  column.default_value = told_default(column.default_value);
  // No CRR may have such a column without a default; the peer's rows come with a value for it anyway.
  if (column.key == 0 && column.default_value.empty()) column.not_null = false;
  return column;
}

Result<TableSpec> describe_table(sqlite3* db, const std::string& name) {
  TableSpec table;
  table.name = name;
  auto kind = Statement::prepare(db, "SELECT wr, strict FROM pragma_table_list(?) WHERE schema = 'main'");
  if (!kind.ok()) return kind.status();
  kind->bind(1, name);
  const auto found = kind->step();
  if (!found.ok()) return found.status();
  if (*found) {
    table.without_rowid = kind->integer(0) != 0;
    table.strict = kind->integer(1) != 0;
  }
  auto columns = columns_of(db, name);
  if (!columns.ok()) return columns.status();
  for (Column& column : *columns) {
    if (!column.hidden) table.columns.push_back(told(std::move(column.spec)));
  }
  return table;
}

Status check_name(std::string_view name, const std::string& what) {
  if (name.empty()) return refused(cat(what, " has no name"));
  if (name.size() > kLongestName) return refused(cat(what, " has a name of more than 512 bytes"));
  if (utf8_cut(name, kLongestName) != name || name.find('\0') != name.npos) {
    return refused(cat(what, " has a name that is no UTF-8 or holds a NUL"));
  }
  return Status();
}

Status check_column(const ColumnSpec& column, const std::string& table) {
  REJOIN_TRY(check_name(column.name, cat("a column of table ", table)));
  const std::string where = cat("column ", shown(column.name), " of table ", table);
  if (column.name == "-1" || lower_case(column.name).starts_with("__crsql")) {
    return refused(cat(where, " has a name that the engine keeps for itself"));
  }
  if (!is_plain_type(column.type)) return refused(cat(where, " has no plain type: ", shown(column.type)));
  if (column.default_value.size() > kLongestDefault) return refused(cat(where, " has a default of over 64 KiB"));
  if (!column.default_value.empty() && !is_literal(column.default_value)) {
    return refused(cat(where, " has a default that is no literal: ", shown(column.default_value)));
  }
  if (column.default_value.find('\0') != std::string::npos) return refused(cat(where, " has a NUL in its default"));
  return Status();
}

// The names of the key's columns in its order; nothing where the places are not 1, 2, …
std::vector<std::string> key_of(const TableSpec& table) {
  std::vector<std::string> key;
  for (int place = 1;; ++place) {
    const auto is_there = [&](const ColumnSpec& column) { return column.key == place; };
    const auto count = std::count_if(table.columns.begin(), table.columns.end(), is_there);
    if (count > 1) return {};
    if (count == 0) break;
    key.push_back(std::find_if(table.columns.begin(), table.columns.end(), is_there)->name);
  }
  const auto in_key = std::count_if(table.columns.begin(), table.columns.end(), [](auto& c) { return c.key != 0; });
  return static_cast<std::size_t>(in_key) == key.size() ? key : std::vector<std::string>();
}

Status check_table(const TableSpec& table) {
  REJOIN_TRY(check_name(table.name, "a table"));
  const std::string name = lower_case(table.name);
  if (name.starts_with("sqlite_") || name.starts_with("crsql_") || name.find("__crsql") != name.npos) {
    return refused(cat("table ", shown(table.name), " has a name that SQLite or the engine keeps for itself"));
  }
  if (table.columns.size() > kMostColumns) return refused(cat("table ", shown(table.name), " has over 1000 columns"));
  for (const ColumnSpec& column : table.columns) REJOIN_TRY(check_column(column, shown(table.name)));
  if (key_of(table).empty()) return refused(cat("table ", shown(table.name), " has no well-formed primary key"));
  return Status();
}

std::string declaration_of(const ColumnSpec& column) {
  std::string text = quoted_name(column.name);
  if (!column.type.empty()) text += " " + column.type;
  if (column.not_null) text += " NOT NULL";
  if (!column.default_value.empty()) text += " DEFAULT " + column.default_value;
  return text;
}

// That the declaration was read as it was meant: no type has smuggled a constraint or a column in.
bool is_as_declared(const Column& made, const ColumnSpec& column) {
  return !made.hidden && made.spec.name == column.name && lower_case(made.spec.type) == lower_case(column.type) &&
         made.spec.key == column.key;
}

Status create_table(sqlite3* db, const TableSpec& table) {
  std::string sql = cat("CREATE TABLE main.", quoted_name(table.name), " (");
  for (const ColumnSpec& column : table.columns) sql += declaration_of(column) + ", ";
  sql += "PRIMARY KEY (";
  std::string_view comma;
  for (const std::string& name : key_of(table)) {
    sql += cat(comma, quoted_name(name));
    comma = ", ";
  }
  sql += "))";
  if (table.without_rowid) sql += " WITHOUT ROWID";
  if (table.strict) sql += table.without_rowid ? ", STRICT" : " STRICT";
  if (const Status made = execute(db, sql); !made.ok()) {
    return {made.code(), cat("table ", shown(table.name), " cannot be made: ", made.message()), made.sqlite_code()};
  }
  const auto columns = columns_of(db, table.name);
  if (!columns.ok()) return columns.status();
  bool same = columns->size() == table.columns.size();
  for (std::size_t i = 0; same && i < table.columns.size(); ++i) {
    same = is_as_declared((*columns)[i], table.columns[i]);
  }
  return same ? Status() : refused(cat("table ", shown(table.name), " is not declared by plain types"));
}

Status add_column(sqlite3* db, const std::string& table, ColumnSpec column) {
  const std::string where = cat("column ", shown(column.name), " of table ", shown(table));
  if (column.key != 0) return refused(cat(where, " is part of the primary key there and missing here"));
  // SQLite adds no column whose default is not the same for all rows.
  if (lower_case(column.default_value).starts_with("current_")) column.default_value.clear();
  if (column.default_value.empty()) column.not_null = false;
  const Status added =
      execute(db, cat("ALTER TABLE main.", quoted_name(table), " ADD COLUMN ", declaration_of(column)));
  if (!added.ok()) return {added.code(), cat(where, " cannot be added: ", added.message()), added.sqlite_code()};
  const auto columns = columns_of(db, table);
  if (!columns.ok()) return columns.status();
  if (columns->empty() || !is_as_declared(columns->back(), column)) {
    return refused(cat(where, " is not declared by a plain type"));
  }
  return Status();
}

// `name` is the table's name as it is spelled here.
Status add_missing_columns(sqlite3* db, const std::string& name, const TableSpec& table) {
  const auto columns = columns_of(db, name);
  if (!columns.ok()) return columns.status();
  std::vector<const ColumnSpec*> missing;
  for (const ColumnSpec& column : table.columns) {
    const std::string wanted = lower_case(column.name);
    const bool here = std::any_of(columns->begin(), columns->end(),
                                  [&](const Column& other) { return lower_case(other.spec.name) == wanted; });
    if (!here) missing.push_back(&column);
  }
  if (missing.empty()) return Status();
  const std::string quoted = quoted_text(name);
  REJOIN_TRY(execute(db, cat("SELECT crsql_begin_alter(", quoted, ")")));
  for (const ColumnSpec* column : missing) REJOIN_TRY(add_column(db, name, *column));
  return execute(db, cat("SELECT crsql_commit_alter(", quoted, ")"));
}

Result<bool> exists(sqlite3* db, const std::string& name) {
  auto row = Statement::prepare(db, "SELECT 1 FROM main.sqlite_schema WHERE name = ? COLLATE NOCASE");
  if (!row.ok()) return row.status();
  row->bind(1, name);
  return row->step();
}

Status adopt_table(Replica& replica, const std::vector<std::string>& crrs, const TableSpec& table) {
  sqlite3* db = replica.connection();
  const std::string name = lower_case(table.name);
  const auto crr = std::find_if(crrs.begin(), crrs.end(), [&](auto& other) { return lower_case(other) == name; });
  if (crr != crrs.end()) return add_missing_columns(db, *crr, table);
  const auto there = exists(db, table.name);
  if (!there.ok()) return there.status();
  // A stranger must not make a private table one that is told to everyone.
  if (*there) return refused(cat("table ", shown(table.name), " is a CRR there, and here it is none"));
  REJOIN_TRY(create_table(db, table));
  return replica.make_crr(table.name);
}

}  // namespace

Result<std::vector<TableSpec>> describe_schema(const Replica& replica) noexcept {
  return sync::guarded([&]() -> Result<std::vector<TableSpec>> {
    auto names = replica.tables();
    if (!names.ok()) return names.status();
    std::vector<TableSpec> tables;
    for (const std::string& name : *names) {
      auto table = describe_table(replica.connection(), name);
      if (!table.ok()) return table.status();
      tables.push_back(std::move(table).value());
    }
    return tables;
  });
}

Status adopt_schema(Replica& replica, const std::vector<TableSpec>& tables) noexcept {
  return sync::guarded([&]() -> Status {
    if (tables.size() > kMostTables) return refused("the peer describes over 1000 tables");
    for (const TableSpec& table : tables) REJOIN_TRY(check_table(table));
    return replica.in_transaction([&] {
      for (const TableSpec& table : tables) {
        const auto crrs = replica.tables();
        if (!crrs.ok()) return crrs.status();
        REJOIN_TRY(adopt_table(replica, *crrs, table));
      }
      return Status();
    });
  });
}

}  // namespace rejoin::net

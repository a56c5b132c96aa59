#include "oracle/schema.hpp"

#include <algorithm>

namespace rejoin::oracle {

using test::Choices;

namespace {

// Names that only quoting makes legal, and the names of the engine's own columns.
const std::vector<std::string> kOddNames = {"select", "Order", "key", "col_name",   "seq",        "cl",       "site_id",
                                            "table",  "pk",    "b c", "db_version", "val",        "\xc3\xbc", "1st",
                                            "cid",    "rowid", "oid", "_",          "col_version"};

std::string type_of(const Column& column, bool strict) {
  switch (column.kind) {
    case Kind::kInteger:
      return " INTEGER";
    case Kind::kText:
      return " TEXT";
    case Kind::kReal:
      return " REAL";
    case Kind::kBlob:
      return " BLOB";
    case Kind::kAny:
      break;
  }
  return strict ? " ANY" : "";
}

std::vector<Kind> kinds() { return {Kind::kAny, Kind::kInteger, Kind::kText, Kind::kReal, Kind::kBlob}; }

std::string fresh_name(std::vector<std::string>& taken, const std::string& plain, Choices& choices) {
  std::string name = choices.chance(25) ? choices.pick(kOddNames) : plain;
  if (std::find(taken.begin(), taken.end(), name) != taken.end()) name = plain;
  taken.push_back(name);
  return name;
}

std::string list_of(const std::vector<Column>& columns) {
  std::string text;
  for (const Column& column : columns) text += (text.empty() ? "" : ", ") + identifier(column.name);
  return text;
}

std::string column_definition(const Table& table, Column& column, Choices& choices) {
  std::string text = identifier(column.name) + type_of(column, table.strict);
  if (choices.chance(20)) {
    column.not_null = true;
    // A NOT NULL column needs a default that its own type takes.
    text += " NOT NULL DEFAULT " + std::string(column.kind == Kind::kInteger || column.kind == Kind::kAny ? "7"
                                               : column.kind == Kind::kText                               ? "'seven'"
                                               : column.kind == Kind::kReal                               ? "7.5"
                                                                                                          : "x'07'");
  } else if (choices.chance(20) && column.kind != Kind::kBlob && column.kind != Kind::kReal) {
    text += column.kind == Kind::kText ? " DEFAULT 'd'" : " DEFAULT (3+4)";
  }
  if (choices.chance(15)) {
    column.checked = true;
    text += " CHECK (" + identifier(column.name) + " IS NOT 300)";
  }
  return text;
}

std::string value_for(const Table& table, const Column& column, Choices& choices) {
  if (!table.strict && choices.chance(8)) return any_value(choices);
  return own_value(column.kind, choices);
}

std::string row_of(const Table& table, Choices& choices) {
  std::string text = "(" + random_key(table, choices);
  for (const Column& column : table.cells) text += ", " + value_for(table, column, choices);
  return text + ")";
}

std::string assignments(const Table& table, Choices& choices) {
  std::string text;
  for (const Column& column : table.cells) {
    if (!text.empty() && !choices.chance(50)) continue;
    text += (text.empty() ? "" : ", ") + identifier(column.name) + " = " + value_for(table, column, choices);
  }
  return text;
}

std::string insert(const Table& table, const std::string& verb, Choices& choices) {
  const std::string all = list_of(table.keys) + (table.cells.empty() ? "" : ", " + list_of(table.cells));
  std::string text = verb + " INTO " + identifier(table.name) + " (" + all + ") VALUES " + row_of(table, choices);
  for (std::size_t more = choices.chance(30) ? 1 + choices.index(3) : 0; more > 0; --more) {
    text += ", " + row_of(table, choices);
  }
  return text;
}

std::string insert_defaults(const Table& table, Choices& choices) {
  return "INSERT INTO " + identifier(table.name) + " (" + list_of(table.keys) + ") VALUES (" +
         random_key(table, choices) + ")";
}

std::string upsert(const Table& table, Choices& choices) {
  const std::string target = " ON CONFLICT (" + list_of(table.keys) + ") DO ";
  if (table.cells.empty() || choices.chance(15)) return insert(table, "INSERT", choices) + target + "NOTHING";
  const Column& column = choices.pick(table.cells);
  std::string value = choices.chance(60) ? "excluded." + identifier(column.name) : value_for(table, column, choices);
  return insert(table, "INSERT", choices) + target + "UPDATE SET " + identifier(column.name) + " = " + value;
}

// SQLite before 3.41 makes integers that an UPDATE of a table with REAL columns returns floats.
bool has_real(const Table& table) {
  const auto real = [](const Column& column) { return column.kind == Kind::kReal; };
  return std::any_of(table.keys.begin(), table.keys.end(), real) ||
         std::any_of(table.cells.begin(), table.cells.end(), real);
}

std::string update(const Table& table, Choices& choices) {
  std::string text = "UPDATE " + std::string(choices.chance(10) ? "OR IGNORE " : "") + identifier(table.name) + " SET ";
  if (choices.chance(10)) {
    const std::string name = identifier(choices.pick(table.cells).name);
    text += name + " = " + name;
  } else {
    text += assignments(table, choices);
  }
  if (choices.chance(85)) text += " WHERE " + where_key(table, choices);
  if (choices.chance(10) && !has_real(table)) text += " RETURNING " + identifier(table.cells[0].name);
  return text;
}

std::string update_from(const Table& table, Choices& choices) {
  const std::string name = identifier(table.cells[0].name);
  return "UPDATE " + identifier(table.name) + " SET " + name + " = other.v FROM (SELECT " +
         value_for(table, table.cells[0], choices) + " AS v) AS other WHERE " + where_key(table, choices);
}

}  // namespace

std::string identifier(const std::string& name) {
  std::string text = "\"";
  for (const char c : name) text.append(c == '"' ? 2 : 1, c);
  return text + "\"";
}

std::string string_literal(const std::string& text) {
  std::string literal = "'";
  for (const char c : text) literal.append(c == '\'' ? 2 : 1, c);
  return literal + "'";
}

std::string random_table_name(std::size_t number, Choices& choices) {
  static const std::vector<std::string> kNames = {"select", "Group", "\xc3\xbcn\xc3\xaf", "T_1", "values", "crsqlx"};
  return choices.chance(20) ? choices.pick(kNames) + std::to_string(number) : "t" + std::to_string(number);
}

Table random_table(const std::string& name, Choices& choices) {
  Table table;
  table.name = name;
  table.strict = choices.chance(15);
  std::vector<std::string> taken;
  const std::size_t keys = choices.chance(65) ? 1 : 2;
  std::string body;
  for (std::size_t i = 0; i < keys; ++i) {
    Column key{fresh_name(taken, "k" + std::to_string(i), choices), choices.pick(kinds())};
    const bool rowid = keys == 1 && choices.chance(40);
    if (rowid) key.kind = Kind::kInteger;
    body += (i == 0 ? "" : ", ") + identifier(key.name) + type_of(key, table.strict) + " NOT NULL" +
            (rowid ? " PRIMARY KEY" : "");
    table.keys.push_back(std::move(key));
  }
  const bool rowid = body.ends_with("PRIMARY KEY");
  for (std::size_t left = choices.chance(10) ? 0 : 1 + choices.index(3); left > 0; --left) {
    Column cell{fresh_name(taken, "c" + std::to_string(left), choices), choices.pick(kinds())};
    body += ", " + column_definition(table, cell, choices);
    table.cells.push_back(std::move(cell));
  }
  if (!table.cells.empty() && choices.chance(10)) {
    body += ", gen" + type_of(table.cells[0], table.strict) + " AS (" + identifier(table.cells[0].name) + ")";
  }
  if (!rowid) {
    std::vector<Column> order = table.keys;
    if (choices.chance(50)) std::reverse(order.begin(), order.end());
    body += ", PRIMARY KEY (" + list_of(order) + ")";
    table.keys = order;
  }
  std::string options = !rowid && choices.chance(30) ? " WITHOUT ROWID" : "";
  if (table.strict) options += options.empty() ? " STRICT" : ", STRICT";
  table.create = "CREATE TABLE " + identifier(name) + " (" + body + ")" + options + ";";
  return table;
}

std::string random_key(const Table& table, Choices& choices) {
  std::string text;
  for (const Column& column : table.keys) text += (text.empty() ? "" : ", ") + key_value(column.kind, choices);
  return text;
}

std::string where_key(const Table& table, Choices& choices) {
  std::string text;
  for (const Column& column : table.keys) {
    text += (text.empty() ? "" : " AND ") + identifier(column.name) + " = " + key_value(column.kind, choices);
  }
  return text;
}

std::string random_write(const Table& table, Choices& choices) {
  switch (choices.below(13)) {
    case 0:
    case 1:
      return insert(table, "INSERT", choices) + ";";
    case 2:
      return insert(table, "INSERT OR IGNORE", choices) + ";";
    case 3:
      return insert(table, choices.chance(50) ? "REPLACE" : "INSERT OR REPLACE", choices) + ";";
    case 4:
      return insert(table, "INSERT OR FAIL", choices) + ";";
    case 12:
      return insert(table, choices.chance(20) ? "INSERT OR ROLLBACK" : "INSERT OR ABORT", choices) + ";";
    case 5:
      return insert_defaults(table, choices) + ";";
    case 6:
    case 7:
      return upsert(table, choices) + ";";
    case 8:
      return "DELETE FROM " + identifier(table.name) +
             (choices.chance(90) ? " WHERE " + where_key(table, choices) : "") + ";";
    default:
      break;
  }
  if (table.cells.empty()) return insert(table, "INSERT", choices) + ";";
  return (choices.chance(90) ? update(table, choices) : update_from(table, choices)) + ";";
}

std::string random_key_change(const Table& table, Choices& choices) {
  static const std::vector<std::string> kVerbs = {"UPDATE ", "UPDATE OR REPLACE ", "UPDATE OR IGNORE "};
  std::string values;
  for (const Column& column : table.keys) {
    values += (values.empty() ? "" : ", ") + identifier(column.name) + " = " + key_value(column.kind, choices);
  }
  return choices.pick(kVerbs) + identifier(table.name) + " SET " + values + " WHERE " + where_key(table, choices) + ";";
}

MadeChange random_change(const Table& table, Choices& choices) {
  static const std::vector<std::string> kSites = {"x'11'", "x'aa'",    "x'112233445566778899aabbccddeeff00'",
                                                  "NULL",  "{site a}", "{site b}"};
  MadeChange made;
  const auto small = [&](std::uint64_t limit) { return std::to_string(choices.below(limit)); };
  const std::uint64_t cl = choices.chance(70) ? 1 : 1 + choices.below(4);
  std::string cid = "'-1'";
  std::string value = "NULL";
  std::string col_version = std::to_string(cl);
  if (cl % 2 == 1 && !table.cells.empty() && choices.chance(80)) {
    const Column& column = choices.pick(table.cells);
    cid = string_literal(column.name);
    value = own_value(column.kind, choices);
    made.may_fail = (column.checked && value == "300") || (column.not_null && value == "NULL");
    col_version = std::to_string(1 + choices.below(5));
  }
  made.values = string_literal(table.name) + ", crsql_pack_columns(" + random_key(table, choices) + "), " + cid + ", " +
                value + ", " + col_version + ", " + small(30) + ", " + choices.pick(kSites) + ", " +
                std::to_string(cl) + ", " + small(6);
  return made;
}

}  // namespace rejoin::oracle

// Random alters of random tables (schema.hpp).
#include "oracle/schema.hpp"

namespace rejoin::oracle {

using test::Choices;

namespace {

std::string add_column(Table& table, Choices& choices) {
  static const std::vector<std::pair<Kind, std::string>> kTypes = {{Kind::kInteger, "INTEGER"},
                                                                   {Kind::kText, "TEXT"},
                                                                   {Kind::kReal, "REAL"},
                                                                   {Kind::kBlob, "BLOB"},
                                                                   {Kind::kAny, "ANY"}};
  const auto& [kind, type] = choices.pick(kTypes);
  Column column;
  column.name = "n" + std::to_string(table.cells.size()) + std::to_string(choices.below(1000));
  column.kind = kind == Kind::kAny && !table.strict ? Kind::kInteger : kind;
  std::string definition = identifier(column.name) + " " + (column.kind == kind ? type : "INTEGER");
  if (choices.chance(40)) {
    // SQLite 3.44 finds fault with a REAL NOT NULL default in a STRICT table.
    column.not_null = choices.chance(40) && !(table.strict && column.kind == Kind::kReal);
    const bool number = column.kind == Kind::kInteger || column.kind == Kind::kAny;
    const std::string value = number                       ? "7"
                              : column.kind == Kind::kReal ? "7.5"
                              : column.kind == Kind::kText ? "'7'"
                                                           : "x'07'";
    definition += (column.not_null ? " NOT NULL DEFAULT " : " DEFAULT ") + value;
  }
  const std::string name = identifier(table.name);
  std::string sql = "ALTER TABLE " + name + " ADD COLUMN " + definition + "; ";
  // Filled in while no trigger looks. One row: in which order several get their clocks is the query planner's affair.
  if (choices.chance(50)) {
    sql += "UPDATE " + name + " SET " + identifier(column.name) + " = " + own_value(column.kind, choices) + " WHERE " +
           where_key(table, choices) + "; ";
  }
  table.cells.push_back(std::move(column));
  return sql;
}

std::string drop_column(Table& table) {
  const std::string sql =
      "ALTER TABLE " + identifier(table.name) + " DROP COLUMN " + identifier(table.cells.back().name) + "; ";
  table.cells.pop_back();
  return sql;
}

std::string names_of(const Table& table) {
  std::string names;
  for (const std::vector<Column>* columns : {&table.keys, &table.cells}) {
    for (const Column& column : *columns) names += (names.empty() ? "" : ", ") + identifier(column.name);
  }
  return names;
}

std::string rebuild(const Table& table) {
  const std::string name = identifier(table.name);
  const std::string other = identifier(table.name + "_new");
  std::string create = table.create;
  create.replace(create.find(name), name.size(), other);
  const std::string names = names_of(table);
  return create + " INSERT INTO " + other + " (" + names + ") SELECT " + names + " FROM " + name + "; DROP TABLE " +
         name + "; ALTER TABLE " + other + " RENAME TO " + name + "; ";
}

}  // namespace

std::string random_alter(Table& table, Choices& choices) {
  const Table before = table;
  const std::string name = string_literal(table.name);
  std::string sql = "BEGIN; SELECT crsql_begin_alter(" + name + "); ";
  const std::uint64_t what = choices.below(10);
  if (what < 5) {
    sql += add_column(table, choices);
    table.altered = true;
  } else if (what < 7 && table.cells.size() > 1 && !table.keeps_columns) {
    sql += drop_column(table);
    table.altered = true;
  } else if (what < 9 && !table.altered) {
    sql += rebuild(table);
  }
  if (choices.chance(15)) sql += "DELETE FROM " + identifier(table.name) + " WHERE " + where_key(table, choices) + "; ";
  sql += "SELECT crsql_commit_alter(" + name + "); ";
  if (choices.chance(85)) return sql + "COMMIT;";
  table = before;
  return sql + "ROLLBACK;";
}

}  // namespace rejoin::oracle

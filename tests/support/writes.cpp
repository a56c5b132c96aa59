#include "support/writes.hpp"

#include "support/database.hpp"

namespace rejoin::test {

namespace {

template <typename Range, typename Text>
std::string join(const Range& items, const std::string& separator, Text text) {
  std::string out;
  for (const auto& item : items) out += (out.empty() ? std::string() : separator) + text(item);
  return out;
}

}  // namespace

std::string WriteMaker::where(const Shape& shape, const Key& key, const std::string& prefix) {
  std::string out;
  for (std::size_t i = 0; i < key.size(); ++i) {
    out += (i == 0 ? "" : " AND ") + prefix + quoted(shape.keys[i].name) + " IS " + key[i];
  }
  return out;
}

std::string WriteMaker::update_key(const Shape& shape, const KeyChange& change, const std::string& verb) {
  std::string set;
  for (std::size_t i = 0; i < change.to.size(); ++i) {
    if (change.to[i] == change.from[i] && shape.keys.size() > 1) continue;
    set += (set.empty() ? "" : ", ") + quoted(shape.keys[i].name) + " = " + change.to[i];
  }
  if (set.empty()) set = quoted(shape.keys[0].name) + " = " + change.to[0];
  return verb + " " + quoted(shape.name) + " SET " + set + " WHERE " + where(shape, change.from);
}

std::string WriteMaker::table() const { return quoted(shape_.name); }

Key WriteMaker::key() {
  Key key;
  for (const Column& column : shape_.keys) {
    key.push_back(shape_.null_key && choices_.chance(2) ? "NULL" : any_key_value(column.kind, choices_));
  }
  return key;
}

std::string WriteMaker::value_of(const Column& column) { return any_value(column.kind, shape_.strict, choices_); }

std::string WriteMaker::row(const std::vector<Column>& columns) {
  Key values = key();
  for (std::size_t i = values.size(); i < columns.size(); ++i) values.push_back(value_of(columns[i]));
  return "(" + join(values, ", ", [](const std::string& value) { return value; }) + ")";
}

std::string WriteMaker::columns_text(const std::vector<Column>& columns) const {
  return "(" + join(columns, ", ", [](const Column& column) { return quoted(column.name); }) + ")";
}

std::string WriteMaker::assignments(const std::vector<Column>& columns) {
  return join(columns, ", ", [&](const Column& column) {
    const std::string name = quoted(column.name);
    if (!shape_.strict && choices_.chance(10)) return name + " = coalesce(" + name + ", 0) + 1";
    return name + " = " + value_of(column);
  });
}

std::vector<Column> WriteMaker::some_cells() {
  std::vector<Column> some;
  const std::size_t at_least = choices_.index(shape_.cells.size());
  for (std::size_t i = 0; i < shape_.cells.size(); ++i) {
    if (i == at_least || choices_.chance(30)) some.push_back(shape_.cells[i]);
  }
  return some;
}

std::vector<Column> WriteMaker::insert_columns(bool all) {
  std::vector<Column> columns = shape_.keys;
  for (const Column& cell : shape_.cells) {
    if (all || choices_.chance(75)) columns.push_back(cell);
  }
  return columns;
}

std::string WriteMaker::conflict_verb(const std::string& verb) {
  static const std::vector<std::string> policies = {
      "", "", " OR IGNORE", " OR REPLACE", " OR REPLACE", " OR FAIL", " OR ABORT", " OR ROLLBACK"};
  return verb + choices_.pick(policies);
}

std::string WriteMaker::returning() { return choices_.chance(8) ? " RETURNING *" : ""; }

Write WriteMaker::insert() {
  const std::vector<Column> columns = insert_columns(choices_.chance(70));
  return {conflict_verb("INSERT") + " INTO " + table() + " " + columns_text(columns) + " VALUES " + row(columns) +
          returning()};
}

Write WriteMaker::insert_many() {
  const std::vector<Column> columns = insert_columns(choices_.chance(70));
  std::string sql = conflict_verb("INSERT") + " INTO " + table() + " " + columns_text(columns) + " VALUES ";
  for (std::size_t i = 0, count = 2 + choices_.index(3); i < count; ++i) sql += (i == 0 ? "" : ", ") + row(columns);
  return {sql + returning()};
}

// The last row meets the first one: what happens to the rows in between depends on the conflict policy.
Write WriteMaker::insert_with_conflict_in_the_middle() {
  const std::vector<Column> columns = insert_columns(true);
  const std::string again = row(columns);
  return {conflict_verb("INSERT") + " INTO " + table() + " " + columns_text(columns) + " VALUES " + again + ", " +
          row(columns) + ", " + again + ", " + row(columns)};
}

Write WriteMaker::insert_from_select() {
  const std::vector<Column> columns = insert_columns(true);
  std::string sql = conflict_verb("INSERT") + " INTO " + table() + " " + columns_text(columns) + " SELECT ";
  sql += any_key_value(shape_.keys[0].kind, choices_);
  for (std::size_t i = 1; i < columns.size(); ++i) sql += ", " + quoted(columns[i].name);
  return {sql + " FROM " + table() + " WHERE " + where(shape_, key()) + returning()};
}

Write WriteMaker::upsert() {
  const std::vector<Column> columns = insert_columns(choices_.chance(60));
  std::string sql = "INSERT INTO " + table() + " " + columns_text(columns) + " VALUES " + row(columns);
  if (choices_.chance(40)) sql += ", " + row(columns);
  sql += " ON CONFLICT " + columns_text(shape_.keys) + " DO ";
  if (columns.size() == shape_.keys.size() || choices_.chance(15)) return {sql + "NOTHING" + returning()};
  sql += "UPDATE SET ";
  for (std::size_t i = shape_.keys.size(); i < columns.size(); ++i) {
    const std::string name = quoted(columns[i].name);
    sql += (i == shape_.keys.size() ? "" : ", ") + name + " = excluded." + name;
  }
  return {sql + returning()};
}

Write WriteMaker::replace() {
  const std::vector<Column> columns = insert_columns(choices_.chance(70));
  std::string sql = "REPLACE INTO " + table() + " " + columns_text(columns) + " VALUES " + row(columns);
  if (choices_.chance(30)) sql += ", " + row(columns);
  return {sql + returning()};
}

Write WriteMaker::update_row() {
  if (shape_.cells.empty()) return change_key();
  const std::vector<Column> columns = choices_.chance(20) ? shape_.cells : some_cells();
  return {conflict_verb("UPDATE") + " " + table() + " SET " + assignments(columns) + " WHERE " + where(shape_, key()) +
          returning()};
}

Write WriteMaker::update_all_rows() {
  if (shape_.cells.empty()) return change_key();
  return {"UPDATE " + table() + " SET " + assignments(some_cells()) + returning()};
}

Write WriteMaker::update_nothing() {
  const std::vector<Column> columns = shape_.cells.empty() || choices_.chance(20) ? shape_.keys : some_cells();
  const std::string set =
      join(columns, ", ", [](const Column& column) { return quoted(column.name) + " = " + quoted(column.name); });
  return {"UPDATE " + table() + " SET " + set + (choices_.chance(50) ? " WHERE " + where(shape_, key()) : "")};
}

Write WriteMaker::update_from() {
  if (shape_.cells.empty()) return change_key();
  const std::string name = quoted(shape_.cells[choices_.index(shape_.cells.size())].name);
  return {"UPDATE " + table() + " SET " + name + " = s." + name + " FROM " + table() + " AS s WHERE " +
          where(shape_, key(), table() + ".") + " AND " + where(shape_, key(), "s.")};
}

Write WriteMaker::erase() { return {"DELETE FROM " + table() + " WHERE " + where(shape_, key()) + returning()}; }

Write WriteMaker::erase_some() {
  if (choices_.chance(20)) return {"DELETE FROM " + table()};
  return {"DELETE FROM " + table() + " WHERE (" + where(shape_, key()) + ") OR (" + where(shape_, key()) + ")"};
}

Write WriteMaker::change_key() {
  const KeyChange change{key(), key()};
  return {update_key(shape_, change), {change}};
}

Write WriteMaker::change_key_over_another() {
  static const std::vector<std::string> verbs = {"UPDATE OR REPLACE", "UPDATE OR REPLACE", "UPDATE OR IGNORE",
                                                 "UPDATE OR FAIL", "UPDATE OR ROLLBACK"};
  std::string sql = update_key(shape_, {key(), key()}, choices_.pick(verbs));
  if (!shape_.cells.empty() && choices_.chance(50)) {
    sql.replace(sql.find(" SET "), 5, " SET " + assignments(some_cells()) + ", ");
  }
  return {sql};
}

Write WriteMaker::shift_keys() {
  const Column& column = shape_.keys[choices_.index(shape_.keys.size())];
  const std::string name = quoted(column.name);
  static const std::vector<std::string> verbs = {"UPDATE", "UPDATE OR REPLACE", "UPDATE OR IGNORE"};
  std::string shifted = any_key_value(column.kind, choices_);
  if (column.kind == Kind::kInteger) shifted = name + " + " + std::to_string(1 + choices_.below(3));
  if (column.kind == Kind::kText) shifted = "substr(" + name + " || 'b', -2)";
  return {choices_.pick(verbs) + " " + table() + " SET " + name + " = " + shifted};
}

Write WriteMaker::swap_keys() {
  const Key one = key();
  const Key other = key();
  Key aside = one;
  aside[0] = shape_.keys[0].kind == Kind::kBlob ? "x'a51de0'" : shape_.keys[0].kind == Kind::kText ? "'aside'" : "77";
  Write write{"", {{one, aside}, {other, one}, {aside, other}}};
  for (const KeyChange& change : write.key_changes) write.sql += update_key(shape_, change) + ";";
  return write;
}

Write WriteMaker::any() {
  struct Maker {
    Write (WriteMaker::*make)();
    unsigned weight;
    bool writes_once;
  };
  static const std::vector<Maker> makers = {
      {&WriteMaker::insert, 3, true},         {&WriteMaker::insert_many, 2, true},
      {&WriteMaker::upsert, 2, false},        {&WriteMaker::insert_with_conflict_in_the_middle, 1, false},
      {&WriteMaker::replace, 2, false},       {&WriteMaker::insert_from_select, 1, true},
      {&WriteMaker::update_row, 3, true},     {&WriteMaker::update_all_rows, 1, true},
      {&WriteMaker::update_nothing, 1, true}, {&WriteMaker::update_from, 1, true},
      {&WriteMaker::erase, 2, true},          {&WriteMaker::erase_some, 1, true},
      {&WriteMaker::change_key, 3, true},     {&WriteMaker::change_key_over_another, 1, false},
      {&WriteMaker::shift_keys, 1, false},    {&WriteMaker::swap_keys, 1, false},
  };
  static const std::vector<const Maker*> urn = [] {
    std::vector<const Maker*> filled;
    for (const Maker& maker : makers) filled.insert(filled.end(), maker.weight, &maker);
    return filled;
  }();
  const Maker& maker = *choices_.pick(urn);
  Write write = (this->*maker.make)();
  write.shape = &shape_;
  // A trigger of the shape's own may write the row again.
  const bool has_trigger = shape_.create.find("TRIGGER") != std::string::npos;
  write.writes_once = maker.writes_once && !has_trigger && write.sql.find("REPLACE") == std::string::npos;
  return write;
}

}  // namespace rejoin::test

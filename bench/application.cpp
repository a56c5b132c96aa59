#include "application.hpp"

namespace bench {

namespace {

/// How a cell of each type is changed by a statement that goes over the whole table.
std::string changed(const std::string& cell, int number) {
  static constexpr const char* kHow[] = {"$ || '.'", "$ + 1", "$ + 1", "$ || '.'", "x'00'"};
  return listed({cell}, "$ = " + std::string(kHow[number % 5]));
}

}  // namespace

const char* name_of(Operation operation) {
  static constexpr const char* kNames[] = {"insert", "update_one", "update_all", "delete", "upsert", "replace"};
  return kNames[static_cast<int>(operation)];
}

Application::Application(Database& database, const Shape& shape) : database_(database), shape_(shape) {
  if (database.engine().kind != Engine::Kind::kLimit) return;
  limit_.emplace(database, shape, database.engine().way);
  version_ = database.number("SELECT max(db_version) FROM t__crsql_clock");
}

std::string Application::sql_of(Operation operation) const {
  const std::vector<std::string> keys = shape_.key_names();
  const std::vector<std::string> cells = shape_.cell_names();
  const int first_cell = static_cast<int>(keys.size()) + 1;
  const std::string where = " WHERE " + listed(keys, "$ = ?#", 1, " AND ");
  const std::string values = " INTO t VALUES (" + listed(keys, "?#") + ", " + listed(cells, "?#", first_cell) + ")";
  const auto updated = static_cast<std::size_t>(shape_.updated_cell());
  switch (operation) {
    case Operation::kInsert:
      return "INSERT" + values;
    case Operation::kUpdateOne:
      return "UPDATE t SET " + listed({cells[updated]}, "$ = ?#", first_cell + shape_.updated_cell()) + where;
    case Operation::kUpdateAll:
      return "UPDATE t SET " + listed(cells, "$ = ?#", first_cell) + where;
    case Operation::kDelete:
      return "DELETE FROM t" + where;
    case Operation::kUpsert:
      return "INSERT" + values + " ON CONFLICT DO UPDATE SET " + listed(cells, "$ = excluded.$");
    default:
      return "INSERT OR REPLACE" + values;
  }
}

void Application::begin() {
  database_.run("BEGIN");
  if (limit_) limit_->begin(++version_);
}

void Application::commit() {
  if (limit_) limit_->end();
  database_.run("COMMIT");
}

/// What the triggers would tell the engine.
void Application::note(Operation operation, int row) {
  if (!limit_) return;
  switch (operation) {
    case Operation::kUpdateOne:
      return limit_->updated_one(row);
    case Operation::kUpdateAll:
      return limit_->updated_all(row);
    case Operation::kDelete:
      return limit_->deleted(row);
    case Operation::kUpsert:
      return row % 2 == 0 ? limit_->updated_all(row) : limit_->inserted(row);
    default:
      return limit_->inserted(row);
  }
}

void Application::one_row(Operation operation, Prepared& statement, int row, int round) {
  const Key key = shape_.key_of(row);
  key[0].bind(statement.get(), 1);
  if (shape_.key == KeyKind::kComposite) key[1].bind(statement.get(), 2);
  if (operation != Operation::kDelete) {
    values_.bind(statement.get(), static_cast<int>(shape_.key_names().size()) + 1, shape_, row, round);
  }
  statement.run();
  note(operation, row);
}

void Application::whole_table(Operation operation, int first, int count, int step) {
  std::string sql = "DELETE FROM t WHERE true";  // without a WHERE, SQLite would only drop the pages
  if (operation != Operation::kDelete) {
    const std::vector<std::string> cells = shape_.cell_names();
    const bool one = operation == Operation::kUpdateOne;
    sql = "UPDATE t SET ";
    for (int i = one ? shape_.updated_cell() : 0; i < shape_.columns; ++i) {
      sql += changed(cells[static_cast<std::size_t>(i)], i);
      if (one) break;
      if (i + 1 < shape_.columns) sql += ", ";
    }
  }
  database_.run(sql);
  for (int i = 0; i < count; ++i) note(operation, first + i * step);
}

void Application::run(Operation operation, int first, int count, bool one_transaction, int round, int step) {
  if (one_transaction) begin();
  const bool whole =
      operation == Operation::kUpdateOne || operation == Operation::kUpdateAll || operation == Operation::kDelete;
  if (one_transaction && whole) {
    whole_table(operation, first, count, step);
  } else {
    Prepared statement(database_.get(), sql_of(operation));
    for (int i = 0; i < count; ++i) {
      if (!one_transaction && limit_) begin();  // else each statement is a transaction of its own
      one_row(operation, statement, first + i * step, round);
      if (!one_transaction && limit_) commit();
    }
  }
  if (one_transaction) commit();
}

void Application::insert_rounds(int rows, int even_round, int odd_round) {
  begin();
  {
    Prepared statement(database_.get(), sql_of(Operation::kInsert));
    for (int row = 1; row <= rows; ++row) {
      one_row(Operation::kInsert, statement, row, row % 2 == 0 ? even_round : odd_round);
    }
  }
  commit();
}

void Application::run_by_key(Operation operation, int rows, int count, int round, std::int64_t from, bool scattered) {
  begin();
  {
    Prepared statement(database_.get(), sql_of(operation));
    const std::int64_t step = scattered ? 7368787 : 1;  // a prime
    for (std::int64_t i = from; i < from + count; ++i) {
      one_row(operation, statement, 1 + static_cast<int>(step * i % rows), round);
    }
  }
  commit();
}

}  // namespace bench

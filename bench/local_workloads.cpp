// Local writes: every operation, in one transaction and a transaction a row, on tables of several shapes.
#include <algorithm>

#include "application.hpp"
#include "workload.hpp"

namespace bench {

namespace {

struct Local {
  Operation operation;
  bool one_transaction;
  Shape shape;
  int rows;

  [[nodiscard]] std::string name() const {
    return std::string(name_of(operation)) + (one_transaction ? "/one_transaction/" : "/transaction_a_row/") +
           shape.name();
  }
};

bool finds_every_second_row(Operation operation) {
  return operation == Operation::kUpsert || operation == Operation::kReplace;
}

/// A file with the table as the operation finds it.
const std::filesystem::path& filled(const Local& local, const Engine& engine) {
  const bool half = finds_every_second_row(local.operation);
  const bool empty = local.operation == Operation::kInsert;
  const std::string name = local.shape.name() +
                           (empty  ? " empty"
                            : half ? " half "
                                   : " whole ") +
                           std::to_string(empty ? 0 : local.rows);
  return filled_once(name, engine, [&](Database& database) {
    engine.create_table(database.get(), local.shape);
    if (empty) return;
    Application application(database, local.shape);
    application.run(Operation::kInsert, half ? 2 : 1, half ? local.rows / 2 : local.rows, true, 0, half ? 2 : 1);
  });
}

void run(const Local& local, Database& database, Meter& meter) {
  Application application(database, local.shape);
  meter.start();
  application.run(local.operation, 1, local.rows, local.one_transaction, 1);
  meter.stop();
}

/// Both write into databases that were filled by themselves: the fillings are compared along with the rest.
void verify(const Local& local, const Engine& limit, const Engine& engine) {
  NoMeter meter;
  Database by_limit(limit, filled(local, limit));
  Database by_engine(engine, filled(local, engine));
  run(local, by_limit, meter);
  run(local, by_engine, meter);
  compare_databases(local.name() + " (" + limit.name() + ")", by_limit, by_engine, local.shape);
}

Workload workload(const Local& local) {
  Workload work;
  work.name = local.name();
  work.family = local.shape.name();
  work.items = local.rows;
  work.item = "row";
  work.targets.push_back({Target::Kind::kTimesLimit, 1.25});
  if (local.operation == Operation::kInsert && local.shape.key == KeyKind::kInteger && local.shape.columns == 5) {
    work.targets.push_back({Target::Kind::kTimesPlain, local.one_transaction ? 7.0 : 3.2});
  }
  work.run = [local](const Engine& engine, Meter& meter) {
    Database database(engine, filled(local, engine));
    run(local, database, meter);
    return 0.0;
  };
  work.limit_ways = {Engine::Way::kRow, Engine::Way::kBulk};
  // A transaction of one row has no end that is not right after the row.
  if (local.one_transaction) work.limit_ways.push_back(Engine::Way::kEnd);
  work.verify = [local](const Engine& limit, const Engine& engine) { verify(local, limit, engine); };
  return work;
}

std::string rows_of(Database& database, const std::string& sql) {
  std::string text;
  Prepared statement(database.get(), sql);
  while (statement.row()) {
    for (int i = 0; i < sqlite3_column_count(statement.get()); ++i) {
      const void* bytes = sqlite3_column_blob(statement.get(), i);
      text += static_cast<char>('0' + sqlite3_column_type(statement.get(), i));
      text.append(static_cast<const char*>(bytes), static_cast<std::size_t>(sqlite3_column_bytes(statement.get(), i)));
      text += '|';
    }
  }
  return text;
}

}  // namespace

void compare_databases(const std::string& what, Database& limit, Database& engine, const Shape& shape) {
  const std::string keys = listed(shape.key_names(), "$");
  for (const std::string& sql :
       {"SELECT * FROM t ORDER BY " + keys, std::string("SELECT * FROM t__crsql_pks ORDER BY __crsql_key"),
        std::string("SELECT key, col_name, col_version, db_version, site_id, seq FROM t__crsql_clock ORDER BY key, "
                    "col_name")}) {
    if (rows_of(limit, sql) != rows_of(engine, sql)) give_up(what + ": not what the engine writes: " + sql);
  }
}

void add_local_workloads(const Sizes& sizes, bool default_shape_only, std::vector<Workload>& workloads) {
  std::vector<Shape> shapes = {{KeyKind::kInteger, 5}};
  if (!default_shape_only) {
    shapes.insert(shapes.end(), {{KeyKind::kInteger, 1},
                                 {KeyKind::kInteger, 50},
                                 {KeyKind::kText, 5},
                                 {KeyKind::kComposite, 5},
                                 {KeyKind::kBlob, 5},
                                 {KeyKind::kWithoutRowid, 5}});
  }
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    const int rows = i == 0 ? sizes.rows : std::min(sizes.rows / 2, sizes.cells / shapes[i].columns);
    for (const Operation operation : kOperations) {
      for (const bool one_transaction : {true, false}) {
        const int small = i == 0 ? sizes.small : sizes.small / 4;
        workloads.push_back(workload({operation, one_transaction, shapes[i], one_transaction ? rows : small}));
      }
    }
  }
}

}  // namespace bench

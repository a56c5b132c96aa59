// An application that writes rows of `t`: the same statements on every engine; on the limit's also the shadow rows.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "database.hpp"
#include "limit.hpp"
#include "shape.hpp"

namespace bench {

enum class Operation { kInsert, kUpdateOne, kUpdateAll, kDelete, kUpsert, kReplace };
inline constexpr Operation kOperations[] = {Operation::kInsert, Operation::kUpdateOne, Operation::kUpdateAll,
                                            Operation::kDelete, Operation::kUpsert,    Operation::kReplace};
const char* name_of(Operation operation);

class Application {
 public:
  Application(Database& database, const Shape& shape);

  /// Writes rows `first`, `first + step` and so on, in one transaction or a transaction a row; `round` decides their
  /// values. In one transaction, updates and deletes are one statement that goes over the whole table. Upsert and
  /// replace take it that the rows of even numbers are there.
  void run(Operation operation, int first, int count, bool one_transaction, int round, int step = 1);
  /// Inserts rows 1 to `rows` in one transaction, those of even numbers with the values of another round.
  void insert_rounds(int rows, int even_round, int odd_round);
  /// Writes some rows of a table of `rows` by their keys, in one transaction: neighbours, or scattered. `from` tells
  /// how many have been written so before: no row comes twice before all others have come.
  void run_by_key(Operation operation, int rows, int count, int round, std::int64_t from, bool scattered);

 private:
  void begin();
  void commit();
  void whole_table(Operation operation, int first, int count, int step);
  void one_row(Operation operation, Prepared& statement, int row, int round);
  void note(Operation operation, int row);
  [[nodiscard]] std::string sql_of(Operation operation) const;

  Database& database_;
  const Shape shape_;
  std::optional<LimitWriter> limit_;
  std::int64_t version_ = 0;
  CellValues values_;
};

}  // namespace bench

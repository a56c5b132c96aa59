// The limit of merging, on the default table: the same decisions and rows by hand-prepared statements outside any
// trigger. What is known of a row is kept while its changes follow each other.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include <rejoin/change.hpp>

#include "database.hpp"

namespace bench {

class LimitMerger {
 public:
  LimitMerger(Database& database, const Shape& shape);

  /// A change at a time.
  void merge(const rejoin::Change& change);
  /// The changes of a row together: a new one is one row of the table and one statement for its clocks.
  void merge_together(const std::vector<rejoin::Change>& changes);

 private:
  struct Cell {  // the statements of one column
    Cell(sqlite3* db, const std::string& name);
    std::string name;
    Prepared upsert, update, select;
  };
  struct Row {
    std::int64_t id = 0;
    std::int64_t number = 0;  // 0: not known here
    bool fresh = false;       // made by this merge
  };

  Cell& cell_of(const std::string& name);
  void look_up(std::int64_t id);
  void make_key();
  bool insert_clock(const rejoin::Change& change);
  void weigh(Cell& cell, const rejoin::Change& change);
  void insert_row(const rejoin::Change* first);
  void write_base(Prepared& statement, const rejoin::Change& change) const;

  sqlite3* db_;
  const int columns_;
  std::int64_t version_;
  std::deque<Cell> cells_;
  std::optional<Row> row_;
  Prepared find_key_, insert_key_, sentinel_, insert_clock_, select_clock_, update_clock_, insert_row_, insert_clocks_;
};

}  // namespace bench

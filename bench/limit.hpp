// The limit of the file format: what hand-prepared statements outside any trigger need to write the same rows of base
// table and shadow tables, in the same transaction, that an engine writes. See docs/performance.md.
//
// Reads that every engine must do are in it: the number of a key that may be known, the sentinel of a row that is
// inserted again, the column version that an update counts up. What the write itself can tell is not read.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <string>
#include <vector>

#include "database.hpp"
#include "limit_log.hpp"
#include "shape.hpp"

namespace bench {

/// The shadow tables of docs/storage-format.md.
std::string limit_tables_sql(const Shape& shape, const std::string& table = "t");

/// Writes the shadow rows of the application's writes to `t`.
class LimitWriter {
 public:
  LimitWriter(Database& database, const Shape& shape, Engine::Way way);

  void begin(std::int64_t version);
  void inserted(int row) { record(LimitEvent::Kind::kInsert, row); }
  void updated_one(int row) { record(LimitEvent::Kind::kUpdateOne, row); }
  void updated_all(int row) { record(LimitEvent::Kind::kUpdateAll, row); }
  void deleted(int row) { record(LimitEvent::Kind::kDelete, row); }
  /// Before the COMMIT.
  void end();

 private:
  void record(LimitEvent::Kind kind, int row);
  void write(const LimitEvent& event);
  void insert(const LimitEvent& event);
  std::int64_t find(const Key& key);
  void bind_key(sqlite3_stmt* statement, const Key& key) const;
  void stamp(Prepared& statement, std::int64_t key);
  void touch(Prepared& statement, LimitEvent event);

  void write_all();
  void find_keys();
  void insert_keys();
  void write_cells();
  void bury_rows();

  sqlite3* db_;
  const Shape shape_;
  const Engine::Way way_;
  std::vector<std::string> cells_;
  std::int64_t version_ = 0;
  std::int64_t seq_ = 0;
  LimitLog log_;

  // A few statements a row.
  Prepared insert_key_, find_key_, insert_cells_, touch_cell_, touch_cells_, touch_row_, drop_cells_, bury_;
  // A few statements a transaction.
  Prepared all_insert_keys_, all_find_keys_, all_insert_cells_, all_touch_cell_, all_touch_cells_, all_touch_rows_,
      all_drop_cells_, all_bury_;
};

}  // namespace bench

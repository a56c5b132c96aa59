// Writing what has won a merge into the application's own table.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include <rejoin/status.hpp>

#include "crr/clock.hpp"

namespace rejoin::internal {

/// A row of a CRR's table; borrowed.
struct BaseRow {
  const std::shared_ptr<const Table>& table;
  const KeyValues& key;  ///< as the columns store it
  ByteView pk;           ///< packed as it came, for messages
  std::string_view column;
};

/// Each call is one statement that does all or nothing, and that a constraint or a trigger of the application's may
/// refuse. The engine's triggers record none of it. last_insert_rowid() stays what it is.
///
/// While rows are gathered, the cells of a row wait until another row is written, and then go in with one statement if
/// they are all there is of the row. Whoever reads or writes the table otherwise needs flush() before it. A flush()
/// that fails leaves half_written(): the cells are lost, and all that was done since gathering began must be undone.
class BaseWriter {
 public:
  enum class Gather : std::uint8_t {
    kNothing,
    kWillingRows,  ///< rows that only the file system, memory and the like can refuse to write
    kAllRows,
  };

  BaseWriter(sqlite3* db, StatementCache& statements, Clock& clock, int& sync_bit)
      : db_(db), statements_(statements), clock_(clock), sync_bit_(sync_bit) {}

  Status remove(const BaseRow& row);
  Status create(const BaseRow& row);
  /// Lends the statement that shows the cell as it is, bound.
  Status select(const BaseRow& row, std::size_t cell, Lease& lease);
  /// `exists`: as far as the clocks know. `lasting`: the value lives until flush() if all rows are gathered.
  Status write(const BaseRow& row, std::size_t cell, const ValueView& value, bool exists, bool lasting);

  void gather(Gather what) { gather_ = what; }
  Status flush();
  /// What was gathered is not to be written.
  void drop();

  /// Something was written by a call that failed: the transaction must not commit. Asking sets it back.
  bool half_written() { return std::exchange(half_written_, false); }

 private:
  struct Cell {
    std::size_t number = 0;
    ValueView value;
    bool copied = false;    // its bytes are in bytes_,
    std::size_t start = 0;  // from here on
  };
  static constexpr std::size_t kLargestCopy = 4096;  // of a value's bytes

  [[nodiscard]] bool may_wait(const BaseRow& row, std::size_t cell, const ValueView& value, bool lasting) const;
  Status add(const BaseRow& row, std::size_t cell, const ValueView& value, bool exists, bool lasting);
  Status write_cells();
  Status write_row(const BaseRow& row, bool& done);
  Status write_cell(const BaseRow& row, std::size_t cell, const ValueView& value, bool exists);
  Status run(Lease& lease, const BaseRow& row);

  sqlite3* db_;
  StatementCache& statements_;
  Clock& clock_;
  int& sync_bit_;
  bool half_written_ = false;
  Gather gather_ = Gather::kNothing;
  bool running_ = false;  // what a constraint or trigger calls may merge, too

  // The row that is being gathered, if cells_ is not empty.
  std::shared_ptr<const Table> table_;
  Bytes pk_;
  Bytes key_;  // packed anew
  bool exists_ = false;
  std::vector<Cell> cells_;
  Bytes bytes_;       // of copied values
  KeyValues values_;  // scratch: of key_
};

}  // namespace rejoin::internal

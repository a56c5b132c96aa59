// Many changes as few bytes: what one replica tells another, in messages and in files (docs/wire-format.md).
// DO NOT CHANGE what is here: peers and files depend on each byte.
//
//   batch   := group*                                      to the end of the bytes
//   group   := flags:u8 [table] [site] [version] [seq] [life] key cells
//              changes that follow one another and are of one row, db_version, site and causal length, each of another
//              column, with seqs that go up by one
//   table   := ref                                         unless flag 1: that of the group before
//   site    := ref                                         unless flag 2: that of the group before
//   version := zigzag                                      unless flag 4: that of the group before, 0 at first;
//              what is added to it
//   seq     := zigzag                                      unless flag 8: behind the change before, or 0 where the
//              version is another; what is added to that
//   life    := varint                                      unless flag 16: the causal length is 1
//   key     := sized                                       packed as in crsql_changes
//   cells   := count:varint (ref column_version:varint value)*     ref: of the table's columns
//            | value*                                      where flag 32: the columns of the group before of this
//            table,
//              each with column_version 1
//   ref     := 0 sized | n                                 a new entry of the list, or entry n, counted from 1
//   value   := tag:u8 …                                    tag & 7 says what it is, tag >> 3 is n
//              0 NULL, n = 0;  1 INTEGER zigzag; 2 REAL n = 0, 8 bytes big-endian IEEE 754; 3 TEXT; 4 BLOB
//              n < 31 is the number (INTEGER) or the length (TEXT, BLOB) itself, 31: a varint follows
//   sized   := length:varint bytes
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <rejoin/change.hpp>
#include <rejoin/status.hpp>

#include "sync/varint.hpp"

namespace rejoin::sync {

/// Takes changes, in whatever order, and gives the bytes.
class BatchEncoder {
 public:
  void add(const Change& change);

  [[nodiscard]] bool empty() const { return changes_ == 0; }
  [[nodiscard]] std::size_t changes() const { return changes_; }
  /// About how many bytes take() would give.
  [[nodiscard]] std::size_t size() const { return out_.size() + cells_.size(); }
  /// The bytes; begins anew.
  Bytes take();

 private:
  struct TableState {
    std::uint64_t number = 0;
    struct Column {
      std::uint64_t number = 0;
      std::uint64_t group = 0;  // the last one that had it
    };
    std::map<std::string, Column, std::less<>> columns;
    std::vector<std::uint64_t> last_columns;  // of its last group, if that could say so in one bit
  };

  bool continues(const Change& change) const;
  void begin_group(const Change& change);
  void end_group();
  void add_cell(const Change& change);

  Bytes out_;
  Bytes cells_;   // of the group that is open, column by column
  Bytes values_;  // the same, values alone
  std::vector<std::uint64_t> group_columns_;
  bool plain_ = true;  // every cell of the open group has column_version 1
  std::uint8_t flags_ = 0;
  Bytes head_;
  std::size_t changes_ = 0;
  std::uint64_t group_ = 0;
  std::map<std::string, TableState, std::less<>> tables_;
  std::map<Blob, std::uint64_t> sites_;
  TableState* table_ = nullptr;
  Change last_;
  bool open_ = false;
};

/// Gives the changes that an encoder took, one after another. The bytes must outlive it; each size and count is checked
/// against what is left of them before anything is allocated for it.
class BatchDecoder {
 public:
  explicit BatchDecoder(ByteView bytes) : size_(bytes.size), reader_(bytes) {}

  /// Replaces `change` by the next one: true; false at the end. kInvalidArgument, with the place, where the bytes are
  /// no batch.
  Result<bool> next(Change& change);

 private:
  struct TableState {
    std::string name;
    std::vector<std::string> columns;
    std::vector<std::uint64_t> groups;  // of each column: the last one that had it
    std::vector<std::size_t> last_columns;
  };

  Status read_group();
  Status read_head(std::uint8_t flags);
  Status read_table();
  Status read_cell(Change& change);
  Status read_value(Value& value);
  Status malformed(const char* what) const;

  std::size_t size_;
  ByteReader reader_;
  std::vector<TableState> tables_;
  std::vector<Blob> sites_;
  std::size_t table_ = 0;
  std::size_t site_ = 0;
  std::int64_t version_ = 0;
  std::int64_t seq_ = 0;  // of the next change
  std::int64_t life_ = 1;
  Blob key_;
  std::uint64_t group_ = 0;
  std::uint64_t left_ = 0;  // cells of the group
  bool plain_ = false;
  std::vector<std::size_t> columns_;  // of the group, so far
};

}  // namespace rejoin::sync

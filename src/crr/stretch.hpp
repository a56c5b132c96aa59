// A stretch of the log: writes to rows that are all different, so that those of one kind can be stored together,
// whatever stood between them. Each keeps the seq that its place in the log gives it.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <vector>

#include <rejoin/status.hpp>

#include "crr/clock.hpp"

namespace rejoin::internal {

enum class WriteKind : std::uint8_t { kInsert, kUpdate, kDelete };

class Stretch {
 public:
  explicit Stretch(Clock& clock) : clock_(clock) {}

  void clear();
  /// Takes up the next write of the log; false where it must come after what is here: a write to the same row, or to
  /// one table too many. Key and mask are borrowed.
  bool add(const std::shared_ptr<const Table>& table, WriteKind kind, ByteView key, ByteView mask);
  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  /// Whether the writes are worth the statements that they take together.
  [[nodiscard]] bool worth_listing() const { return entries_.size() >= kWorthListing * groups_.size(); }

  /// Stores them. Where `count` is not 0, the last statement changes so many clock rows, if that can be.
  Status write(std::int64_t version, std::int64_t count);
  /// The table that was written last.
  [[nodiscard]] const std::shared_ptr<const Table>& last_table() const { return groups_.back().table; }

 private:
  static constexpr std::size_t kWorthListing = 3;  // fewer of a kind are written one by one
  static constexpr std::size_t kMostTables = 8;
  static constexpr std::uint32_t kFree = UINT32_MAX;

  struct Entry {
    ListedRow row;
    ByteView identity;  // its key; the same for keys that are one to SQLite
    WriteKind kind;
    std::uint32_t table;
  };
  /// The writes of one kind to one table.
  struct Group {
    std::shared_ptr<const Table> table;
    WriteKind kind;
    std::vector<std::uint32_t> entries;
  };

  bool number_of(const std::shared_ptr<const Table>& table, std::uint32_t& number);
  ByteView identity_of(ByteView key);
  std::uint32_t& place_of(std::uint32_t table, ByteView identity);
  Group& group_of(std::uint32_t table, WriteKind kind);
  RowList& list(const Table& table, const std::vector<std::uint32_t>& entries);
  void take_back(const std::vector<std::uint32_t>& entries);
  [[nodiscard]] std::vector<std::uint32_t> known_of(const Group& group) const;
  Status number(const Group& group);
  void give_seqs();
  Status store(const Group& group, std::int64_t version, std::int64_t count);
  Status store_inserts(const Group& group, std::int64_t version, std::int64_t count);

  Clock& clock_;
  std::vector<Entry> entries_;
  std::vector<std::shared_ptr<const Table>> tables_;
  std::vector<Group> groups_;
  std::size_t last_group_ = 0;         // where the write before went
  std::vector<std::uint32_t> places_;  // a hash table of entries
  std::list<Bytes> rewritten_;         // identities that are not the keys themselves
  KeyValues key_;                      // scratch
};

}  // namespace rejoin::internal

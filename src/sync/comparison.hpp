// Which rows differ between two replicas, found by digests of ever smaller ranges: a few round trips, and bytes in
// proportion to what differs. The items of a row are its cells and its life, whoever wrote them under whatever
// db_version, so that replicas which are equal by Replica::digest have equal items.
#pragma once

#include <cstdint>
#include <deque>
#include <unordered_set>
#include <vector>

#include <rejoin/change.hpp>
#include <rejoin/replica.hpp>
#include <rejoin/status.hpp>

#include "sync/message.hpp"

namespace rejoin::sync {

/// The hash by which a row goes in a comparison.
std::uint64_t row_hash(const Change& change);

/// The rows of a replica as they were when it was made: 16 bytes of memory a row, some three times that while it is
/// made.
class RowIndex {
 public:
  static Result<RowIndex> of(const Replica& replica);

  [[nodiscard]] std::size_t size() const { return rows_.size(); }
  [[nodiscard]] DigestNode node(const HashRange& range) const;
  [[nodiscard]] Leaf leaf(const HashRange& range) const;
  /// How many rows are in a range.
  [[nodiscard]] std::size_t count(const HashRange& range) const;
  [[nodiscard]] bool has(std::uint64_t key) const;

 private:
  using Rows = std::vector<RowDigest>;
  [[nodiscard]] Rows::const_iterator lower(std::uint64_t key) const;
  [[nodiscard]] std::pair<Rows::const_iterator, Rows::const_iterator> bounds(const HashRange& range) const;
  void fold();

  Rows rows_;  // by key
};

/// One side of the comparison. The two sides take turns: each message that was taken in is answered by one, until both
/// have said that they are finished.
class Comparison {
 public:
  explicit Comparison(RowIndex index) : index_(std::move(index)) {}

  /// For the side that begins.
  void begin() { todo_.push_back({}); }
  /// Takes in what the other side says.
  Status take(const Compare& theirs);
  /// What this side has to say now.
  Compare answer();
  /// Nothing more is to be said by either side.
  [[nodiscard]] bool finished() const { return we_finished_ && they_finished_; }
  /// The hashes of the rows here that the other side needs.
  [[nodiscard]] std::unordered_set<std::uint64_t> take_rows() { return std::move(send_); }

 private:
  void compare_node(const DigestNode& theirs);
  void compare_leaf(const Leaf& theirs);
  Status spend(const HashRange& range);

  RowIndex index_;
  std::deque<HashRange> todo_;         // ranges that differ: to be told in parts
  std::deque<HashRange> todo_leaves_;  // the same, row by row
  std::vector<std::uint64_t> wanted_;
  std::unordered_set<std::uint64_t> send_;
  std::uint64_t work_ = 0;  // rows that were looked at, and a price for each range
  bool we_finished_ = false;
  bool they_finished_ = false;
};

}  // namespace rejoin::sync

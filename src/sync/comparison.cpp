#include "sync/comparison.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "base/hash.hpp"
#include "base/try.hpp"
#include "sync/refusal.hpp"

namespace rejoin::sync {

namespace {

constexpr std::size_t kLeafRows = 32;   // a range with no more rows than this on both sides is told row by row
constexpr std::size_t kMostNodes = 64;  // of one message: about 150 KB
constexpr std::size_t kMostLeaves = 1024;
constexpr std::size_t kMostWanted = 65536;
constexpr std::uint8_t kDeepest = 7;
constexpr std::size_t kFoldAtLeast = 65536;
// An honest comparison looks at each row a few times a level, at 8 levels at most, and names ranges in which there are
// rows on one side or the other, 256 for each that is split.
constexpr std::uint64_t kWorkForARow = 64;
constexpr std::uint64_t kWorkForNone = std::uint64_t{1} << 22;

std::uint64_t hash_of(const Bytes& bytes) { return internal::hash_of(internal::view_of(bytes)).low; }

/// Of a cell: its column, version and value; of the life of a row: its causal length, which every item has.
std::uint64_t item_hash(const Change& change, Bytes& scratch) {
  scratch.clear();
  append_sized(scratch, change.column);
  append_varint(scratch, static_cast<std::uint64_t>(change.causal_length));
  // That a row lives for the first time may be said or left unsaid: it is the same.
  if (change.column == kSentinelColumn) return change.causal_length == 1 ? 0 : hash_of(scratch);
  append_varint(scratch, static_cast<std::uint64_t>(change.column_version));
  scratch.push_back(static_cast<std::uint8_t>(change.value.index()));
  if (const auto* integer = std::get_if<std::int64_t>(&change.value)) {
    append_varint(scratch, zigzag(*integer));
  } else if (const auto* real = std::get_if<double>(&change.value)) {
    // -0.0 and 0.0 are one value to the merge rule.
    internal::append_unsigned(scratch, internal::bits_as<std::uint64_t>(*real == 0 ? 0.0 : *real), 8);
  } else if (const auto* text = std::get_if<std::string>(&change.value)) {
    append_sized(scratch, *text);
  } else if (const auto* blob = std::get_if<Blob>(&change.value)) {
    append_sized(scratch, internal::view_of(*blob));
  }
  return hash_of(scratch);
}

std::uint64_t last_key(const HashRange& range) {
  return range.level == 0 ? ~std::uint64_t{0} : range.prefix | (~std::uint64_t{0} >> (8 * range.level));
}

HashRange part_of(const HashRange& range, std::size_t part) {
  return {static_cast<std::uint8_t>(range.level + 1),
          range.prefix | (static_cast<std::uint64_t>(part) << (56 - 8 * range.level))};
}

bool well_formed(const HashRange& range) {
  return range.level < 8 && (range.prefix & (last_key(range) ^ range.prefix)) == 0;
}

}  // namespace

std::uint64_t row_hash(const Change& change) {
  Bytes bytes;
  append_sized(bytes, change.table);
  internal::append_bytes(bytes, internal::view_of(change.pk));
  return hash_of(bytes);
}

Result<RowIndex> RowIndex::of(const Replica& replica) {
  RowIndex index;
  Bytes scratch;
  std::size_t folded = 0;
  REJOIN_TRY(replica.visit_changes(-1, {}, [&](const Change& change) {
    index.rows_.push_back({row_hash(change), item_hash(change, scratch)});
    // The cells of a row come apart: from time to time they are put together, so that rows alone take memory.
    if (index.rows_.size() >= 2 * folded + kFoldAtLeast) {
      index.fold();
      folded = index.rows_.size();
    }
    return Status();
  }));
  index.fold();
  index.rows_.shrink_to_fit();
  return index;
}

void RowIndex::fold() {
  std::sort(rows_.begin(), rows_.end(), [](const RowDigest& a, const RowDigest& b) { return a.key < b.key; });
  std::size_t kept = 0;
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    if (kept > 0 && rows_[kept - 1].key == rows_[i].key) {
      rows_[kept - 1].digest += rows_[i].digest;
    } else {
      rows_[kept++] = rows_[i];
    }
  }
  rows_.resize(kept);
}

RowIndex::Rows::const_iterator RowIndex::lower(std::uint64_t key) const {
  return std::lower_bound(rows_.begin(), rows_.end(), key,
                          [](const RowDigest& row, std::uint64_t sought) { return row.key < sought; });
}

std::pair<RowIndex::Rows::const_iterator, RowIndex::Rows::const_iterator> RowIndex::bounds(
    const HashRange& range) const {
  const std::uint64_t last = last_key(range);
  return {lower(range.prefix), last == ~std::uint64_t{0} ? rows_.end() : lower(last + 1)};
}

std::size_t RowIndex::count(const HashRange& range) const {
  const auto [first, last] = bounds(range);
  return static_cast<std::size_t>(last - first);
}

bool RowIndex::has(std::uint64_t key) const {
  const auto row = lower(key);
  return row != rows_.end() && row->key == key;
}

DigestNode RowIndex::node(const HashRange& range) const {
  DigestNode node;
  node.range = range;
  const auto [first, last] = bounds(range);
  Bytes bytes;
  for (auto row = first; row != last; ++row) {
    DigestNode::Part& part = node.parts[(row->key >> (56 - 8 * range.level)) & 0xff];
    ++part.items;
    bytes.clear();
    internal::append_unsigned(bytes, row->key, 8);
    internal::append_unsigned(bytes, row->digest, 8);
    part.digest += hash_of(bytes);
  }
  return node;
}

Leaf RowIndex::leaf(const HashRange& range) const {
  const auto [first, last] = bounds(range);
  return {range, {first, last}};
}

void Comparison::compare_node(const DigestNode& theirs) {
  const DigestNode ours = index_.node(theirs.range);
  for (std::size_t i = 0; i < ours.parts.size(); ++i) {
    const DigestNode::Part& here = ours.parts[i];
    const DigestNode::Part& there = theirs.parts[i];
    if (here.items == there.items && here.digest == there.digest) continue;
    if (theirs.range.level == kDeepest) {
      todo_leaves_.push_back(theirs.range);
      return;
    }
    const HashRange part = part_of(theirs.range, i);
    if (there.items == 0) {
      for (const RowDigest& row : index_.leaf(part).rows) send_.insert(row.key);
    } else if (here.items == 0 || (here.items <= kLeafRows && there.items <= kLeafRows)) {
      todo_leaves_.push_back(part);
    } else {
      todo_.push_back(part);
    }
  }
}

void Comparison::compare_leaf(const Leaf& theirs) {
  const Leaf ours = index_.leaf(theirs.range);
  auto here = ours.rows.begin();
  auto there = theirs.rows.begin();
  while (here != ours.rows.end() || there != theirs.rows.end()) {
    if (there == theirs.rows.end() || (here != ours.rows.end() && here->key < there->key)) {
      send_.insert(here++->key);
    } else if (here == ours.rows.end() || there->key < here->key) {
      wanted_.push_back(there++->key);
    } else {
      if (here->digest != there->digest) {
        send_.insert(here->key);
        wanted_.push_back(here->key);
      }
      ++here;
      ++there;
    }
  }
}

// What a peer asks for is bounded by what there is: it cannot keep this side busy for nothing.
Status Comparison::spend(const HashRange& range) {
  if (!well_formed(range)) return bad_message("a range is malformed");
  work_ += index_.count(range) + 256;
  if (work_ <= kWorkForARow * index_.size() + kWorkForNone) return {};
  return bad_message("it compares without end");
}

Status Comparison::take(const Compare& theirs) {
  for (const DigestNode& node : theirs.nodes) {
    REJOIN_TRY(spend(node.range));
    compare_node(node);
  }
  for (const Leaf& leaf : theirs.leaves) {
    const auto in_order = [](const RowDigest& a, const RowDigest& b) { return a.key < b.key; };
    REJOIN_TRY(spend(leaf.range));
    if (!std::is_sorted(leaf.rows.begin(), leaf.rows.end(), in_order)) {
      return bad_message("a range is malformed");
    }
    compare_leaf(leaf);
  }
  for (const std::uint64_t key : theirs.wanted) {
    if (index_.has(key)) send_.insert(key);
  }
  they_finished_ = theirs.finished;
  return {};
}

Compare Comparison::answer() {
  Compare ours;
  for (; !todo_.empty() && ours.nodes.size() < kMostNodes; todo_.pop_front()) {
    ours.nodes.push_back(index_.node(todo_.front()));
  }
  for (; !todo_leaves_.empty() && ours.leaves.size() < kMostLeaves; todo_leaves_.pop_front()) {
    ours.leaves.push_back(index_.leaf(todo_leaves_.front()));
  }
  const std::size_t wanted = std::min(wanted_.size(), kMostWanted);
  ours.wanted.assign(wanted_.end() - static_cast<std::ptrdiff_t>(wanted), wanted_.end());
  wanted_.resize(wanted_.size() - wanted);
  // What is told here may make the other side ask or tell more: only one who tells nothing that is to be compared, and
  // keeps nothing back, is finished for now.
  ours.finished = ours.nodes.empty() && ours.leaves.empty() && wanted_.empty();
  we_finished_ = ours.finished;
  return ours;
}

}  // namespace rejoin::sync

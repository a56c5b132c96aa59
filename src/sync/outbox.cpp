#include "sync/outbox.hpp"

#include <utility>
#include <vector>

#include "base/try.hpp"
#include "sync/batch.hpp"
#include "sync/comparison.hpp"

namespace rejoin::sync {

namespace {

// How often the peer is told of nothing but that its cursor may move, in milliseconds: each time costs it a write.
constexpr std::int64_t kAdvanceEvery = 1000;

// What is read at once; encoded it is a good deal smaller.
constexpr BatchLimits kReadAtOnce{2000, std::size_t{256} << 10};

// Before all changes, those of version 0 too.
constexpr Cursor kStart{-1, Cursor::kWholeVersion};

}  // namespace

void Outbox::resume(const Resume& theirs) {
  told_ = theirs.known ? theirs.cursor : Cursor();
  read_ = theirs.known ? theirs.cursor : kStart;
  let_go();
}

void Outbox::repair(std::unordered_set<std::uint64_t> rows, std::int64_t version) {
  rows_ = std::move(rows);
  repairing_ = true;
  repaired_at_ = version;
  read_ = kStart;
  let_go();
}

void Outbox::came_from_peer(std::int64_t before, std::int64_t upto) {
  if (upto <= before) return;
  if (!from_peer_.empty() && from_peer_.back().upto == before) {
    from_peer_.back().upto = upto;
  } else {
    from_peer_.push_back({before, upto});
  }
}

bool Outbox::wanted(const Change& change) const {
  if (repairing_) return rows_.contains(row_hash(change));
  for (const Range& range : from_peer_) {
    if (change.db_version > range.before && change.db_version <= range.upto) return false;
  }
  return true;
}

Status Outbox::fill(const Replica& replica, std::int64_t version, Bytes& batch, bool& end) {
  if (!stream_) {
    stream_version_ = version;
    Result<ChangeStream> opened = replica.changes_after(read_);
    if (!opened.ok()) return opened.status();
    stream_.emplace(std::move(opened).value());
  }
  BatchEncoder encoder;
  end = false;
  while (!end && encoder.size() < message_bytes_) {
    const Status status = stream_->next(kReadAtOnce, read_changes_);
    if (!status.ok()) let_go();
    REJOIN_TRY(status);
    end = read_changes_.empty();
    for (const Change& change : read_changes_) {
      if (wanted(change)) encoder.add(change);
    }
  }
  read_ = stream_->cursor();
  if (read_.db_version < 0) read_ = Cursor();
  if (end) let_go();
  while (end && !repairing_ && !from_peer_.empty() && from_peer_.front().upto <= read_.db_version) {
    from_peer_.pop_front();
  }
  changes_ += static_cast<std::int64_t>(encoder.changes());
  batch = encoder.take();
  return {};
}

void Outbox::let_go() {
  stream_.reset();
  read_changes_ = {};
}

Result<bool> Outbox::next_repair(const Replica& replica, std::int64_t version, ChangesHead& head, Bytes& batch) {
  bool end = rows_.empty();
  if (!end) REJOIN_TRY(fill(replica, version, batch, end));
  if (end) {
    repairing_ = false;
    rows_.clear();
    read_ = {repaired_at_, Cursor::kWholeVersion};
    anywhere_ = true;
  }
  head.repair = true;
  return !batch.empty();
}

bool Outbox::idle(std::int64_t version, const Moment& moment) {
  advance_ = false;
  if (repairing_ || anywhere_ || !end_told_) return false;
  if (version != head_ && !from_peer_.empty() && read_ == Cursor{head_} && from_peer_.back().before <= head_ &&
      from_peer_.back().upto == version) {
    // All that is new came from the peer: there is nothing to look at.
    from_peer_.clear();
    head_ = version;
    read_ = {version};
  }
  if (version != head_) return false;
  // All is told but that the peer's cursor may move. While the peer has more to tell there will be more to pass over.
  advance_ = read_ != told_ && moment.peer_at_end && moment.now >= next_advance_;
  if (advance_) next_advance_ = moment.now + kAdvanceEvery;
  return !advance_;
}

Result<bool> Outbox::next(const Replica& replica, std::int64_t version, ChangesHead& head, Bytes& batch) {
  batch.clear();
  head = {};
  if (repairing_) {
    const Result<bool> more = next_repair(replica, version, head, batch);
    if (!more.ok() || *more) return more;
    head = {};
  }
  bool end = true;
  if (!advance_) {
    REJOIN_TRY(fill(replica, version, batch, end));
    if (end) head_ = stream_version_;  // what was stored since the walk began is looked at next
    if (batch.empty() && end_told_ && !anywhere_) return false;
  }
  head.anywhere = anywhere_;
  head.from = told_;
  head.to = read_;
  head.end = end;
  anywhere_ = false;
  end_told_ = end;
  told_ = read_;
  return true;
}

bool Outbox::told_all(const Replica& replica) const {
  const Result<std::int64_t> version = replica.db_version();
  return version.ok() && !repairing_ && end_told_ && head_ == *version && told_ == read_;
}

}  // namespace rejoin::sync

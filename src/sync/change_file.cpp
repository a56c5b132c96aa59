#include "sync/change_file.hpp"

#include <istream>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/hash.hpp"
#include "base/try.hpp"
#include "sync/batch.hpp"
#include "sync/batch_merge.hpp"
#include "sync/link.hpp"
#include "sync/message.hpp"

namespace rejoin::sync {

namespace {

constexpr std::string_view kMagic = "rejoin changes\n";
constexpr std::uint8_t kVersion = 1;
enum BlockType : std::uint8_t { kHead = 1, kBatch = 2, kEnd = 3 };

constexpr std::size_t kBlockBytes = std::size_t{1} << 20;
constexpr std::size_t kLargestBlock = std::size_t{1} << 30;  // SQLite takes no larger value
constexpr BatchLimits kReadAtOnce{2000, kBlockBytes};

Status bad(const std::string& what) { return {ErrorCode::kInvalidArgument, "the file of changes " + what}; }

void put(std::ostream& out, const Bytes& bytes) {
  out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

Status write_block(std::ostream& out, BlockType type, const Bytes& body) {
  const Bytes message = packed_message(type, body);
  Bytes frame;
  internal::append_unsigned(frame, message.size(), 4);
  put(out, frame);
  put(out, message);
  frame.clear();
  internal::append_unsigned(frame, internal::hash_of(internal::view_of(message)).low, 8);
  put(out, frame);
  if (!out) return {ErrorCode::kSqlite, "the file of changes cannot be written"};
  return {};
}

bool get(std::istream& in, std::size_t size, Bytes& bytes) {
  // As it arrives: a size that is only claimed costs no memory.
  constexpr std::size_t kStep = std::size_t{1} << 20;
  bytes.clear();
  while (bytes.size() < size) {
    const std::size_t step = std::min(kStep, size - bytes.size());
    bytes.resize(bytes.size() + step);
    in.read(reinterpret_cast<char*>(bytes.data() + bytes.size() - step), static_cast<std::streamsize>(step));
    if (static_cast<std::size_t>(in.gcount()) != step) return false;
  }
  return true;
}

class Importer {
 public:
  Importer(Replica& replica, std::istream& in) : replica_(replica), in_(in) {}

  Status run() {
    Bytes bytes;
    if (!get(in_, kMagic.size() + 1, bytes) ||
        std::string_view(reinterpret_cast<const char*>(bytes.data()), kMagic.size()) != kMagic) {
      return bad("is none: it does not begin as one");
    }
    if (bytes.back() != kVersion) return bad("is of version " + std::to_string(bytes.back()) + ", which is not known");
    bool more = true;
    while (more) REJOIN_TRY(take_block(more));
    if (in_.peek() != std::istream::traits_type::eof()) return bad("goes on after its end");
    return move_cursor();
  }

  ChangeFileCount count;

 private:
  Status take_block(bool& more) {
    ++block_;
    Bytes bytes;
    if (!get(in_, 4, bytes)) return bad_block("is missing: the file was cut off");
    std::uint64_t size = 0;
    ByteReader reader(internal::view_of(bytes));
    if (!reader.read_unsigned(4, size) || size > kLargestBlock) return bad_block("is too large");
    Bytes message;
    if (!get(in_, static_cast<std::size_t>(size), message) || !get(in_, 8, bytes)) return bad_block("is cut off");
    std::uint64_t checksum = 0;
    ByteReader tail(internal::view_of(bytes));
    if (!tail.read_unsigned(8, checksum) || checksum != internal::hash_of(internal::view_of(message)).low) {
      return bad_block("is damaged: its checksum is wrong");
    }
    Arrival arrival;
    REJOIN_TRY(unpack_message(internal::view_of(message), kLargestBlock, arrival));
    if ((arrival.type == kHead) != (block_ == 1)) return bad_block("is not where it belongs");
    more = arrival.type != kEnd;
    return take(arrival);
  }

  Status take(const Arrival& arrival) {
    ByteReader reader(internal::view_of(arrival.body));
    ByteView site;
    std::uint64_t since = 0;
    std::uint64_t until = 0;
    switch (arrival.type) {
      case kHead:
        if (!reader.read_bytes(kSiteSize, site) || !read_varint(reader, since) || !read_varint(reader, until) ||
            reader.left() > 0 || since > until || until >> 62 != 0) {
          return bad_block("says not whose changes they are");
        }
        head_ = {Blob(site.data, site.data + site.size), static_cast<std::int64_t>(since),
                 static_cast<std::int64_t>(until)};
        return {};
      case kBatch: {
        MergeCount merged;
        const Status status = merge_batch(replica_, internal::view_of(arrival.body), merged);
        count.changes += merged.changes;
        count.won += merged.won;
        return status;
      }
      case kEnd:
        if (!read_varint(reader, since) || reader.left() > 0 || since != static_cast<std::uint64_t>(count.changes)) {
          return bad_block("says another number of changes");
        }
        return {};
      default:
        return bad_block("is of no known kind");
    }
  }

  Status move_cursor() {
    const Result<Blob> own = replica_.site_id();
    if (!own.ok()) return own.status();
    if (head_.site == *own) return {};
    const Result<std::int64_t> cursor = replica_.cursor(head_.site);
    if (!cursor.ok()) return cursor.status();
    // Where something before these changes is missing it must still be asked for.
    return *cursor < head_.since || *cursor >= head_.until ? Status() : replica_.set_cursor(head_.site, head_.until);
  }

  Status bad_block(const char* what) const { return bad("is malformed: block " + std::to_string(block_) + " " + what); }

  Replica& replica_;
  std::istream& in_;
  ChangeFileHead head_;
  std::int64_t block_ = 0;
};

}  // namespace

Result<ChangeFileCount> write_changes(const Replica& replica, std::int64_t since, std::ostream& out) {
  const Result<Blob> site = replica.site_id();
  if (!site.ok()) return site.status();
  Result<ChangeStream> stream = replica.changes_after({since > 0 ? since : -1, Cursor::kWholeVersion});
  if (!stream.ok()) return stream.status();
  // The walk sees one state of the database from its first step on, but says where it ends at the end alone: where it
  // has something to show, the version is asked for behind it, in what it holds open; else what it was before.
  std::vector<Change> changes;
  Result<std::int64_t> until = replica.db_version();
  REJOIN_TRY(stream->next(kReadAtOnce, changes));
  if (until.ok() && !changes.empty()) until = replica.db_version();
  if (!until.ok()) return until.status();
  if (since > *until) {
    return Status(ErrorCode::kInvalidArgument,
                  "there is no version " + std::to_string(since) + " yet: the newest is " + std::to_string(*until));
  }

  put(out, Bytes(kMagic.begin(), kMagic.end()));
  put(out, {kVersion});
  Bytes body(*site);
  append_varint(body, static_cast<std::uint64_t>(since));
  append_varint(body, static_cast<std::uint64_t>(*until));
  REJOIN_TRY(write_block(out, kHead, body));
  ChangeFileCount count;
  count.until = *until;
  BatchEncoder encoder;
  while (!changes.empty()) {
    for (const Change& change : changes) encoder.add(change);
    count.changes += static_cast<std::int64_t>(changes.size());
    if (encoder.size() >= kBlockBytes) REJOIN_TRY(write_block(out, kBatch, encoder.take()));
    REJOIN_TRY(stream->next(kReadAtOnce, changes));
  }
  if (!encoder.empty()) REJOIN_TRY(write_block(out, kBatch, encoder.take()));
  body.clear();
  append_varint(body, static_cast<std::uint64_t>(count.changes));
  REJOIN_TRY(write_block(out, kEnd, body));
  out.flush();
  if (!out) return Status(ErrorCode::kSqlite, "the file of changes cannot be written");
  return count;
}

Result<ChangeFileCount> merge_changes(Replica& replica, std::istream& in) {
  Importer importer(replica, in);
  const Status status = replica.in_transaction([&] { return importer.run(); });
  if (!status.ok()) return status;
  return importer.count;
}

}  // namespace rejoin::sync

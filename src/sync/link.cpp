#include "sync/link.hpp"

#include <zstd.h>

#include <algorithm>
#include <string>
#include <utility>

#include "base/hash.hpp"
#include "base/try.hpp"
#include "sync/refusal.hpp"

namespace rejoin::sync {

namespace {

enum Kind : std::uint8_t { kLast = 1, kPiece = 2, kAck = 3, kAgain = 4 };

constexpr std::size_t kChecksumSize = 8;
constexpr std::uint64_t kMostEarly = 4096;
constexpr std::int64_t kFirstPatience = 2000;  // milliseconds
constexpr std::int64_t kLastPatience = 10000;

Status too_large(std::uint64_t size, std::size_t largest) {
  return bad_message("it has " + std::to_string(size) + " bytes or more, and at most " + std::to_string(largest) +
                     " are taken");
}

bool decompressed(ByteView packed, std::size_t size, Bytes& out) {
  out.resize(size);
  return ZSTD_decompress(out.data(), out.size(), packed.data, packed.size) == size;
}

}  // namespace

Bytes packed_message(std::uint8_t type, const Bytes& body) {
  Bytes out = {type, 0};
#if !defined(REJOIN_ZSTD_READS_ONLY)  // as in browsers, where the compressor would be a fifth of what is downloaded
  constexpr std::size_t kWorthCompressing = 256;
  constexpr int kCompression = 3;
  if (body.size() >= kWorthCompressing) {
    Bytes packed(ZSTD_compressBound(body.size()));
    const std::size_t size = ZSTD_compress(packed.data(), packed.size(), body.data(), body.size(), kCompression);
    if (ZSTD_isError(size) == 0 && size < body.size()) {
      out[1] = 1;
      append_varint(out, body.size());
      internal::append_bytes(out, {packed.data(), size});
      return out;
    }
  }
#endif
  internal::append_bytes(out, internal::view_of(body));
  return out;
}

Status unpack_message(ByteView bytes, std::size_t largest, Arrival& arrival) {
  ByteReader reader(bytes);
  std::uint8_t encoding = 0;
  if (!reader.read_u8(arrival.type) || !reader.read_u8(encoding) || encoding > 1)
    return bad_message("it has no known form");
  std::uint64_t size = reader.left();
  if (encoding == 1 && !read_varint(reader, size)) return bad_message("its size is cut off");
  if (size > largest) return too_large(size, largest);
  ByteView rest;
  if (!reader.read_bytes(reader.left(), rest)) return bad_message("it is cut off");
  if (encoding == 0) {
    arrival.body.assign(rest.data, rest.data + rest.size);
    return {};
  }
  if (!decompressed(rest, static_cast<std::size_t>(size), arrival.body))
    return bad_message("it cannot be decompressed");
  return {};
}

std::uint64_t Link::send(std::uint8_t type, const Bytes& body) {
  waiting_ = packed_message(type, body);
  waiting_from_ = 0;
  return acked_ + unacked_.size() + (waiting_.size() - 1) / options_.frame_bytes + 1;
}

Bytes Link::make_frame(std::uint8_t kind, std::uint64_t number, ByteView piece) const {
  Bytes frame = {kind};
  frame.reserve(piece.size + 32);
  append_varint(frame, number);
  append_varint(frame, expected_);
  internal::append_bytes(frame, piece);
  internal::append_unsigned(frame, internal::hash_of(internal::view_of(frame)).low, kChecksumSize);
  return frame;
}

bool Link::next(Bytes& frame) {
  if (resend_from_ < resend_to_) {
    frame = unacked_[resend_from_++].frame;
    return true;
  }
  if (!waiting_.empty() && unacked_bytes_ < options_.window) {
    const std::size_t size = std::min(options_.frame_bytes, waiting_.size() - waiting_from_);
    const bool last = waiting_from_ + size == waiting_.size();
    frame = make_frame(last ? kLast : kPiece, acked_ + unacked_.size(), {waiting_.data() + waiting_from_, size});
    waiting_from_ += size;
    if (last) {
      waiting_ = Bytes();
      waiting_from_ = 0;
    }
    if (unacked_.empty()) progress_at_ = now_;
    unacked_.push_back({options_.reliable ? Bytes() : frame, frame.size()});
    unacked_bytes_ += frame.size();
    owes_ack_ = false;
    return true;
  }
  if (!owes_ack_ && !wants_again_) return false;
  frame = make_frame(wants_again_ ? kAgain : kAck, 0, {});
  owes_ack_ = wants_again_ = false;
  return true;
}

void Link::take_ack(std::uint64_t ack, bool again) {
  for (; acked_ < ack; ++acked_) {
    unacked_bytes_ -= unacked_.front().size;
    unacked_.pop_front();
    if (resend_from_ > 0) --resend_from_;
    if (resend_to_ > 0) --resend_to_;
    progress_at_ = now_;
    patience_ = kFirstPatience;
  }
  if (again && ack == acked_ && resend_from_ == resend_to_ && !unacked_.empty()) {
    resend_from_ = 0;
    resend_to_ = 1;
  }
}

Status Link::lost(const char* what) const { return options_.reliable ? bad_message(what) : Status(); }

Status Link::receive(ByteView frame) {
  if (frame.size <= kChecksumSize) return lost("it is too short");
  const ByteView content{frame.data, frame.size - kChecksumSize};
  std::uint64_t checksum = 0;
  ByteReader tail({frame.data + content.size, kChecksumSize});
  if (!tail.read_unsigned(kChecksumSize, checksum) || checksum != internal::hash_of(content).low) {
    return lost("its checksum is wrong");
  }
  ByteReader reader(content);
  std::uint8_t kind = 0;
  std::uint64_t number = 0;
  std::uint64_t ack = 0;
  ByteView piece;
  if (!reader.read_u8(kind) || kind < kLast || kind > kAgain || !read_varint(reader, number) ||
      !read_varint(reader, ack) || !reader.read_bytes(reader.left(), piece)) {
    return bad_message("it has no known form");
  }
  if (ack > acked_ + unacked_.size()) return bad_message("it acknowledges what was not sent");
  take_ack(ack, kind == kAgain && !options_.reliable);
  if (kind == kAck || kind == kAgain) return {};
  owes_ack_ = true;
  if (number != expected_) {
    wants_again_ = number > expected_;
    if (options_.reliable) return bad_message("one before it is missing");
    const bool room = early_bytes_ + piece.size <= options_.window + options_.frame_bytes;
    if (number < expected_ || number - expected_ > kMostEarly || !room) return {};
  }
  if (early_.emplace(number, Piece{kind == kLast, Bytes(piece.data, piece.data + piece.size)}).second) {
    early_bytes_ += piece.size;
  }
  return {};
}

Result<bool> Link::take(Arrival& arrival) {
  for (auto next = early_.find(expected_); next != early_.end(); next = early_.find(expected_)) {
    const Piece piece = std::move(next->second);
    early_.erase(next);
    early_bytes_ -= piece.bytes.size();
    ++expected_;
    const std::size_t size = partial_.size() + piece.bytes.size();
    if (size > options_.largest) return too_large(size, options_.largest);
    internal::append_bytes(partial_, internal::view_of(piece.bytes));
    if (!piece.last) continue;
    const Bytes whole = std::exchange(partial_, Bytes());
    REJOIN_TRY(unpack_message(internal::view_of(whole), options_.largest, arrival));
    return true;
  }
  return false;
}

void Link::tick(std::int64_t now) {
  if (now_ == 0) progress_at_ = now;
  now_ = now;
  if (patience_ == 0) patience_ = kFirstPatience;
  if (options_.reliable || unacked_.empty() || now - progress_at_ < patience_) return;
  resend_from_ = 0;
  resend_to_ = unacked_.size();
  progress_at_ = now;
  patience_ = std::min(patience_ * 2, kLastPatience);
}

}  // namespace rejoin::sync

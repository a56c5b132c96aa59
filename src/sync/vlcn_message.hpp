// The messages of the vlcn WebSocket protocol, as bytes. DO NOT CHANGE: clients in the wild read and write them.
//
// Numbers: u8; i64 and f64 in eight bytes, big-endian; varuint in groups of 7 bits, the lowest first, bit 7 says that
// more follow; varint likewise, whose first byte has 6 bits and the sign in bit 6. A text or blob is varuint length and
// bytes. A site is 16 bytes.
//
//   1 announce          := site  count:varuint (site cursor)*  schema_name:text schema_version:i64
//   2 changes           := site  since:cursor  rows
//   3 reject            := site  since:cursor
//   4 start streaming   := since:cursor  count:varuint site*  local_only:u8
//   5 create on primary := request:varint  room:text  schema_name:text  schema_version:i64
//   6 apply on primary  := request:varint  site  rows  room:text  cursor
//   7 ping, 8 pong      :=
//   9 created           := request:varint  transaction:i64
//  10 error             := request:varint  text
//  11 applied           := request:varint
//   cursor := version:i64 seq:varint
//   rows   := count:varuint (table:text pk:blob column:text value  column_version:i64 db_version:i64
//                            (0 | 5 site)  causal_length:i64 seq:varint)*
//   value  := 0 | 1 i64 | 2 f64 | 3 text | 4 u8 | 5 blob        NULL, BIGINT, NUMBER, STRING, BOOL, BLOB
//
// A first byte is the message's number. Clients from before August 2023 (Expo's example has one) leave a row's seq out;
// nothing but the length of the whole tells the two apart.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include <rejoin/change.hpp>
#include <rejoin/status.hpp>

#include "base/bytes.hpp"

namespace rejoin::sync::vlcn {

inline constexpr std::size_t kSiteSize = 16;

/// A place in a site's changes. All clients leave seq at 0.
struct Cursor {
  std::int64_t version = 0;
  std::int64_t seq = 0;
  friend auto operator<=>(const Cursor&, const Cursor&) = default;
};

struct LastSeen {
  Blob site;
  Cursor cursor;
  friend bool operator==(const LastSeen&, const LastSeen&) = default;
};

struct AnnouncePresence {
  Blob sender;
  std::vector<LastSeen> last_seens;
  std::string schema_name;
  std::int64_t schema_version = 0;
  friend bool operator==(const AnnouncePresence&, const AnnouncePresence&) = default;
};

/// Whether rows carry their seq.
enum class RowForm { kNineFields, kEightFields };

/// A row's BOOL becomes the INTEGER that SQLite has for it, and is written as one; an empty site_id is NULL.
struct Changes {
  Blob sender;
  Cursor since;
  std::vector<Change> rows;
  RowForm form = RowForm::kNineFields;
  friend bool operator==(const Changes&, const Changes&) = default;
};

struct RejectChanges {
  Blob whose;
  Cursor since;
  friend bool operator==(const RejectChanges&, const RejectChanges&) = default;
};

struct StartStreaming {
  Cursor since;
  std::vector<Blob> exclude_sites;
  bool local_only = false;
  friend bool operator==(const StartStreaming&, const StartStreaming&) = default;
};

struct CreateDbOnPrimary {
  std::int64_t request = 0;
  std::string room;
  std::string schema_name;
  std::int64_t schema_version = 0;
  friend bool operator==(const CreateDbOnPrimary&, const CreateDbOnPrimary&) = default;
};

struct ApplyChangesOnPrimary {
  std::int64_t request = 0;
  Blob sender;
  std::vector<Change> rows;
  std::string room;
  Cursor new_last_seen;
  RowForm form = RowForm::kNineFields;
  friend bool operator==(const ApplyChangesOnPrimary&, const ApplyChangesOnPrimary&) = default;
};

struct Ping {
  friend bool operator==(const Ping&, const Ping&) = default;
};

struct Pong {
  friend bool operator==(const Pong&, const Pong&) = default;
};

struct CreateDbOnPrimaryResponse {
  std::int64_t request = 0;
  std::int64_t transaction = 0;
  friend bool operator==(const CreateDbOnPrimaryResponse&, const CreateDbOnPrimaryResponse&) = default;
};

struct Err {
  std::int64_t request = 0;
  std::string text;
  friend bool operator==(const Err&, const Err&) = default;
};

struct ApplyChangesOnPrimaryResponse {
  std::int64_t request = 0;
  friend bool operator==(const ApplyChangesOnPrimaryResponse&, const ApplyChangesOnPrimaryResponse&) = default;
};

/// In the order of their numbers, from 1.
using Message =
    std::variant<AnnouncePresence, Changes, RejectChanges, StartStreaming, CreateDbOnPrimary, ApplyChangesOnPrimary,
                 Ping, Pong, CreateDbOnPrimaryResponse, Err, ApplyChangesOnPrimaryResponse>;

/// Reads exactly one message. kInvalidArgument, with what is wrong and at which byte, where it is none. Takes no memory
/// for what a count or a length claims before the bytes are there. `likely` is the form of rows that is tried first,
/// the other one is next. May throw std::bad_alloc.
Status decode(internal::ByteView bytes, RowForm likely, Message& message);

/// Appends the message. Sites must be 16 bytes (a row's: or none); text that is no UTF-8 gets replacement characters,
/// since the other end throws at it for ever. May throw std::bad_alloc.
void encode(const Message& message, internal::Bytes& out);

/// The same in pieces, for rows that are not all in memory: each row is appended to `rows`, then `count` of them become
/// the message. Returned is where the row's db_version stands, for set_db_version().
std::size_t append_row(const Change& row, RowForm form, internal::Bytes& rows);
void set_db_version(std::int64_t version, std::size_t place, internal::Bytes& rows);
void encode_changes(const Blob& sender, Cursor since, std::size_t count, internal::ByteView rows, internal::Bytes& out);

}  // namespace rejoin::sync::vlcn

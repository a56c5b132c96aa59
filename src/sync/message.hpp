// What a Session says, message by message. DO NOT CHANGE: peers depend on each byte.
//
//   hello    := protocol:varint site:16 bytes flags:u8 table*               flags 1: compare all rows
//   table    := name:sized flags:u8 column_count:varint column*             flags 1 WITHOUT ROWID, 2 STRICT
//   column   := name:sized type:sized flags:u8 key:varint default:sized     flags 1 NOT NULL
//   resume   := known:u8 epoch:u64 cursor                                   what of you is here: send what is behind it
//   doubt    :=                                                             let us compare all rows
//   changes  := flags:u8 epoch:u64 from:cursor to:cursor batch              flags 1: rows that differed, and no cursor;
//                                                                           2: the end for now; 4: from anywhere
//   compare  := flags:u8 (count:varint node*) (count:varint leaf*) (count:varint key:u64*)
//               flags 1: nothing more to compare from here; the keys are those of rows that are asked for
//   node     := level:u8 prefix:u64 256 × (items:varint [digest:u64 where items > 0])
//   leaf     := level:u8 prefix:u64 (count:varint (key:u64 digest:u64)*)
//   cursor   := version:varint (0 where the version is whole | seq + 1):varint
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include <rejoin/change_stream.hpp>
#include <rejoin/status.hpp>
#include <rejoin/sync/session.hpp>

#include "sync/varint.hpp"

namespace rejoin::sync {

enum class MessageType : std::uint8_t {
  kHello = 1,
  kResume = 2,
  kDoubt = 3,
  kChanges = 4,
  kCompare = 5,
};

inline constexpr std::uint64_t kProtocolVersion = 1;
inline constexpr std::size_t kSiteSize = 16;

struct Hello {
  Blob site;
  bool repair = false;
  std::vector<TableSpec> tables;
};

struct Resume {
  bool known = false;
  std::uint64_t epoch = 0;
  Cursor cursor;
};

struct ChangesHead {
  bool repair = false;
  bool end = false;
  bool anywhere = false;
  std::uint64_t epoch = 0;
  Cursor from;
  Cursor to;
};

/// A part of the space of row keys' hashes: those whose first `level` bytes are those of `prefix`.
struct HashRange {
  std::uint8_t level = 0;  // 0 to 7
  std::uint64_t prefix = 0;
  friend bool operator==(const HashRange&, const HashRange&) = default;
};

struct DigestNode {
  struct Part {
    std::uint64_t items = 0;
    std::uint64_t digest = 0;
  };
  HashRange range;
  std::array<Part, 256> parts;
};

struct RowDigest {
  std::uint64_t key = 0;
  std::uint64_t digest = 0;
};

struct Leaf {
  HashRange range;
  std::vector<RowDigest> rows;
};

struct Compare {
  bool finished = false;
  std::vector<DigestNode> nodes;
  std::vector<Leaf> leaves;
  std::vector<std::uint64_t> wanted;
};

void append(Bytes& out, const Cursor& cursor);
[[nodiscard]] bool read(ByteReader& reader, Cursor& cursor);

Bytes encode(const Hello& hello);
Bytes encode(const Resume& resume);
Bytes encode(const Compare& compare);
/// A batch's bytes follow it.
Bytes encode(const ChangesHead& head);

/// Each is kInvalidArgument where the body is no such message.
Status decode(ByteView body, Hello& hello);
Status decode(ByteView body, Resume& resume);
Status decode(ByteView body, Compare& compare);
Status decode(ByteView body, ChangesHead& head, ByteView& batch);

}  // namespace rejoin::sync

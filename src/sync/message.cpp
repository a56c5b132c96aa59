#include "sync/message.hpp"

#include <utility>

#include "base/try.hpp"
#include "sync/refusal.hpp"

namespace rejoin::sync {

namespace {

constexpr std::uint64_t kMostTables = 10'000;
constexpr std::uint64_t kMostColumns = 40'000;
constexpr std::uint64_t kMostNodes = 1024;
constexpr std::uint64_t kMostLeaves = 1024;

[[nodiscard]] bool read_u64(ByteReader& reader, std::uint64_t& value) { return reader.read_unsigned(8, value); }

void append_table(Bytes& out, const TableSpec& table) {
  append_sized(out, table.name);
  out.push_back(static_cast<std::uint8_t>((table.without_rowid ? 1 : 0) | (table.strict ? 2 : 0)));
  append_varint(out, table.columns.size());
  for (const ColumnSpec& column : table.columns) {
    append_sized(out, column.name);
    append_sized(out, column.type);
    out.push_back(column.not_null ? 1 : 0);
    append_varint(out, static_cast<std::uint64_t>(column.key));
    append_sized(out, column.default_value);
  }
}

[[nodiscard]] bool read_table(ByteReader& reader, TableSpec& table) {
  std::uint8_t flags = 0;
  std::uint64_t columns = 0;
  if (!read_sized(reader, table.name) || !reader.read_u8(flags) || flags > 3) return false;
  if (!read_varint(reader, columns) || columns > kMostColumns || columns > reader.left()) return false;
  table.without_rowid = (flags & 1) != 0;
  table.strict = (flags & 2) != 0;
  for (std::uint64_t i = 0; i < columns; ++i) {
    ColumnSpec& column = table.columns.emplace_back();
    std::uint64_t key = 0;
    if (!read_sized(reader, column.name) || !read_sized(reader, column.type) || !reader.read_u8(flags) || flags > 1 ||
        !read_varint(reader, key) || key > columns || !read_sized(reader, column.default_value)) {
      return false;
    }
    column.not_null = flags == 1;
    column.key = static_cast<int>(key);
  }
  return true;
}

void append(Bytes& out, const HashRange& range) {
  out.push_back(range.level);
  internal::append_unsigned(out, range.prefix, 8);
}

[[nodiscard]] bool read(ByteReader& reader, HashRange& range) {
  return reader.read_u8(range.level) && range.level < 8 && read_u64(reader, range.prefix);
}

[[nodiscard]] bool read(ByteReader& reader, DigestNode& node) {
  if (!read(reader, node.range)) return false;
  for (DigestNode::Part& part : node.parts) {
    if (!read_varint(reader, part.items)) return false;
    if (part.items > 0 && !read_u64(reader, part.digest)) return false;
  }
  return true;
}

/// A count of things that take at least `each` bytes.
[[nodiscard]] bool read_count(ByteReader& reader, std::size_t each, std::uint64_t& count) {
  return read_varint(reader, count) && count <= reader.left() / each;
}

[[nodiscard]] bool read(ByteReader& reader, Leaf& leaf) {
  std::uint64_t count = 0;
  if (!read(reader, leaf.range) || !read_count(reader, 16, count)) return false;
  leaf.rows.resize(static_cast<std::size_t>(count));
  for (RowDigest& row : leaf.rows) {
    if (!read_u64(reader, row.key) || !read_u64(reader, row.digest)) return false;
  }
  return true;
}

}  // namespace

void append(Bytes& out, const Cursor& cursor) {
  append_varint(out, static_cast<std::uint64_t>(cursor.db_version));
  append_varint(out, cursor.seq == Cursor::kWholeVersion ? 0 : static_cast<std::uint64_t>(cursor.seq) + 1);
}

bool read(ByteReader& reader, Cursor& cursor) {
  constexpr std::uint64_t kLimit = std::uint64_t{1} << 62;
  std::uint64_t version = 0;
  std::uint64_t seq = 0;
  if (!read_varint(reader, version) || !read_varint(reader, seq) || version >= kLimit || seq >= kLimit) return false;
  cursor.db_version = static_cast<std::int64_t>(version);
  cursor.seq = seq == 0 ? Cursor::kWholeVersion : static_cast<std::int64_t>(seq) - 1;
  return true;
}

Bytes encode(const Hello& hello) {
  Bytes out;
  append_varint(out, kProtocolVersion);
  internal::append_bytes(out, internal::view_of(hello.site));
  out.push_back(hello.repair ? 1 : 0);
  for (const TableSpec& table : hello.tables) append_table(out, table);
  return out;
}

Status decode(ByteView body, Hello& hello) {
  ByteReader reader(body);
  std::uint64_t protocol = 0;
  ByteView site;
  std::uint8_t flags = 0;
  if (!read_varint(reader, protocol)) return bad_message("its hello has no version of the protocol");
  if (protocol != kProtocolVersion) {
    return bad_message("it speaks version " + std::to_string(protocol) + " of the protocol, and this side 1");
  }
  if (!reader.read_bytes(kSiteSize, site) || !reader.read_u8(flags) || flags > 1) {
    return bad_message("its hello is malformed");
  }
  hello.site.assign(site.data, site.data + site.size);
  hello.repair = flags == 1;
  while (reader.left() > 0) {
    if (hello.tables.size() >= kMostTables) return bad_message("its hello has too many tables");
    if (!read_table(reader, hello.tables.emplace_back()))
      return bad_message("its hello describes a table that is malformed");
  }
  return {};
}

Bytes encode(const Resume& resume) {
  Bytes out = {static_cast<std::uint8_t>(resume.known ? 1 : 0)};
  internal::append_unsigned(out, resume.epoch, 8);
  append(out, resume.cursor);
  return out;
}

Status decode(ByteView body, Resume& resume) {
  ByteReader reader(body);
  std::uint8_t known = 0;
  if (!reader.read_u8(known) || known > 1 || !read_u64(reader, resume.epoch) || !read(reader, resume.cursor) ||
      reader.left() > 0) {
    return bad_message("its resume is malformed");
  }
  resume.known = known == 1;
  return {};
}

Bytes encode(const ChangesHead& head) {
  Bytes out = {static_cast<std::uint8_t>((head.repair ? 1 : 0) | (head.end ? 2 : 0) | (head.anywhere ? 4 : 0))};
  internal::append_unsigned(out, head.epoch, 8);
  append(out, head.from);
  append(out, head.to);
  return out;
}

Status decode(ByteView body, ChangesHead& head, ByteView& batch) {
  ByteReader reader(body);
  std::uint8_t flags = 0;
  if (!reader.read_u8(flags) || flags > 7 || !read_u64(reader, head.epoch) || !read(reader, head.from) ||
      !read(reader, head.to) || !reader.read_bytes(reader.left(), batch)) {
    return bad_message("its changes are malformed");
  }
  head.repair = (flags & 1) != 0;
  head.end = (flags & 2) != 0;
  head.anywhere = (flags & 4) != 0;
  return {};
}

Bytes encode(const Compare& compare) {
  Bytes out = {static_cast<std::uint8_t>(compare.finished ? 1 : 0)};
  append_varint(out, compare.nodes.size());
  for (const DigestNode& node : compare.nodes) {
    append(out, node.range);
    for (const DigestNode::Part& part : node.parts) {
      append_varint(out, part.items);
      if (part.items > 0) internal::append_unsigned(out, part.digest, 8);
    }
  }
  append_varint(out, compare.leaves.size());
  for (const Leaf& leaf : compare.leaves) {
    append(out, leaf.range);
    append_varint(out, leaf.rows.size());
    for (const RowDigest& row : leaf.rows) {
      internal::append_unsigned(out, row.key, 8);
      internal::append_unsigned(out, row.digest, 8);
    }
  }
  append_varint(out, compare.wanted.size());
  for (const std::uint64_t key : compare.wanted) internal::append_unsigned(out, key, 8);
  return out;
}

Status decode(ByteView body, Compare& compare) {
  ByteReader reader(body);
  std::uint8_t flags = 0;
  std::uint64_t count = 0;
  bool fine = reader.read_u8(flags) && flags <= 1 && read_count(reader, 256, count) && count <= kMostNodes;
  compare.finished = flags == 1;
  for (std::uint64_t i = 0; fine && i < count; ++i) fine = read(reader, compare.nodes.emplace_back());
  fine = fine && read_count(reader, 10, count) && count <= kMostLeaves;
  for (std::uint64_t i = 0; fine && i < count; ++i) fine = read(reader, compare.leaves.emplace_back());
  fine = fine && read_count(reader, 8, count);
  for (std::uint64_t i = 0; fine && i < count; ++i) fine = read_u64(reader, compare.wanted.emplace_back());
  return fine && reader.left() == 0 ? Status() : bad_message("its comparison is malformed");
}

}  // namespace rejoin::sync

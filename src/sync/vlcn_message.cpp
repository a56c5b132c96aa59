#include "sync/vlcn_message.hpp"

#include <algorithm>
#include <utility>

#include "base/try.hpp"
#include "sync/vlcn_lib0.hpp"

namespace rejoin::sync::vlcn {

using internal::Bytes;
using internal::ByteView;

namespace {

enum ValueType : std::uint8_t { kNull, kBigint, kNumber, kString, kBool, kBlob };

constexpr std::size_t kLeastLastSeen = kSiteSize + 8 + 1;
// Empty table, key and column, NULL, two versions, no site, causal length; a seq would be one more.
constexpr std::size_t kLeastRow = 3 + 1 + 8 + 8 + 1 + 8;

// --- parts ---

Status read(Lib0Reader& in, Cursor& cursor) {
  REJOIN_TRY(in.i64("a cursor's version", cursor.version));
  return in.varint("a cursor's seq", cursor.seq);
}

void write(const Cursor& cursor, Bytes& out) {
  append_i64(cursor.version, out);
  append_varint(cursor.seq, out);
}

void write_site(const Blob& site, Bytes& out) { internal::append_bytes(out, internal::view_of(site)); }

Status read_value(Lib0Reader& in, Value& value) {
  std::uint8_t type = 0;
  REJOIN_TRY(in.u8("a value's type", type));
  switch (type) {
    case kNull:
      value = std::monostate();
      return {};
    case kBigint:
      return in.i64("a BIGINT", value.emplace<std::int64_t>());
    case kNumber:
      return in.f64("a NUMBER", value.emplace<double>());
    case kString:
      return in.text("a STRING", value.emplace<std::string>());
    case kBool: {
      std::uint8_t truth = 0;
      REJOIN_TRY(in.u8("a BOOL", truth));
      value = std::int64_t{truth != 0 ? 1 : 0};
      return {};
    }
    case kBlob:
      return in.blob("a BLOB", value.emplace<Blob>());
    default:
      return in.wrong("a value", "has the unknown type " + std::to_string(type));
  }
}

void write_value(const Value& value, Bytes& out) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    out.push_back(kBigint);
    append_i64(*integer, out);
  } else if (const auto* real = std::get_if<double>(&value)) {
    out.push_back(kNumber);
    append_f64(*real, out);
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    out.push_back(kString);
    append_text(*text, out);
  } else if (const auto* blob = std::get_if<Blob>(&value)) {
    out.push_back(kBlob);
    append_blob(*blob, out);
  } else {
    out.push_back(kNull);
  }
}

Status read_row(Lib0Reader& in, RowForm form, Change& row) {
  REJOIN_TRY(in.text("a table's name", row.table));
  REJOIN_TRY(in.blob("a key", row.pk));
  REJOIN_TRY(in.text("a column's name", row.column));
  REJOIN_TRY(read_value(in, row.value));
  REJOIN_TRY(in.i64("a col_version", row.column_version));
  REJOIN_TRY(in.i64("a db_version", row.db_version));
  std::uint8_t has_site = 0;
  REJOIN_TRY(in.u8("a site_id's type", has_site));
  if (has_site != 0) REJOIN_TRY(in.bytes("a site_id", kSiteSize, row.site_id));  // any type but 0, as all clients do
  REJOIN_TRY(in.i64("a cl", row.causal_length));
  row.seq = 0;
  return form == RowForm::kEightFields ? Status() : in.varint("a seq", row.seq);
}

Status read_rows(Lib0Reader& in, RowForm form, std::vector<Change>& rows) {
  std::size_t count = 0;
  REJOIN_TRY(in.count("the number of rows", kLeastRow + (form == RowForm::kNineFields ? 1 : 0), count));
  rows.clear();
  for (std::size_t i = 0; i < count; ++i) {
    if (Status status = read_row(in, form, rows.emplace_back()); !status.ok()) {
      return {status.code(),
              status.message() + " (row " + std::to_string(i + 1) + " of " + std::to_string(count) + ")"};
    }
  }
  return {};
}

void write_rows(const std::vector<Change>& rows, RowForm form, Bytes& out) {
  append_varuint(rows.size(), out);
  for (const Change& row : rows) append_row(row, form, out);
}

// --- messages: read() and write() of what follows the number ---

Status read(Lib0Reader& in, RowForm, AnnouncePresence& message) {
  REJOIN_TRY(in.bytes("the sender", kSiteSize, message.sender));
  std::size_t count = 0;
  REJOIN_TRY(in.count("the number of cursors", kLeastLastSeen, count));
  for (std::size_t i = 0; i < count; ++i) {
    LastSeen& seen = message.last_seens.emplace_back();
    REJOIN_TRY(in.bytes("a cursor's site", kSiteSize, seen.site));
    REJOIN_TRY(read(in, seen.cursor));
  }
  REJOIN_TRY(in.text("the schema's name", message.schema_name));
  return in.i64("the schema's version", message.schema_version);
}

void write(const AnnouncePresence& message, Bytes& out) {
  write_site(message.sender, out);
  append_varuint(message.last_seens.size(), out);
  for (const LastSeen& seen : message.last_seens) {
    write_site(seen.site, out);
    write(seen.cursor, out);
  }
  append_text(message.schema_name, out);
  append_i64(message.schema_version, out);
}

Status read(Lib0Reader& in, RowForm form, Changes& message) {
  message.form = form;
  REJOIN_TRY(in.bytes("the sender", kSiteSize, message.sender));
  REJOIN_TRY(read(in, message.since));
  return read_rows(in, form, message.rows);
}

void write(const Changes& message, Bytes& out) {
  write_site(message.sender, out);
  write(message.since, out);
  write_rows(message.rows, message.form, out);
}

Status read(Lib0Reader& in, RowForm, RejectChanges& message) {
  REJOIN_TRY(in.bytes("whose changes", kSiteSize, message.whose));
  return read(in, message.since);
}

void write(const RejectChanges& message, Bytes& out) {
  write_site(message.whose, out);
  write(message.since, out);
}

Status read(Lib0Reader& in, RowForm, StartStreaming& message) {
  REJOIN_TRY(read(in, message.since));
  std::size_t count = 0;
  REJOIN_TRY(in.count("the number of excluded sites", kSiteSize, count));
  for (std::size_t i = 0; i < count; ++i) {
    REJOIN_TRY(in.bytes("an excluded site", kSiteSize, message.exclude_sites.emplace_back()));
  }
  std::uint8_t local = 0;
  REJOIN_TRY(in.u8("local_only", local));
  message.local_only = local != 0;
  return {};
}

void write(const StartStreaming& message, Bytes& out) {
  write(message.since, out);
  append_varuint(message.exclude_sites.size(), out);
  for (const Blob& site : message.exclude_sites) write_site(site, out);
  out.push_back(message.local_only ? 1 : 0);
}

Status read(Lib0Reader& in, RowForm, CreateDbOnPrimary& message) {
  REJOIN_TRY(in.varint("the request", message.request));
  REJOIN_TRY(in.text("the room", message.room));
  REJOIN_TRY(in.text("the schema's name", message.schema_name));
  return in.i64("the schema's version", message.schema_version);
}

void write(const CreateDbOnPrimary& message, Bytes& out) {
  append_varint(message.request, out);
  append_text(message.room, out);
  append_text(message.schema_name, out);
  append_i64(message.schema_version, out);
}

Status read(Lib0Reader& in, RowForm form, ApplyChangesOnPrimary& message) {
  message.form = form;
  REJOIN_TRY(in.varint("the request", message.request));
  REJOIN_TRY(in.bytes("the sender", kSiteSize, message.sender));
  REJOIN_TRY(read_rows(in, form, message.rows));
  REJOIN_TRY(in.text("the room", message.room));
  return read(in, message.new_last_seen);
}

void write(const ApplyChangesOnPrimary& message, Bytes& out) {
  append_varint(message.request, out);
  write_site(message.sender, out);
  write_rows(message.rows, message.form, out);
  append_text(message.room, out);
  write(message.new_last_seen, out);
}

Status read(Lib0Reader&, RowForm, Ping&) { return {}; }
void write(const Ping&, Bytes&) {}
Status read(Lib0Reader&, RowForm, Pong&) { return {}; }
void write(const Pong&, Bytes&) {}

Status read(Lib0Reader& in, RowForm, CreateDbOnPrimaryResponse& message) {
  REJOIN_TRY(in.varint("the request", message.request));
  return in.i64("the transaction", message.transaction);
}

void write(const CreateDbOnPrimaryResponse& message, Bytes& out) {
  append_varint(message.request, out);
  append_i64(message.transaction, out);
}

Status read(Lib0Reader& in, RowForm, Err& message) {
  REJOIN_TRY(in.varint("the request", message.request));
  return in.text("the error", message.text);
}

void write(const Err& message, Bytes& out) {
  append_varint(message.request, out);
  append_text(message.text, out);
}

Status read(Lib0Reader& in, RowForm, ApplyChangesOnPrimaryResponse& message) {
  return in.varint("the request", message.request);
}

void write(const ApplyChangesOnPrimaryResponse& message, Bytes& out) { append_varint(message.request, out); }

// --- which message ---

template <std::size_t kIndex = 0>
bool become(std::size_t index, Message& message) {
  if constexpr (kIndex < std::variant_size_v<Message>) {
    if (index != kIndex) return become<kIndex + 1>(index, message);
    message.emplace<kIndex>();
    return true;
  }
  return false;
}

Status decode_as(ByteView bytes, RowForm form, Message& message) {
  Lib0Reader in(bytes);
  std::uint8_t number = 0;
  REJOIN_TRY(in.u8("its number", number));
  if (number == 0 || !become(number - std::size_t{1}, message)) {
    return in.wrong("its number", std::to_string(number) + " is unknown");
  }
  REJOIN_TRY(std::visit([&](auto& body) { return read(in, form, body); }, message));
  return in.left() == 0 ? Status() : in.wrong("behind the message", "are " + std::to_string(in.left()) + " bytes more");
}

bool has_rows(const Message& message) {
  return std::holds_alternative<Changes>(message) || std::holds_alternative<ApplyChangesOnPrimary>(message);
}

}  // namespace

Status decode(ByteView bytes, RowForm likely, Message& message) {
  Status status = decode_as(bytes, likely, message);
  if (status.ok() || !has_rows(message)) return status;
  const RowForm other = likely == RowForm::kNineFields ? RowForm::kEightFields : RowForm::kNineFields;
  return decode_as(bytes, other, message).ok() ? Status() : status;
}

void encode(const Message& message, Bytes& out) {
  out.push_back(static_cast<std::uint8_t>(message.index() + 1));
  std::visit([&](const auto& body) { write(body, out); }, message);
}

std::size_t append_row(const Change& row, RowForm form, Bytes& rows) {
  append_text(row.table, rows);
  append_blob(row.pk, rows);
  append_text(row.column, rows);
  write_value(row.value, rows);
  append_i64(row.column_version, rows);
  const std::size_t place = rows.size();
  append_i64(row.db_version, rows);
  if (row.site_id.size() == kSiteSize) {
    rows.push_back(kBlob);
    write_site(row.site_id, rows);
  } else {
    rows.push_back(kNull);
  }
  append_i64(row.causal_length, rows);
  if (form == RowForm::kNineFields) append_varint(row.seq, rows);
  return place;
}

void set_db_version(std::int64_t version, std::size_t place, Bytes& rows) {
  Bytes bytes;
  append_i64(version, bytes);
  std::copy(bytes.begin(), bytes.end(), rows.begin() + static_cast<std::ptrdiff_t>(place));
}

void encode_changes(const Blob& sender, Cursor since, std::size_t count, ByteView rows, Bytes& out) {
  out.push_back(static_cast<std::uint8_t>(Message(Changes()).index() + 1));
  write_site(sender, out);
  write(since, out);
  append_varuint(count, out);
  internal::append_bytes(out, rows);
}

}  // namespace rejoin::sync::vlcn

#include "crr/public_change.hpp"

#include <limits>

#include <rejoin/key.hpp>

#include "crr/packed_key.hpp"
#include "sqlite/callback.hpp"
#include "sqlite/error.hpp"

namespace rejoin::internal {

namespace {

ValueView borrowed(const Value& value) {
  ValueView view;
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    view.type = SQLITE_INTEGER;
    view.integer = *integer;
  } else if (const auto* real = std::get_if<double>(&value)) {
    view.type = SQLITE_FLOAT;
    view.real = *real;
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    view.type = SQLITE_TEXT;
    view.bytes = {reinterpret_cast<const std::uint8_t*>(text->data()), text->size()};
  } else if (const auto* blob = std::get_if<Blob>(&value)) {
    view.type = SQLITE_BLOB;
    view.bytes = bytes_of(*blob);
  }
  return view;
}

}  // namespace

Status copy_change(ChangeReader& reader, Change& change) {
  change.table = reader.table();
  const ByteView key = reader.packed_key();
  change.pk.assign(key.data, key.data + key.size);
  change.column = reader.column();
  change.value = owned(reader.view());
  change.column_version = reader.column_version();
  change.db_version = reader.db_version();
  ByteView site;
  REJOIN_TRY(reader.site(site));
  change.site_id.assign(site.data, site.data + site.size);
  change.causal_length = reader.causal_length();
  change.seq = reader.seq();
  return {};
}

IncomingChange incoming_of(const Change& change) {
  IncomingChange incoming;
  incoming.table = change.table;
  incoming.pk = bytes_of(change.pk);
  incoming.column = change.column;
  incoming.value = borrowed(change.value);
  incoming.column_version = change.column_version;
  incoming.db_version = change.db_version;
  incoming.site = bytes_of(change.site_id);
  incoming.causal_length = change.causal_length;
  incoming.seq = change.seq;
  return incoming;
}

Status open_after(Engine& engine, const Cursor& after, const Blob& not_from, ChangeReader& reader, std::int64_t& last) {
  REJOIN_TRY(engine.enter_to_read());
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  ChangeRange range;
  range.first_version =
      after.seq == Cursor::kWholeVersion && after.db_version < kMost ? after.db_version + 1 : after.db_version;
  REJOIN_TRY(engine.clock().max_version(range.last_version));
  last = range.last_version;
  if (!not_from.empty()) REJOIN_TRY(engine.clock().ordinal_of(bytes_of(not_from), false, range.not_site));
  return range.first_version > range.last_version ? Status() : reader.open(range);
}

}  // namespace rejoin::internal

namespace rejoin {

using namespace internal;  // NOLINT: this file is the seam between the two

Result<Blob> pack_key(const std::vector<Value>& values) noexcept {
  return guarded([&]() -> Result<Blob> {
    if (values.size() > kMaxPackedValues) return invalid("a key of more than 255 values cannot be packed");
    Blob out(1, static_cast<std::uint8_t>(values.size()));
    for (const Value& value : values) append_packed_value(out, borrowed(value));
    return out;
  });
}

Result<std::vector<Value>> unpack_key(const Blob& pk) noexcept {
  return guarded([&]() -> Result<std::vector<Value>> {
    std::vector<ValueView> views;
    REJOIN_TRY(unpack(bytes_of(pk), views));
    std::vector<Value> out;
    for (const ValueView& view : views) out.push_back(owned(view));
    return out;
  });
}

}  // namespace rejoin

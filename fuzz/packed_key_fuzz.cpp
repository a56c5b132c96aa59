// Any bytes as a packed key: read by the decoder itself, by crsql_unpack_columns, and as the pk of a change.
#include <string>

#include "crr/packed_key.hpp"
#include "fuzz/target.hpp"
#include "support/site.hpp"

namespace rejoin::test {
namespace {

using fuzz::require;

// What is accepted is written back byte for byte: one key has one form.
bool decodes(const Blob& packed) {
  std::vector<internal::ValueView> values;
  const internal::ByteView view{packed.data(), packed.size()};
  require(!internal::describe_packed(view).empty(), "bytes without a description");
  if (!internal::unpack(view, values).ok()) return false;
  internal::Bytes again{static_cast<std::uint8_t>(values.size())};
  for (const internal::ValueView& value : values) internal::append_packed_value(again, value);
  require(again == packed, "decoded, but packed otherwise");
  return true;
}

void run(const Blob& packed) {
  const bool decoded = decodes(packed);
  static Site site("a");
  static bool ready = false;
  if (!ready) {
    site.db().exec(
        "CREATE TABLE one (k PRIMARY KEY NOT NULL, v); CREATE TABLE two (x, y, v, PRIMARY KEY (x, y));"
        "SELECT crsql_as_crr('one'); SELECT crsql_as_crr('two')");
    ready = true;
  }
  site.db().exec("BEGIN");
  Statement unpack(site.db().handle(), "SELECT count(*) FROM crsql_unpack_columns WHERE package = ?");
  bool unpacked = true;
  try {
    unpack.bind(1, packed).step();
  } catch (const SqlError&) {
    unpacked = false;
  }
  require(unpacked == decoded, "crsql_unpack_columns and the decoder disagree");
  for (const std::string table : {"one", "two"}) {
    bool merged = true;
    try {
      site.merge({table, packed, "v", Value(std::int64_t{1}), 1, 1, Blob{7}, 1, 0});
    } catch (const SqlError&) {
      merged = false;
    }
    require(decoded || !merged, "merged under a key that cannot be decoded");
    const std::int64_t rows = site.db().integer("SELECT count(*) FROM " + table);
    require(rows == (merged ? 1 : 0), "a key gave " + std::to_string(rows) + " rows");
    if (merged) {
      Statement find(site.db().handle(), "SELECT count(*) FROM crsql_changes WHERE pk = ?");
      require(find.bind(1, packed).step() && find.integer(0) == 1, "the key comes back as another one");
    }
    site.db().exec("ROLLBACK; BEGIN");
  }
  unpack.reset();
  site.db().exec("ROLLBACK");
}

}  // namespace
}  // namespace rejoin::test

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return rejoin::fuzz::run_target([&] { rejoin::test::run(rejoin::Blob(data, data + size)); });
}

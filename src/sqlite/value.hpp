// A borrowed SQLite value, and the affinity that a column gives to what is stored in it.
#pragma once

#include <rejoin/value.hpp>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "sqlite/api.hpp"

namespace rejoin::internal {

/// A value of one of the five storage classes. Text and blobs are borrowed: they live as long as where they came from.
struct ValueView {
  int type = SQLITE_NULL;  ///< SQLITE_INTEGER, SQLITE_FLOAT, SQLITE_TEXT, SQLITE_BLOB or SQLITE_NULL
  std::int64_t integer = 0;
  double real = 0;
  ByteView bytes;  ///< of a text or blob

  static ValueView of(sqlite3_value* value);
  static ValueView of_column(sqlite3_stmt* statement, int column);
};

/// A copy that owns its bytes.
Value owned(const ValueView& view);

/// Binds without a copy: the bytes must outlive the statement's use.
int bind_view(sqlite3_stmt* statement, int index, const ValueView& value);

/// Gives a function's or a virtual table's result; `lifetime` of the bytes: SQLITE_STATIC or SQLITE_TRANSIENT.
void result_view(sqlite3_context* context, const ValueView& value, sqlite3_destructor_type lifetime);

enum class Affinity : std::uint8_t { kNone, kText, kNumeric, kInteger, kReal };

/// The affinity of a column declared with `type` (https://www.sqlite.org/datatype3.html, section 3.1; a STRICT table's
/// ANY leaves values as they are).
Affinity affinity_of(std::string_view type, bool strict);

/// Replaces `value` by what a column of affinity `affinity` stores for it. Text made from a number lives in `storage`.
/// Returns a result code of SQLite; on an error `value` is untouched.
int apply_affinity(sqlite3* db, Affinity affinity, ValueView& value, std::string& storage);

}  // namespace rejoin::internal

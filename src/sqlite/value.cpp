#include "sqlite/value.hpp"

#include <limits>
#include <memory>

#include "sqlite/owned_statement.hpp"

namespace rejoin::internal {

ValueView ValueView::of(sqlite3_value* value) {
  ValueView view;
  view.type = sqlite3_value_type(value);
  switch (view.type) {
    case SQLITE_INTEGER:
      view.integer = sqlite3_value_int64(value);
      break;
    case SQLITE_FLOAT:
      view.real = sqlite3_value_double(value);
      break;
    case SQLITE_TEXT:
      view.bytes.data = sqlite3_value_text(value);  // first: it may convert, and the size is that of the result
      view.bytes.size = static_cast<std::size_t>(sqlite3_value_bytes(value));
      break;
    case SQLITE_BLOB:
      view.bytes.data = static_cast<const std::uint8_t*>(sqlite3_value_blob(value));
      view.bytes.size = static_cast<std::size_t>(sqlite3_value_bytes(value));
      break;
    default:
      break;
  }
  return view;
}

// Not by way of sqlite3_column_value: what that gives may be bound, returned and copied, but not read without the
// connection's mutex, which nobody holds where a program calls the engine directly.
ValueView ValueView::of_column(sqlite3_stmt* statement, int column) {
  ValueView view;
  view.type = sqlite3_column_type(statement, column);
  switch (view.type) {
    case SQLITE_INTEGER:
      view.integer = sqlite3_column_int64(statement, column);
      break;
    case SQLITE_FLOAT:
      view.real = sqlite3_column_double(statement, column);
      break;
    case SQLITE_TEXT:
      view.bytes.data = sqlite3_column_text(statement, column);
      view.bytes.size = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
      break;
    case SQLITE_BLOB:
      view.bytes.data = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement, column));
      view.bytes.size = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
      break;
    default:
      break;
  }
  return view;
}

Value owned(const ValueView& view) {
  switch (view.type) {
    case SQLITE_INTEGER:
      return view.integer;
    case SQLITE_FLOAT:
      return view.real;
    case SQLITE_TEXT:
      return std::string(reinterpret_cast<const char*>(view.bytes.data), view.bytes.size);
    case SQLITE_BLOB:
      return Blob(view.bytes.data, view.bytes.data + view.bytes.size);
    default:
      return std::monostate();
  }
}

int bind_view(sqlite3_stmt* statement, int index, const ValueView& value) {
  switch (value.type) {
    case SQLITE_INTEGER:
      return sqlite3_bind_int64(statement, index, value.integer);
    case SQLITE_FLOAT:
      return sqlite3_bind_double(statement, index, value.real);
    case SQLITE_TEXT:  // a null pointer would bind NULL
      return sqlite3_bind_text64(statement, index,
                                 value.bytes.size == 0 ? "" : reinterpret_cast<const char*>(value.bytes.data),
                                 value.bytes.size, SQLITE_STATIC, SQLITE_UTF8);
    case SQLITE_BLOB:
      if (value.bytes.size == 0) return sqlite3_bind_zeroblob(statement, index, 0);
      return sqlite3_bind_blob64(statement, index, value.bytes.data, value.bytes.size, SQLITE_STATIC);
    default:
      return sqlite3_bind_null(statement, index);
  }
}

void result_view(sqlite3_context* context, const ValueView& value, sqlite3_destructor_type lifetime) {
  switch (value.type) {
    case SQLITE_INTEGER:
      return sqlite3_result_int64(context, value.integer);
    case SQLITE_FLOAT:
      return sqlite3_result_double(context, value.real);
    case SQLITE_TEXT:  // a null pointer would give NULL
      return sqlite3_result_text64(context,
                                   value.bytes.size == 0 ? "" : reinterpret_cast<const char*>(value.bytes.data),
                                   value.bytes.size, lifetime, SQLITE_UTF8);
    case SQLITE_BLOB:
      if (value.bytes.size == 0) return sqlite3_result_zeroblob(context, 0);
      return sqlite3_result_blob64(context, value.bytes.data, value.bytes.size, lifetime);
    default:
      return sqlite3_result_null(context);
  }
}

namespace {

bool contains(std::string_view text, std::string_view word) {
  for (std::size_t at = 0; at + word.size() <= text.size(); ++at) {
    if (sqlite3_strnicmp(text.data() + at, word.data(), static_cast<int>(word.size())) == 0) return true;
  }
  return false;
}

/// A real that is a whole number becomes an integer where SQLite would store it as one: never at the two ends of the
/// range.
ValueView whole_number(const ValueView& value) {
  constexpr double kLimit = 9223372036854775808.0;
  if (value.type != SQLITE_FLOAT || !(value.real > -kLimit && value.real < kLimit)) return value;
  const auto whole = static_cast<std::int64_t>(value.real);
  if (static_cast<double>(whole) != value.real) return value;
  if (whole == std::numeric_limits<std::int64_t>::min() || whole == std::numeric_limits<std::int64_t>::max())
    return value;
  ValueView out;
  out.type = SQLITE_INTEGER;
  out.integer = whole;
  return out;
}

/// Asks SQLite itself for the other face of `value`: a number's text, or the number that a text spells. Rare (a peer
/// sent a type that the column does not keep), so the statement is not cached.
int convert(sqlite3* db, bool to_text, ValueView& value, std::string& storage) {
  OwnedStatement statement;
  int code = statement.prepare(db, "SELECT ?1");
  if (code == SQLITE_OK) code = bind_view(statement.get(), 1, value);
  if (code == SQLITE_OK) code = sqlite3_step(statement.get());
  if (code != SQLITE_ROW) return code;
  // A column's value may not be converted in place, a copy of it may.
  const std::unique_ptr<sqlite3_value, void (*)(sqlite3_value*)> copy(
      sqlite3_value_dup(sqlite3_column_value(statement.get(), 0)), sqlite3_value_free);
  if (copy == nullptr) return SQLITE_NOMEM;
  if (to_text) {
    const unsigned char* text = sqlite3_value_text(copy.get());
    if (text == nullptr) return SQLITE_NOMEM;
    storage.assign(reinterpret_cast<const char*>(text), static_cast<std::size_t>(sqlite3_value_bytes(copy.get())));
    value.type = SQLITE_TEXT;
    value.bytes = {reinterpret_cast<const std::uint8_t*>(storage.data()), storage.size()};
  } else if (sqlite3_value_numeric_type(copy.get()) != SQLITE_TEXT) {
    value = ValueView::of(copy.get());
  }
  return SQLITE_OK;
}

}  // namespace

int apply_affinity(sqlite3* db, Affinity affinity, ValueView& value, std::string& storage) {
  const bool number = value.type == SQLITE_INTEGER || value.type == SQLITE_FLOAT;
  if (affinity == Affinity::kNone || (!number && value.type != SQLITE_TEXT)) return SQLITE_OK;
  if (affinity == Affinity::kText) return number ? convert(db, true, value, storage) : SQLITE_OK;
  if (!number) {
    if (const int code = convert(db, false, value, storage); code != SQLITE_OK) return code;
  }
  if (affinity != Affinity::kReal) {
    value = whole_number(value);
  } else if (value.type == SQLITE_INTEGER) {
    value.type = SQLITE_FLOAT;
    value.real = static_cast<double>(value.integer);
  } else if (value.type == SQLITE_FLOAT && value.real == 0) {
    value.real = 0;  // a REAL column keeps a whole number as an integer on disk, and there is no -0 among those
  }
  return SQLITE_OK;
}

Affinity affinity_of(std::string_view type, bool strict) {
  if (strict && contains(type, "any")) return Affinity::kNone;
  if (contains(type, "int")) return Affinity::kInteger;
  if (contains(type, "char") || contains(type, "clob") || contains(type, "text")) return Affinity::kText;
  if (type.empty() || contains(type, "blob")) return Affinity::kNone;
  if (contains(type, "real") || contains(type, "floa") || contains(type, "doub")) return Affinity::kReal;
  return Affinity::kNumeric;
}

}  // namespace rejoin::internal

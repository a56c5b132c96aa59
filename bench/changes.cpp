#include "changes.hpp"

#include <variant>

namespace bench {

namespace {

std::string text_of(sqlite3_stmt* statement, int column) {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
  return {text, static_cast<std::size_t>(sqlite3_column_bytes(statement, column))};
}

rejoin::Blob blob_of(sqlite3_stmt* statement, int column) {
  const auto* bytes = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement, column));
  return {bytes, bytes + sqlite3_column_bytes(statement, column)};
}

rejoin::Value value_of(sqlite3_stmt* statement, int column) {
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
      return static_cast<std::int64_t>(sqlite3_column_int64(statement, column));
    case SQLITE_FLOAT:
      return sqlite3_column_double(statement, column);
    case SQLITE_TEXT:
      return text_of(statement, column);
    case SQLITE_BLOB:
      return blob_of(statement, column);
    default:
      return {};
  }
}

}  // namespace

std::vector<rejoin::Change> changes_of(Database& database) {
  std::vector<rejoin::Change> changes;
  Prepared read(database.get(), "SELECT * FROM crsql_changes");
  sqlite3_stmt* row = read.get();
  while (read.row()) {
    changes.push_back({text_of(row, 0), blob_of(row, 1), text_of(row, 2), value_of(row, 3),
                       sqlite3_column_int64(row, 4), sqlite3_column_int64(row, 5), blob_of(row, 6),
                       sqlite3_column_int64(row, 7), sqlite3_column_int64(row, 8)});
  }
  return changes;
}

void bind_value(sqlite3_stmt* statement, int index, const rejoin::Value& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    sqlite3_bind_int64(statement, index, *integer);
  } else if (const auto* real = std::get_if<double>(&value)) {
    sqlite3_bind_double(statement, index, *real);
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    sqlite3_bind_text(statement, index, text->data(), static_cast<int>(text->size()), SQLITE_STATIC);
  } else if (const auto* blob = std::get_if<rejoin::Blob>(&value)) {
    sqlite3_bind_blob(statement, index, blob->data(), static_cast<int>(blob->size()), SQLITE_STATIC);
  } else {
    sqlite3_bind_null(statement, index);
  }
}

void bind_change(sqlite3_stmt* statement, int first, const rejoin::Change& change) {
  const auto text = [&](int index, const std::string& value) {
    sqlite3_bind_text(statement, first + index, value.data(), static_cast<int>(value.size()), SQLITE_STATIC);
  };
  const auto blob = [&](int index, const rejoin::Blob& value) {
    sqlite3_bind_blob(statement, first + index, value.data(), static_cast<int>(value.size()), SQLITE_STATIC);
  };
  text(0, change.table);
  blob(1, change.pk);
  text(2, change.column);
  bind_value(statement, first + 3, change.value);
  sqlite3_bind_int64(statement, first + 4, change.column_version);
  sqlite3_bind_int64(statement, first + 5, change.db_version);
  blob(6, change.site_id);
  sqlite3_bind_int64(statement, first + 7, change.causal_length);
  sqlite3_bind_int64(statement, first + 8, change.seq);
}

}  // namespace bench

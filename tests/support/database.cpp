#include "support/database.hpp"

#include <array>
#include <cmath>
#include <cstdio>

#include <rejoin/attach.hpp>

namespace rejoin::test {

namespace {

Value column_value(sqlite3_stmt* statement, int index) {
  const auto size = [&] { return static_cast<std::size_t>(sqlite3_column_bytes(statement, index)); };
  switch (sqlite3_column_type(statement, index)) {
    case SQLITE_INTEGER:
      return std::int64_t{sqlite3_column_int64(statement, index)};
    case SQLITE_FLOAT:
      return sqlite3_column_double(statement, index);
    case SQLITE_TEXT: {
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, index));
      return std::string(text, size());
    }
    case SQLITE_BLOB: {
      const auto* bytes = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement, index));
      return bytes == nullptr ? Blob() : Blob(bytes, bytes + size());
    }
    default:
      return std::monostate();
  }
}

}  // namespace

Statement::Statement(sqlite3* db, std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v2(db, sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
  if (code != SQLITE_OK) throw SqlError(code & 0xff, sqlite3_errmsg(db));
  statement_.reset(statement);
}

void Statement::check(int code) const {
  if (code == SQLITE_OK) return;
  throw SqlError(code & 0xff, sqlite3_errmsg(sqlite3_db_handle(get())));
}

Statement& Statement::bind(int index, std::int64_t value) {
  check(sqlite3_bind_int64(get(), index, value));
  return *this;
}

Statement& Statement::bind(int index, const std::string& value) {
  check(sqlite3_bind_text(get(), index, value.data(), static_cast<int>(value.size()), SQLITE_TRANSIENT));
  return *this;
}

Statement& Statement::bind(int index, const Blob& value) {
  const void* data = value.empty() ? static_cast<const void*>("") : value.data();
  check(sqlite3_bind_blob(get(), index, data, static_cast<int>(value.size()), SQLITE_TRANSIENT));
  return *this;
}

Statement& Statement::bind(int index, const Value& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return bind(index, *integer);
  if (const auto* text = std::get_if<std::string>(&value)) return bind(index, *text);
  if (const auto* blob = std::get_if<Blob>(&value)) return bind(index, *blob);
  if (const auto* real = std::get_if<double>(&value)) {
    check(sqlite3_bind_double(get(), index, *real));
  } else {
    check(sqlite3_bind_null(get(), index));
  }
  return *this;
}

bool Statement::step() {
  const int code = sqlite3_step(get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  const SqlError error(code & 0xff, sqlite3_errmsg(sqlite3_db_handle(get())));
  reset();
  throw error;
}

void Statement::run() {
  while (step()) continue;
  reset();
}

Value Statement::column(int index) const { return column_value(get(), index); }

Row Statement::row() const {
  Row row;
  const int count = sqlite3_column_count(get());
  row.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) row.push_back(column(i));
  return row;
}

Database::Database(const std::string& path, Engine engine, int flags) {
  sqlite3* db = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &db, flags, nullptr);
  db_.reset(db);
  if (code != SQLITE_OK) throw SqlError(code & 0xff, db == nullptr ? "out of memory" : sqlite3_errmsg(db));
  if (engine == Engine::kAttached) attach_engine();
}

Database Database::copy_of(const Database& original) {
  Database copy(":memory:", Engine::kAbsent);
  sqlite3_backup* backup = sqlite3_backup_init(copy.handle(), "main", original.handle(), "main");
  if (backup != nullptr) sqlite3_backup_step(backup, -1);
  if (const int code = sqlite3_backup_finish(backup); code != SQLITE_OK) throw SqlError(code, "the copy failed");
  copy.attach_engine();
  return copy;
}

void Database::attach_engine() const {
  if (const Status status = attach(handle()); !status.ok()) throw SqlError(status.sqlite_code(), status.message());
}

Rows Database::query(std::string_view sql) const {
  Rows rows;
  while (!sql.empty()) {
    sqlite3_stmt* raw = nullptr;
    const char* tail = nullptr;
    const int code = sqlite3_prepare_v2(handle(), sql.data(), static_cast<int>(sql.size()), &raw, &tail);
    const std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> owner(raw, &sqlite3_finalize);
    if (code != SQLITE_OK) throw SqlError(code & 0xff, sqlite3_errmsg(handle()));
    sql.remove_prefix(static_cast<std::size_t>(tail - sql.data()));
    if (raw == nullptr) continue;  // only a comment or white space
    rows.clear();
    int step = sqlite3_step(raw);
    for (; step == SQLITE_ROW; step = sqlite3_step(raw)) {
      Row& row = rows.emplace_back();
      for (int i = 0; i < sqlite3_column_count(raw); ++i) row.push_back(column_value(raw, i));
    }
    if (step != SQLITE_DONE) throw SqlError(step & 0xff, sqlite3_errmsg(handle()));
  }
  return rows;
}

std::optional<SqlError> Database::error_of(std::string_view sql) const {
  try {
    query(sql);
  } catch (const SqlError& error) {
    return error;
  }
  return std::nullopt;
}

Value Database::value(std::string_view sql) const {
  const Rows rows = query(sql);
  return rows.empty() || rows.front().empty() ? Value() : rows.front().front();
}

std::int64_t Database::integer(std::string_view sql) const { return std::get<std::int64_t>(value(sql)); }
std::string Database::text(std::string_view sql) const { return std::get<std::string>(value(sql)); }
Blob Database::blob(std::string_view sql) const { return std::get<Blob>(value(sql)); }

std::vector<std::string> Database::lines(std::string_view sql) const {
  std::vector<std::string> lines;
  for (const Row& row : query(sql)) lines.push_back(literal(row));
  return lines;
}

int Database::close() {
  const int code = sqlite3_close(db_.get());
  if (code == SQLITE_OK) db_.release();  // NOLINT: closed
  return code;
}

namespace {

std::string hex_literal(std::string_view bytes) {
  std::string out = "x'";
  for (const char byte : bytes) {
    std::array<char, 3> digits{};
    std::snprintf(digits.data(), digits.size(), "%02x", static_cast<unsigned>(static_cast<unsigned char>(byte)));
    out += digits.data();
  }
  return out + "'";
}

std::string text_literal(const std::string& text) {
  if (text.find('\0') != std::string::npos) return "CAST(" + hex_literal(text) + " AS TEXT)";
  std::string out = "'";
  for (const char c : text) out.append(c == '\'' ? 2 : 1, c);
  return out + "'";
}

std::string real_literal(double real) {
  if (std::isnan(real)) return "NULL";  // as which SQLite keeps it
  if (std::isinf(real)) return real > 0 ? "9e999" : "-9e999";
  std::array<char, 40> digits{};
  std::snprintf(digits.data(), digits.size(), "%.17g", real);
  std::string out = digits.data();
  if (out.find_first_of(".e") == std::string::npos) out += ".0";
  return out;
}

}  // namespace

std::string literal(const Value& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return std::to_string(*integer);
  if (const auto* real = std::get_if<double>(&value)) return real_literal(*real);
  if (const auto* text = std::get_if<std::string>(&value)) return text_literal(*text);
  if (const auto* blob = std::get_if<Blob>(&value)) return hex_literal(std::string(blob->begin(), blob->end()));
  return "NULL";
}

std::string literal(const Row& row) {
  std::string out;
  for (const Value& value : row) {
    if (&value != &row.front()) out += '|';
    out += literal(value);
  }
  return out;
}

std::string quoted(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) out.append(c == '"' ? 2 : 1, c);
  return out + "\"";
}

}  // namespace rejoin::test

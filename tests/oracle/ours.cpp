#include "oracle/ours.hpp"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <cstring>
#include <rejoin/attach.hpp>
#include <stdexcept>

namespace rejoin::oracle {

namespace {

void must(int code, sqlite3* db, const char* what) {
  if (code != SQLITE_OK) throw std::runtime_error(std::string(what) + ": " + sqlite3_errmsg(db));
}

void bind_all(sqlite3_stmt* raw, const Row& params) {
  for (int i = 0; i < sqlite3_bind_parameter_count(raw) && i < static_cast<int>(params.size()); ++i) {
    const Value& value = params[static_cast<std::size_t>(i)];
    if (const auto* integer = std::get_if<std::int64_t>(&value)) {
      sqlite3_bind_int64(raw, i + 1, *integer);
    } else if (const auto* real = std::get_if<double>(&value)) {
      sqlite3_bind_double(raw, i + 1, *real);
    } else if (const auto* text = std::get_if<std::string>(&value)) {
      sqlite3_bind_text(raw, i + 1, text->data(), static_cast<int>(text->size()), SQLITE_TRANSIENT);
    } else if (const auto* blob = std::get_if<Blob>(&value)) {
      const void* data = blob->empty() ? static_cast<const void*>("") : blob->data();
      sqlite3_bind_blob(raw, i + 1, data, static_cast<int>(blob->size()), SQLITE_TRANSIENT);
    }
  }
}

Value column(sqlite3_stmt* raw, int i) {
  const auto size = [&] { return static_cast<std::size_t>(sqlite3_column_bytes(raw, i)); };
  switch (sqlite3_column_type(raw, i)) {
    case SQLITE_INTEGER:
      return std::int64_t{sqlite3_column_int64(raw, i)};
    case SQLITE_FLOAT:
      return sqlite3_column_double(raw, i);
    case SQLITE_TEXT: {
      const auto* bytes = static_cast<const char*>(sqlite3_column_blob(raw, i));
      return bytes == nullptr ? std::string() : std::string(bytes, size());
    }
    case SQLITE_BLOB: {
      const auto* bytes = static_cast<const std::uint8_t*>(sqlite3_column_blob(raw, i));
      return bytes == nullptr ? Blob() : Blob(bytes, bytes + size());
    }
    default:
      return std::monostate();
  }
}

}  // namespace

void Ours::Close::operator()(sqlite3* db) const {
  // The reference needs crsql_finalize() first; here sqlite3_close alone must do.
  if (sqlite3_close(db) != SQLITE_OK) {
    ADD_FAILURE() << "sqlite3_close: " << sqlite3_errmsg(db);
    sqlite3_close_v2(db);
  }
}

Ours::Ours() = default;

Ours::Handle Ours::connect() {
  sqlite3* db = nullptr;
  const int code = sqlite3_open_v2(":memory:", &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
  Handle handle(db);
  must(code, db, "open");
  // As the reference was compiled.
  must(sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, nullptr), db, "DQS_DML");
  must(sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr), db, "DQS_DDL");
  return handle;
}

void Ours::open(const std::string& db) {
  close(db);
  Handle handle = connect();
  if (const Status status = attach(handle.get()); !status.ok()) throw std::runtime_error(status.message());
  databases_[db] = std::move(handle);
}

void Ours::open_file(const std::string& db, const Blob& content) {
  close(db);
  Handle handle = connect();
  if (!content.empty()) {
    auto* bytes = static_cast<unsigned char*>(sqlite3_malloc64(content.size()));
    std::memcpy(bytes, content.data(), content.size());
    const auto size = static_cast<sqlite3_int64>(content.size());
    must(sqlite3_deserialize(handle.get(), "main", bytes, size, size,
                             SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_RESIZEABLE),
         handle.get(), "deserialize");
  }
  if (const Status status = attach(handle.get()); !status.ok()) throw std::runtime_error(status.message());
  databases_[db] = std::move(handle);
}

Blob Ours::content(const std::string& db) {
  sqlite3_int64 size = 0;
  const std::unique_ptr<unsigned char, void (*)(void*)> bytes(sqlite3_serialize(handle(db), "main", &size, 0),
                                                              &sqlite3_free);
  if (bytes == nullptr) throw std::runtime_error("cannot serialize " + db);
  return {bytes.get(), bytes.get() + size};
}

void Ours::close(const std::string& db) { databases_.erase(db); }

Answer Ours::run(const std::string& db, const std::string& sql, const Row& params) {
  sqlite3* connection = handle(db);
  Answer answer;
  const char* rest = sql.c_str();
  int code = SQLITE_OK;
  while (*rest != '\0' && code == SQLITE_OK) {
    sqlite3_stmt* raw = nullptr;
    code = sqlite3_prepare_v2(connection, rest, -1, &raw, &rest);
    if (code != SQLITE_OK || raw == nullptr) continue;  // an error ends the loop; a comment is no statement
    bind_all(raw, params);
    Rows rows;
    while ((code = sqlite3_step(raw)) == SQLITE_ROW) {
      Row& row = rows.emplace_back();
      for (int i = 0; i < sqlite3_column_count(raw); ++i) row.push_back(column(raw, i));
    }
    if (code == SQLITE_DONE) {
      code = SQLITE_OK;
      answer.results.push_back(std::move(rows));
    } else {
      answer.failure = Failure{code & 0xff, sqlite3_errmsg(connection)};
    }
    sqlite3_finalize(raw);
  }
  if (code != SQLITE_OK && !answer.failure) answer.failure = Failure{code & 0xff, sqlite3_errmsg(connection)};
  answer.autocommit = sqlite3_get_autocommit(connection) != 0;
  return answer;
}

}  // namespace rejoin::oracle

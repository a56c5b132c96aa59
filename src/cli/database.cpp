#include <cli/database.hpp>

#include <cli/text.hpp>

#include <sqlite3.h>
#include <rejoin/attach.hpp>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

namespace rejoin::cli {
namespace {

namespace fs = std::filesystem;

void require_file(const std::string& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) throw Failure(cat(path, ": no such file"));
  if (error) throw Failure(cat(path, ": ", error.message()));
  if (fs::is_directory(status)) throw Failure(cat(path, ": is a folder, not a database file"));
}

// The log that another program left behind holds committed work. The last connection to close would move it into the
// file.
bool has_write_ahead_log(const std::string& path) {
  std::error_code error;
  const auto size = fs::file_size(path + "-wal", error);
  return !error && size > 0;
}

std::string hint(int code) {
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return "another program has it locked";
    case SQLITE_NOTADB:
      return "this is no SQLite database";
    case SQLITE_CORRUPT:
      return "the file is damaged";
    case SQLITE_FULL:
      return "the disk is full";
    case SQLITE_READONLY:
      return "it cannot be written";
    case SQLITE_CANTOPEN:
      return "the file, or its journal beside it, cannot be opened";
    case SQLITE_IOERR:
      return "reading or writing it failed";
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return "access is not allowed";
    default:
      return "";
  }
}

}  // namespace

void Database::Close::operator()(sqlite3* db) const { sqlite3_close(db); }

Database::Database(std::string path, OpenOptions options, sqlite3* db)
    : path_(std::move(path)), options_(options), db_(db) {}

Database Database::open(const std::string& path, const OpenOptions& options) {
  if (!options.create) require_file(path);
  const int flags =
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | (options.create ? SQLITE_OPEN_CREATE : 0);
  const bool keep_log = options.access == Access::kRead && has_write_ahead_log(path);
  sqlite3* handle = nullptr;
  // The ./ keeps a path that begins with "file:" from being read as a URI.
  const std::string name = fs::path(path).is_absolute() ? path : "./" + path;
  const int code = sqlite3_open_v2(name.c_str(), &handle, flags, nullptr);
  Database db(path, options, handle);
  if (code != SQLITE_OK) throw db.failure();
  sqlite3_busy_timeout(handle, static_cast<int>(options.wait.count()));
  if (keep_log) sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  Query(db, "SELECT count(*) FROM sqlite_schema").step();  // reads the file's header: is this a database?
  if (options.access == Access::kRead) {
    db.execute("PRAGMA query_only = ON");
  } else if (sqlite3_db_readonly(handle, "main") == 1) {
    throw Failure(cat(path, ": it cannot be written: the file is read-only"));
  }
  return db;
}

Database Database::scratch(const std::string& name) {
  sqlite3* handle = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2("", &handle, flags, nullptr);
  Database db(name, {}, handle);
  if (code != SQLITE_OK) throw db.failure();
  return db;
}

Database Database::scratch_copy() const {
  Database copy = scratch(path_);
  sqlite3_backup* backup = sqlite3_backup_init(copy.handle(), "main", db_.get(), "main");
  if (backup == nullptr) throw copy.failure();
  int step = SQLITE_OK;
  for (std::int64_t waited = 0; waited <= options_.wait.count(); waited += 50) {
    step = sqlite3_backup_step(backup, -1);
    if (step != SQLITE_BUSY && step != SQLITE_LOCKED) break;
    sqlite3_sleep(50);
  }
  sqlite3_backup_finish(backup);
  if (step != SQLITE_DONE) throw explain(step, cat("copying it to temporary storage: ", sqlite3_errstr(step)));
  return copy;
}

void Database::execute(const std::string& sql) const {
  if (sqlite3_exec(db_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) throw failure();
}

bool Database::is_replica() const {
  Query query(*this,
              "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN"
              " ('crsql_master', 'crsql_site_id', 'crsql_tracked_peers', '__crsql_siteid')");
  query.step();
  return query.integer(0) > 0;
}

Replica Database::attach() const { return take(Replica::on(db_.get())); }

Failure Database::failure() const {
  if (db_ == nullptr) return Failure(cat(path_, ": out of memory"));
  return explain(sqlite3_extended_errcode(db_.get()), sqlite3_errmsg(db_.get()));
}

Failure Database::failure(const Status& status) const { return explain(status.sqlite_code(), status.message()); }

Failure Database::explain(int code, std::string_view message) const {
  std::string why = hint(code);
  if ((code & 0xff) == SQLITE_BUSY) why += cat(" (waited ", static_cast<double>(options_.wait.count()) / 1000, " s)");
  const int os_error = db_ == nullptr ? 0 : sqlite3_system_errno(db_.get());
  const bool from_os = (code & 0xff) == SQLITE_IOERR || (code & 0xff) == SQLITE_CANTOPEN;
  const std::string os_text = from_os && os_error != 0 ? cat(" (", std::strerror(os_error), ")") : "";
  return Failure(cat(path_, ": ", why, why.empty() ? "" : ": ", message, os_text));
}

Query::Query(const Database& db, std::string_view sql, std::string_view* rest) : db_(db) {
  sqlite3_stmt* statement = nullptr;
  const char* tail = nullptr;
  const int code = sqlite3_prepare_v2(db.handle(), sql.data(), static_cast<int>(sql.size()), &statement, &tail);
  statement_.reset(statement);
  if (code != SQLITE_OK) throw db.failure();
  if (rest != nullptr) *rest = sql.substr(static_cast<std::size_t>(tail - sql.data()));
}

void Query::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

Query& Query::bind(int parameter, std::string_view text) {
  sqlite3_bind_text64(statement_.get(), parameter, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  return *this;
}

Query& Query::bind(int parameter, std::int64_t number) {
  sqlite3_bind_int64(statement_.get(), parameter, number);
  return *this;
}

Query& Query::bind_value(int parameter, const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return bind(parameter, std::string_view(*text));
  if (const auto* number = std::get_if<std::int64_t>(&value)) return bind(parameter, *number);
  if (const auto* real = std::get_if<double>(&value)) {
    sqlite3_bind_double(statement_.get(), parameter, *real);
  } else if (const auto* blob = std::get_if<Blob>(&value)) {
    const void* bytes = blob->empty() ? static_cast<const void*>("") : blob->data();
    sqlite3_bind_blob64(statement_.get(), parameter, bytes, blob->size(), SQLITE_TRANSIENT);
  } else {
    sqlite3_bind_null(statement_.get(), parameter);
  }
  return *this;
}

bool Query::step() {
  const int code = sqlite3_step(statement_.get());
  if (code != SQLITE_ROW && code != SQLITE_DONE) throw db_.failure();
  return code == SQLITE_ROW;
}

void Query::reset() { sqlite3_reset(statement_.get()); }

int Query::columns() const { return sqlite3_column_count(statement_.get()); }

std::string Query::column_name(int column) const {
  const char* name = sqlite3_column_name(statement_.get(), column);
  return name == nullptr ? "" : name;
}

std::int64_t Query::integer(int column) const { return sqlite3_column_int64(statement_.get(), column); }

std::string Query::text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
  return text == nullptr ? ""
                         : std::string(text, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column)));
}

Value Query::value(int column) const {
  sqlite3_stmt* statement = statement_.get();
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
      return sqlite3_column_int64(statement, column);
    case SQLITE_FLOAT:
      return sqlite3_column_double(statement, column);
    case SQLITE_TEXT:
      return text(column);
    case SQLITE_BLOB: {
      const auto* bytes = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement, column));
      return Blob(bytes, bytes + sqlite3_column_bytes(statement, column));
    }
    default:
      return std::monostate();
  }
}

Transaction::Transaction(const Database& db) : db_(db) { db_.execute("BEGIN IMMEDIATE"); }

Transaction::~Transaction() {
  if (open_) sqlite3_exec(db_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void Transaction::commit() {
  db_.execute("COMMIT");
  open_ = false;
}

Snapshot::Snapshot(const Database& db) : db_(db) { db_.execute("BEGIN"); }

Snapshot::~Snapshot() { sqlite3_exec(db_.handle(), "ROLLBACK", nullptr, nullptr, nullptr); }

}  // namespace rejoin::cli

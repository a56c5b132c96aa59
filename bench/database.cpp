#include "database.hpp"

#include <dlfcn.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <system_error>

#include <rejoin/attach.hpp>

#include "limit.hpp"

namespace bench {

namespace fs = std::filesystem;

namespace {

constexpr const char* kEntryPoint = "sqlite3_crsqlite_init";

/// A directory of this process, removed when it ends.
struct Directory {
  fs::path path = fs::temp_directory_path() / ("rejoin-bench-" + std::to_string(getpid()));
  Directory() { fs::create_directories(path); }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  ~Directory() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
};

fs::path new_path() {
  static const Directory directory;
  static int number = 0;
  return directory.path / (std::to_string(++number) + ".db");
}

std::map<std::string, fs::path>& filled_files() {
  static std::map<std::string, fs::path> files;
  return files;
}

void remove_database(const fs::path& path) {
  std::error_code ignored;
  for (const char* suffix : {"", "-wal", "-shm"}) fs::remove(path.string() + suffix, ignored);
}

}  // namespace

void give_up(std::string_view what) {
  std::fprintf(stderr, "benchmark: %.*s\n", static_cast<int>(what.size()), what.data());
  std::exit(1);
}

Prepared::Prepared(sqlite3* db, const std::string& sql) : statement_(nullptr) {
  if (sqlite3_prepare_v3(db, sql.c_str(), -1, SQLITE_PREPARE_PERSISTENT, &statement_, nullptr) != SQLITE_OK) {
    give_up(sql + ": " + sqlite3_errmsg(db));
  }
}

bool Prepared::row() {
  const int code = sqlite3_step(statement_);
  if (code != SQLITE_ROW && code != SQLITE_DONE) {
    give_up(std::string(sqlite3_sql(statement_)) + ": " + sqlite3_errmsg(sqlite3_db_handle(statement_)));
  }
  return code == SQLITE_ROW;
}

void Prepared::run() {
  while (row()) {
  }
  reset();
}

std::string Engine::name() const {
  switch (kind) {
    case Kind::kPlain:
      return "plain";
    case Kind::kLimit:
      return way == Way::kRow ? "limit_row" : way == Way::kEnd ? "limit_end" : "limit_bulk";
    case Kind::kRejoin:
      return "rejoin";
    default:
      return "other";
  }
}

void Engine::attach(sqlite3* db) const {
  if (kind == Kind::kRejoin) {
    if (const rejoin::Status status = rejoin::attach(db); !status.ok()) give_up(status.message());
  } else if (kind == Kind::kOther) {
    // As an extension it gets SQLite's table of functions; an engine that is linked to SQLite passes it over.
    char* message = nullptr;
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 1, nullptr);
    if (sqlite3_load_extension(db, library.c_str(), kEntryPoint, &message) != SQLITE_OK) {
      give_up(message != nullptr ? message : "the other engine cannot be loaded");
    }
  }
}

void Engine::create_table(sqlite3* db, const Shape& shape, const std::string& table) const {
  std::string sql = shape.create_sql(table) + ";";
  if (kind == Kind::kLimit) sql += limit_tables_sql(shape, table);
  if (is_crdt()) sql += "SELECT crsql_as_crr('" + table + "');";
  if (sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) give_up(sqlite3_errmsg(db));
}

void load_engine(const std::string& path) {
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) give_up(dlerror());
  if (dlsym(library, kEntryPoint) == nullptr) give_up(path + " has no " + kEntryPoint);
}

Database::Database(const Engine& engine, const fs::path& original) : engine_(engine), path_(new_path()) {
  if (!original.empty()) fs::copy_file(original, path_);
  if (sqlite3_open(path_.c_str(), &db_) != SQLITE_OK) give_up(sqlite3_errmsg(db_));
  run("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF");
  engine_.attach(db_);
}

Database::~Database() {
  if (engine_.kind == Engine::Kind::kOther) run("SELECT crsql_finalize()");  // cr-sqlite wants it
  if (sqlite3_close(db_) != SQLITE_OK) give_up("the connection did not close");
  remove_database(path_);
}

void Database::run(const std::string& sql) {
  if (sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    give_up(sql + ": " + sqlite3_errmsg(db_));
  }
}

std::int64_t Database::number(const std::string& sql) const {
  Prepared statement(db_, sql);
  return statement.row() ? sqlite3_column_int64(statement.get(), 0) : 0;
}

const fs::path& filled_once(const std::string& name, const Engine& engine, const std::function<void(Database&)>& fill) {
  fs::path& path = filled_files()[name + " " + engine.name()];
  if (path.empty()) {
    Database database(engine);
    fill(database);
    database.run("PRAGMA wal_checkpoint(TRUNCATE)");
    path = database.path().string() + ".filled";
    fs::copy_file(database.path(), path);
  }
  return path;
}

void forget_filled() {
  for (const auto& [name, path] : filled_files()) remove_database(path);
  filled_files().clear();
}

}  // namespace bench

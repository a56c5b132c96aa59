#include <net/checkpointer.hpp>

#include <sqlite3.h>

#include <utility>

namespace rejoin::net {
namespace {

constexpr int kManyPages = 1000;     // as SQLite's own checkpoints
constexpr int kTooManyPages = 8000;  // some 32 MB

// By a connection of its own, so that the room goes on meanwhile. What fails is tried again a little later.
void checkpoint(const std::string& path) {
  sqlite3* db = nullptr;
  // A connection that has not read anything yet knows of no log.
  if (sqlite3_open_v2(path.c_str(), &db, SQLITE_OPEN_READWRITE, nullptr) == SQLITE_OK &&
      sqlite3_exec(db, "SELECT 1 FROM sqlite_schema LIMIT 1", nullptr, nullptr, nullptr) == SQLITE_OK) {
    sqlite3_wal_checkpoint_v2(db, nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  }
  sqlite3_close(db);
}

int note_pages(void* pages, sqlite3*, const char*, int in_log) {
  *static_cast<int*>(pages) = in_log;
  return SQLITE_OK;
}

}  // namespace

void Checkpointer::stop() {
  pool_.stop();
  pool_.join();
}

void LogKeeper::begin(sqlite3* db, std::string path) {
  db_ = db;
  path_ = std::move(path);
  sqlite3_wal_hook(db, note_pages, &pages_);  // takes the place of SQLite's own checkpoints
}

void LogKeeper::tick(Checkpointer& checkpointer, std::function<void()> moved) {
  if (pages_ < kManyPages || under_way_->exchange(true)) return;
  const bool too_many = pages_ >= kTooManyPages;
  pages_ = 0;  // the next commit says it anew
  asio::post(checkpointer.pool_, [path = path_, under_way = under_way_, too_many, moved = std::move(moved)] {
    checkpoint(path);
    under_way->store(false);
    if (too_many) moved();
  });
}

void LogKeeper::finish() { sqlite3_wal_checkpoint_v2(db_, "main", SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr); }

}  // namespace rejoin::net

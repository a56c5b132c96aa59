// Moves what rooms have written from their write-ahead logs into their files, on a thread of its own: that waits for
// the disk, which a room with clients in it must not. A log begins anew only where all of it has been moved when the
// next commit comes; in a busy room there is nearly always one more commit, so that a log that has grown long is
// finished in the room itself.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include <net/boost.hpp>

#include <boost/asio/thread_pool.hpp>

struct sqlite3;

namespace rejoin::net {

class Checkpointer {
 public:
  ~Checkpointer() { stop(); }
  /// Waits for what has begun, and begins nothing more.
  void stop();

 private:
  friend class LogKeeper;
  asio::thread_pool pool_{1};
};

/// The log of one room's file. Used in the room's strand.
class LogKeeper {
 public:
  /// Takes over from SQLite, on a connection of the hub's own.
  void begin(sqlite3* db, std::string path);
  /// Has the log moved if it has grown. `moved` is called by the checkpointer's thread if finish() is to follow.
  void tick(Checkpointer& checkpointer, std::function<void()> moved);
  /// Moves the little that is left, with no walk open.
  void finish();

 private:
  sqlite3* db_ = nullptr;
  std::string path_;
  int pages_ = 0;  // in the log
  std::shared_ptr<std::atomic<bool>> under_way_ = std::make_shared<std::atomic<bool>>(false);
};

}  // namespace rejoin::net

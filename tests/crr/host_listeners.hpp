// The listeners of the hosts that cr-sqlite's applications run in, each on SQLite's one update hook of a connection, as
// its host does it: what they are told is what an application of that host sees.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "support/database.hpp"

namespace rejoin::test {

/// Of `events`, those whose table has no `part` in its name: how applications pass over the engine's own tables. rx-tbl
/// looks for `__crsql`, Expo's applications for `__crsql_`, docs/react-native.md advises `crsql`.
template <typename Event>
std::vector<Event> without_tables(std::vector<Event> events, const std::string& part) {
  std::erase_if(events, [&](const Event& event) { return event.table.find(part) != std::string::npos; });
  return events;
}

/// expo-sqlite's event onDatabaseChange.
struct ExpoChange {
  std::string database;  ///< databaseName
  std::string table;     ///< tableName
  std::int64_t row_id = 0;
  std::string type;  ///< typeId: insert, update, delete, unknown
};

/// expo-sqlite with enableChangeListener: an event a row, as it is written, whatever becomes of the transaction.
class ExpoHost {
 public:
  using Listener = std::function<void(const ExpoChange&)>;

  ExpoHost(sqlite3* db, Listener listener);
  ~ExpoHost() { sqlite3_update_hook(db_, nullptr, nullptr); }
  ExpoHost(const ExpoHost&) = delete;
  ExpoHost& operator=(const ExpoHost&) = delete;

 private:
  sqlite3* db_;
  Listener listener_;
};

/// What crsqlite-wasm's onUpdate calls its listeners with.
struct WasmUpdate {
  int type = 0;  ///< SQLITE_INSERT, SQLITE_UPDATE, SQLITE_DELETE
  std::string database;
  std::string table;
  std::int64_t row_id = 0;
};

/// crsqlite-wasm, under rx-tbl and TinyBase: any number of listeners.
class WasmHost {
 public:
  using Listener = std::function<void(const WasmUpdate&)>;

  explicit WasmHost(sqlite3* db);
  ~WasmHost() { sqlite3_update_hook(db_, nullptr, nullptr); }
  WasmHost(const WasmHost&) = delete;
  WasmHost& operator=(const WasmHost&) = delete;

  /// Returns what ends it.
  std::function<void()> on_update(Listener listener);

 private:
  sqlite3* db_;
  std::vector<std::shared_ptr<Listener>> listeners_;
};

/// What op-sqlite's updateHook calls its callback with.
struct OpUpdate {
  std::string table;
  std::string operation;  ///< INSERT, UPDATE, DELETE
  std::int64_t row_id = 0;
};

/// op-sqlite 18: updateHook, reactiveExecute, transaction and executeBatch.
class OpHost {
 public:
  using Callback = std::function<void(const OpUpdate&)>;
  using ResultCallback = std::function<void(const Rows&)>;
  using Command = std::pair<std::string, Row>;

  struct FireOn {
    std::string table;
    std::vector<std::int64_t> ids = {};  ///< rowids; empty: any row
  };
  struct ReactiveQuery {
    std::string query;
    Row arguments;
    std::vector<FireOn> fire_on;
    ResultCallback callback;
  };

  explicit OpHost(sqlite3* db) : db_(db) {}
  ~OpHost();
  OpHost(const OpHost&) = delete;
  OpHost& operator=(const OpHost&) = delete;

  /// One callback: the last one that was set; null takes it away.
  void update_hook(Callback callback);

  /// From now on the query runs again where one of `fire_on` was written and pending queries are flushed. Returns what
  /// unsubscribes.
  std::function<void()> reactive_execute(ReactiveQuery query);
  /// Not only what was committed: a write that was rolled back leaves its queries pending, as it does in op-sqlite.
  void flush_pending_reactive_queries();

  Rows execute(const std::string& query, const Row& params = {});
  /// COMMIT and a flush after `work`; ROLLBACK and no flush where it throws.
  void transaction(const std::function<void()>& work);
  void execute_batch(const std::vector<Command>& commands);

 private:
  struct Subscription {
    ReactiveQuery query;
    Statement statement;
    std::int64_t number;
  };
  struct ByNumber {
    bool operator()(const std::shared_ptr<Subscription>& a, const std::shared_ptr<Subscription>& b) const {
      return a->number < b->number;
    }
  };
  using Subscriptions = std::set<std::shared_ptr<Subscription>, ByNumber>;

  void register_hook();
  void on_update(const OpUpdate& update);

  sqlite3* db_;
  Callback callback_;
  Subscriptions reactive_;
  Subscriptions pending_;
  std::int64_t subscribed_ = 0;
};

}  // namespace rejoin::test

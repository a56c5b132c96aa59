#include "crr/host_listeners.hpp"

#include <algorithm>

namespace rejoin::test {

namespace {

/// What a statement's rows are.
Rows all_rows(Statement& statement) {
  Rows rows;
  while (statement.step()) rows.push_back(statement.row());
  statement.reset();
  return rows;
}

void bind_all(Statement& statement, const Row& params) {
  for (std::size_t i = 0; i < params.size(); ++i) statement.bind(static_cast<int>(i) + 1, params[i]);
}

}  // namespace

// --- expo-sqlite ---

ExpoHost::ExpoHost(sqlite3* db, Listener listener) : db_(db), listener_(std::move(listener)) {
  sqlite3_update_hook(
      db,
      [](void* host, int operation, const char* database, const char* table, sqlite3_int64 rowid) {
        const char* type = operation == SQLITE_INSERT   ? "insert"
                           : operation == SQLITE_UPDATE ? "update"
                           : operation == SQLITE_DELETE ? "delete"
                                                        : "unknown";
        static_cast<ExpoHost*>(host)->listener_({database, table, rowid, type});
      },
      this);
}

// --- crsqlite-wasm ---

WasmHost::WasmHost(sqlite3* db) : db_(db) {
  sqlite3_update_hook(
      db,
      [](void* host, int operation, const char* database, const char* table, sqlite3_int64 rowid) {
        const auto listeners = static_cast<WasmHost*>(host)->listeners_;
        for (const auto& listener : listeners) (*listener)({operation, database, table, rowid});
      },
      this);
}

std::function<void()> WasmHost::on_update(Listener listener) {
  const auto& added = listeners_.emplace_back(std::make_shared<Listener>(std::move(listener)));
  return [this, added] { std::erase(listeners_, added); };
}

// --- op-sqlite ---

OpHost::~OpHost() {
  callback_ = nullptr;
  reactive_.clear();
  register_hook();
}

// op-sqlite has SQLite's hook only while someone listens.
void OpHost::register_hook() {
  if (callback_ == nullptr && reactive_.empty()) {
    sqlite3_update_hook(db_, nullptr, nullptr);
    return;
  }
  sqlite3_update_hook(
      db_,
      [](void* host, int operation, const char*, const char* table, sqlite3_int64 rowid) {
        const char* name = operation == SQLITE_INSERT ? "INSERT" : operation == SQLITE_UPDATE ? "UPDATE" : "DELETE";
        static_cast<OpHost*>(host)->on_update({table, name, rowid});
      },
      this);
}

void OpHost::update_hook(Callback callback) {
  callback_ = std::move(callback);
  register_hook();
}

void OpHost::on_update(const OpUpdate& update) {
  if (callback_) callback_(update);
  for (const auto& subscription : reactive_) {
    const auto fires = [&](const FireOn& on) {
      return on.table == update.table &&
             (on.ids.empty() || std::find(on.ids.begin(), on.ids.end(), update.row_id) != on.ids.end());
    };
    const auto& fire_on = subscription->query.fire_on;
    if (std::any_of(fire_on.begin(), fire_on.end(), fires)) pending_.insert(subscription);
  }
}

std::function<void()> OpHost::reactive_execute(ReactiveQuery query) {
  Statement statement(db_, query.query);
  bind_all(statement, query.arguments);
  const auto added =
      std::make_shared<Subscription>(Subscription{std::move(query), std::move(statement), ++subscribed_});
  reactive_.insert(added);
  register_hook();
  return [this, added] {
    reactive_.erase(added);
    register_hook();
  };
}

void OpHost::flush_pending_reactive_queries() {
  for (const auto& subscription : std::exchange(pending_, {})) {
    subscription->query.callback(all_rows(subscription->statement));
  }
}

Rows OpHost::execute(const std::string& query, const Row& params) {
  Statement statement(db_, query);
  bind_all(statement, params);
  return all_rows(statement);
}

void OpHost::transaction(const std::function<void()>& work) {
  execute("BEGIN TRANSACTION;");
  try {
    work();
    execute("COMMIT;");
  } catch (...) {
    execute("ROLLBACK;");
    throw;
  }
  flush_pending_reactive_queries();
}

void OpHost::execute_batch(const std::vector<Command>& commands) {
  transaction([&] {
    for (const auto& [query, params] : commands) execute(query, params);
  });
}

}  // namespace rejoin::test

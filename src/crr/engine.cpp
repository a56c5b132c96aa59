#include "crr/engine.hpp"

#include <limits>

#include "crr/format.hpp"
#include "crr/shadow_schema.hpp"
#include "sqlite/callback.hpp"
#include "sqlite/error.hpp"
#include "sqlite/owned_statement.hpp"
#include "sqlite/savepoint.hpp"
#include "sqlite/sql_text.hpp"

namespace rejoin::internal {

namespace {

constexpr const char* kEnginePointer = "rejoin-engine";

/// Runs a statement that gives at most one row, and reads a number and a text of it.
Status read_once(sqlite3* db, const std::string& sql, bool& found, std::int64_t& number, std::string& text) {
  OwnedStatement statement;
  int code = statement.prepare(db, sql.c_str());
  found = false;
  if (code == SQLITE_OK && (code = sqlite3_step(statement.get())) == SQLITE_ROW) {
    found = true;
    number = sqlite3_column_int64(statement.get(), 0);
    const unsigned char* bytes = sqlite3_column_text(statement.get(), 0);
    text = bytes == nullptr ? "" : reinterpret_cast<const char*>(bytes);
    code = SQLITE_DONE;
  }
  return code == SQLITE_DONE ? Status() : sqlite_error(db, code, "reading the database's layout");
}

Status refused(const std::string& why) {
  return failure(ErrorCode::kUnsupported, "this database cannot be opened: %s", {why});
}

}  // namespace

void Engine::drop(void* engine) {
  auto* self = static_cast<Engine*>(engine);
  if (--self->references_ == 0) delete self;
}

Engine* Engine::of(sqlite3* db) {
  // Asking for a function that is not there would put an error into the host's log, so the list of functions is asked
  // first.
  sqlite3_stmt* statement = nullptr;
  bool listed = false;
  bool any = false;
  if (sqlite3_prepare_v2(db, "PRAGMA function_list", -1, &statement, nullptr) == SQLITE_OK) {
    while (!listed && sqlite3_step(statement) == SQLITE_ROW) {
      any = true;
      const auto* name = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
      listed = name != nullptr && std::string_view(name) == "crsql_internal_engine";
    }
  }
  sqlite3_finalize(statement);
  if (any && !listed) return nullptr;
  Engine* engine = nullptr;
  if (sqlite3_prepare_v2(db, "SELECT crsql_internal_engine(?1)", -1, &statement, nullptr) == SQLITE_OK) {
    sqlite3_bind_pointer(statement, 1, &engine, kEnginePointer, nullptr);
    sqlite3_step(statement);
  }
  sqlite3_finalize(statement);
  return engine;
}

void Engine::tell(sqlite3_value* pointer) {
  if (auto* out = static_cast<Engine**>(sqlite3_value_pointer(pointer, kEnginePointer)); out != nullptr) *out = this;
}

// --- entries ---

Status Engine::refresh() {
  if (!guarded_) REJOIN_TRY(connect_guard());
  if (!storage_ready_) {
    const Status status = ensure_storage();
    if (!status.ok() && status.code() != ErrorCode::kReadOnly) return status;
  }
  REJOIN_TRY(catalogue_.refresh(!joined_ && sqlite3_txn_state(db_, "main") == SQLITE_TXN_WRITE));
  return clock_.refresh();
}

Status Engine::refresh_for_statement() {
  // A statement whose triggers have called us adds to the total when it ends, before another one can change the schema;
  // or, if it fails, it is rolled back, which we hear of. So at the same total it is still the same statement.
  const std::int64_t total = sqlite3_total_changes64(db_);
  if (joined_ && total == refreshed_at_) return {};
  refreshed_at_ = -1;
  REJOIN_TRY(refresh());
  if (joined_) refreshed_at_ = total;
  return {};
}

Status Engine::enter_to_read() {
  REJOIN_TRY(refresh());
  REJOIN_TRY(flush_merges());
  return recorder_.write();
}

Status Engine::keep_up(ChangeReader& reader) {
  if (!reader.overtaken()) return {};
  REJOIN_TRY(enter_to_read());
  reader.doubt();
  return {};
}

Status Engine::enter_to_write() {
  if (!storage_ready_) REJOIN_TRY(ensure_storage());
  REJOIN_TRY(join());
  REJOIN_TRY(enter_to_read());
  return load_settings();
}

Status Engine::enter_to_merge() {
  if (!storage_ready_) REJOIN_TRY(ensure_storage());
  REJOIN_TRY(join());
  REJOIN_TRY(refresh());
  REJOIN_TRY(recorder_.pending() || clock_.outdated() ? recorder_.write() : Status(recorder_.failure()));
  return load_settings();
}

Status Engine::load_settings() {
  REJOIN_TRY(settings_.load());
  merger_.set_merge_equal_values(settings_.merge_equal_values());
  return {};
}

Status Engine::enter_to_record() {
  if (joined_) return {};
  REJOIN_TRY(join());
  return refresh();
}

void Engine::join_open_transaction() {
  if (sqlite3_get_autocommit(db_) == 0) static_cast<void>(join());
}

Status Engine::join() {
  if (joined_) return {};
  if (!guarded_) REJOIN_TRY(connect_guard());
  Lease lease;
  REJOIN_TRY(statements_.lend(0, kJoinTransaction, "INSERT INTO crsql_internal_transaction VALUES (0)", lease));
  return lease.run("joining the transaction");
}

Status Engine::connect_guard() {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v2(db_, "SELECT 1 FROM crsql_internal_guard", -1, &statement, nullptr);
  sqlite3_finalize(statement);
  if (code != SQLITE_OK) return sqlite_error(db_, code, "starting the engine");
  guarded_ = true;
  return {};
}

// --- the bookkeeping tables ---

Status Engine::check_layout(bool& tables_exist) {
  bool found = false;
  std::int64_t number = 0;
  std::string text;
  tables_exist = false;
  REJOIN_TRY(
      read_once(db_,
                "SELECT sum(1 << (name = 'crsql_site_id') << 2 * (name = 'crsql_master')) FROM main.sqlite_master "
                "WHERE type = 'table' AND name IN ('crsql_tracked_peers', 'crsql_site_id', 'crsql_master')",
                found, number, text));
  const std::int64_t tables = number;  // 1, 2 and 4 for each that is there
  if ((tables & 4) == 0) return {};
  REJOIN_TRY(read_once(db_, compose("SELECT value FROM main.crsql_master WHERE key = %t", {kVersionKey}), found, number,
                       text));
  tables_exist = found && tables == 7;
  if (!found || number == kFormatVersion) return {};
  if (number < kOldestFormatVersion)
    return refused(compose("it was written by version %s, older than 150000 (cr-sqlite 0.15)", {text}));
  if (number > kFormatVersion) {
    return refused(compose("it was written by version %s, newer than %s", {text, kFormatVersion}));
  }
  // 0.15 and a build of 0.16 give the same number; only the latter keeps keys in tables of their own.
  REJOIN_TRY(
      read_once(db_,
                "SELECT name FROM main.sqlite_master WHERE type = 'table' AND substr(name, -13) = '__crsql_clock' AND "
                "substr(name, 1, length(name) - 13) NOT IN (SELECT substr(name, 1, length(name) - 11) FROM "
                "main.sqlite_master WHERE type = 'table' AND substr(name, -11) = '__crsql_pks')",
                found, number, text));
  if (!found) return {};
  return refused(compose("its table %n has the layout of cr-sqlite 0.15, older than 0.16", {text}));
}

Bytes Engine::make_site_id() {
  Bytes site(kSiteIdSize);
  sqlite3_randomness(static_cast<int>(site.size()), site.data());
  site[6] = static_cast<std::uint8_t>((site[6] & 0x0f) | 0x40);  // a random UUID, RFC 9562: version 4,
  site[8] = static_cast<std::uint8_t>((site[8] & 0x3f) | 0x80);  // variant 1
  return site;
}

Status Engine::create_storage() {
  std::string hex;
  for (const std::uint8_t byte : make_site_id()) {
    hex += "0123456789abcdef"[byte >> 4];
    hex += "0123456789abcdef"[byte & 15];
  }
  Savepoint savepoint(db_);
  REJOIN_TRY(savepoint.begin());
  const std::string sql = compose(
      "%sINSERT INTO main.crsql_master (key, value) SELECT %t, %s WHERE NOT EXISTS (SELECT 1 FROM main.crsql_master "
      "WHERE key = %t);INSERT INTO main.crsql_site_id (site_id, ordinal) SELECT x'%s', 0 WHERE NOT EXISTS (SELECT 1 "
      "FROM main.crsql_site_id WHERE ordinal = 0)",
      {create_engine_tables_sql(), kVersionKey, kFormatVersion, kVersionKey, hex});
  REJOIN_TRY(execute(db_, sql, "creating the bookkeeping tables"));
  return savepoint.release();
}

Status Engine::ensure_storage() {
  bool exist = false;
  REJOIN_TRY(check_layout(exist));
  return provide_storage(exist);
}

Status Engine::provide_storage(bool exist) {
  if (!exist) {
    const sqlite3_int64 rowid = sqlite3_last_insert_rowid(db_);
    Status status =
        sqlite3_db_readonly(db_, "main") == 1
            ? Status(ErrorCode::kReadOnly, "the database is read-only and is not a replica yet", SQLITE_READONLY)
            : create_storage();
    sqlite3_set_last_insert_rowid(db_, rowid);
    REJOIN_TRY(std::move(status));
  }
  // What was made inside a transaction may yet be rolled back, and only one that is joined tells so.
  storage_ready_ = exist && (joined_ || sqlite3_txn_state(db_, "main") != SQLITE_TXN_WRITE);
  storage_made_ = storage_made_ || !exist;
  clock_.set_storage(true);
  return {};
}

Status Engine::merge(const IncomingChange& change, std::int64_t seen, MergeReport& report) {
  const MergeStatement::AtWork at_work(merge_statement_);
  REJOIN_TRY(enter_to_merge());
  REJOIN_TRY(release_held());
  return merge_in_batch(change, seen, report);
}

Status Engine::begin_batch() {
  REJOIN_TRY(enter_to_merge());
  REJOIN_TRY(release_held());
  REJOIN_TRY(merger_.begin_batch());
  impacted_before_batch_ = merger_.rows_impacted();
  return {};
}

Status Engine::end_batch(Status status) {
  MergeReport report;
  Status ended = guarded([&] { return merger_.end_batch(status.ok(), report); });
  if (report.half_written) spoil(ended);
  if (status.ok()) status = std::move(ended);
  if (!status.ok()) merger_.rows_impacted() = impacted_before_batch_;
  return status;
}

Status Engine::merge_in_batch(const IncomingChange& change, std::int64_t seen, MergeReport& report) {
  Status status = merge_whole(change, seen, report);
  if (status.code() == ErrorCode::kUnknownSchema && settings_.hold_unknown()) return held_.keep(change);
  return status;
}

Status Engine::flush_merges() {
  Status status = merger_.flush();
  if (!status.ok() && merger_.half_written()) spoil(status);
  return status;
}

void Engine::spoil(const Status& status) {
  // Where SQLite has rolled back the transaction by itself, there is none left to hold back.
  if (joined_) recorder_.fail(status);
}

Status Engine::merge_whole(const IncomingChange& change, std::int64_t seen, MergeReport& report) {
  Status status = guarded([&]() -> Status {
    Status merged = merger_.merge(change, seen, report);
    report.half_written = report.half_written || merger_.half_written();
    REJOIN_TRY(std::move(merged));
    if (!report.won) return {};
    Status found;
    const auto table = catalogue_.find(change.table, found);
    if (table == nullptr || table->shown_cells == table->cells.size()) return found;
    report.half_written = true;  // should this fail
    REJOIN_TRY(merger_.flush());
    REJOIN_TRY(recorder_.merged(*table, change.pk));
    report.half_written = false;
    return {};
  });
  if (report.half_written) spoil(status);
  return status;
}

Status Engine::release_held() {
  if (!settings_.hold_unknown()) return {};
  return held_.release([this](const IncomingChange& change, bool& spoiled) {
    MergeReport report;
    Status status = merge_whole(change, std::numeric_limits<std::int64_t>::max(), report);
    spoiled = report.half_written;
    return status;
  });
}

// --- what SQLite tells of the transaction ---

Status Engine::on_begin() {
  joined_ = true;
  clock_.set_joined(true);
  refreshed_at_ = -1;
  joined_generation_ = catalogue_.generation();
  recorder_.begin(sqlite3_get_autocommit(db_) == 0);
  return {};
}

Status Engine::on_sync() {
  REJOIN_TRY(flush_merges());
  if (!recorder_.pending() && !clock_.unwritten() && !recorder_.outdated() && !alterer_.begun())
    return recorder_.failure();
  REJOIN_TRY(refresh());
  REJOIN_TRY(recorder_.write());
  if (alterer_.begun()) {
    REJOIN_TRY(alterer_.finish_all());
    REJOIN_TRY(refresh());
  }
  return renew_triggers();
}

/// Makes the triggers of tables that have more columns than those know. Only here, with no statement of the application
/// under way: a statement that aborted would leave SQLite's schema in memory behind the one on disk.
Status Engine::renew_triggers() {
  for (const std::string& name : recorder_.take_outdated()) {
    Status status;
    const auto table = catalogue_.find(name, status);
    REJOIN_TRY(std::move(status));
    if (table == nullptr) continue;
    REJOIN_TRY(execute(db_, drop_triggers_sql(*table) + create_triggers_sql(*table), "renewing triggers"));
    catalogue_.forget();
  }
  return {};
}

Status Engine::on_savepoint(int number) {
  // What is merged from now on can be undone apart from what was merged before.
  Status status = write_merged(false);
  recorder_.savepoint(number);
  return status;
}

Status Engine::write_merged(bool in_statement) {
  if (!clock_.unwritten() || clock_.aside()) return {};
  const MergeStatement::AtWork at_work(merge_statement_);
  REJOIN_TRY(guarded([this] { return refresh(); }));  // a table may be gone since
  return recorder_.write_merged(in_statement);
}

std::int64_t Engine::listen(std::function<void()> call) {
  listeners_.emplace(++last_listener_, std::move(call));
  return last_listener_;
}

void Engine::stop_listening(std::int64_t listener) { listeners_.erase(listener); }

void Engine::on_commit() {
  const bool stored = clock_.counters().stored_version != 0;
  joined_ = false;
  clock_.set_joined(false);
  clock_.committed();
  recorder_.clear();
  alterer_.transaction_ended();
  merger_.rows_impacted() = 0;
  if (!stored || listeners_.empty()) return;
  static_cast<void>(guarded([this] {
    // A call may take itself or others away, and add some, whose turn is the next commit's.
    const std::int64_t last = last_listener_;
    for (auto at = listeners_.begin(); at != listeners_.end() && at->first <= last;) {
      const auto [number, call] = *at;
      call();
      at = listeners_.upper_bound(number);
    }
    return Status();
  }));
}

void Engine::on_rollback() {
  merge_statement_.clear();
  joined_ = false;
  clock_.set_joined(false);
  left_behind_ ? clock_.lost_track() : clock_.rolled_back();
  left_behind_ = false;
  recorder_.clear();
  alterer_.transaction_ended();
  merger_.rows_impacted() = 0;
  forget_schema();
}

void Engine::on_rollback_to(int number) {
  recorder_.rollback_to(number);
  forget_schema();
}

/// What was read of the schema in this transaction may have been undone.
void Engine::forget_schema() {
  refreshed_at_ = -1;
  if (catalogue_.generation() != joined_generation_) catalogue_.forget();
  settings_.forget();
  held_.look_again();
  if (storage_made_) storage_ready_ = false;
}

void Engine::on_close() {
  statements_.close();
  // SQLite now tells of a rollback. Where the application has a statement open it then refuses to close, and the
  // transaction goes on without us: what is in the log must not be lost to it.
  left_behind_ = joined_ && sqlite3_next_stmt(db_, nullptr) != nullptr;
  if (left_behind_) {
    static_cast<void>(guarded([this] { return enter_to_read(); }));
    statements_.clear();
  }
  guarded_ = false;
}

}  // namespace rejoin::internal

#include <rejoin/attach.hpp>
#include <rejoin/replica.hpp>

#include <algorithm>
#include <limits>
#include <utility>

#include "crr/change_stream_state.hpp"
#include "crr/check.hpp"
#include "crr/digest.hpp"
#include "crr/engine.hpp"
#include "crr/format.hpp"
#include "crr/migrate.hpp"
#include "crr/public_change.hpp"
#include "crr/watcher_state.hpp"
#include "sqlite/api.hpp"
#include "sqlite/callback.hpp"
#include "sqlite/owned_statement.hpp"
#include "sqlite/savepoint.hpp"
#include "sqlite/sql_text.hpp"

namespace rejoin {

using namespace internal;  // NOLINT: this file is the seam between the two

namespace {

/// Runs `body(value)`, which fills `value`, and turns the two into a Result.
template <typename T, typename Body>
Result<T> filled(T value, Body&& body) noexcept {
  return guarded([&]() -> Result<T> {
    REJOIN_TRY(body(value));
    return std::move(value);
  });
}

Status merge_one(Engine& engine, const Change& change, std::int64_t seen, MergeOutcome& outcome) {
  MergeReport report;
  REJOIN_TRY(engine.merge(incoming_of(change), seen, report));
  outcome = {report.won, report.conflict};
  return {};
}

Status merge_batch(Engine& engine, std::span<const Change> changes, std::int64_t seen, MergeSummary& summary) {
  std::size_t place = 0;
  bool of_row = false;  // a row that several changes were gathered to was refused: which of them is not known
  Status status = engine.merge_batch([&](const auto& merge) -> Status {
    for (; place < changes.size(); ++place) {
      MergeReport report;
      Status merged = merge(incoming_of(changes[place]), seen, report);
      of_row = report.half_written;
      REJOIN_TRY(std::move(merged));
      summary.won += report.won ? 1 : 0;
      summary.conflicts += report.conflict ? 1 : 0;
    }
    return {};
  });
  if (status.ok() || of_row || place >= changes.size()) return status;
  return {status.code(), compose("change %s of %s: %s", {place + 1, changes.size(), status.message()}),
          status.sqlite_code()};
}

std::string note_key(std::string_view name) { return compose("%s%s", {kNotePrefix, name}); }

constexpr int kBusyMilliseconds = 5000;

}  // namespace

Result<Replica> Replica::on(sqlite3* db) noexcept {
  if (const Status status = attach(db); !status.ok()) return status;
  Engine* engine = Engine::of(db);
  if (engine == nullptr) return no_memory();
  return Replica(*engine);
}

Result<Replica> Replica::open(const std::string& path) noexcept {
  sqlite3* db = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
  return guarded([&]() -> Result<Replica> {
    std::shared_ptr<sqlite3> opened(db, sqlite3_close_v2);
    if (code != SQLITE_OK) return sqlite_error(db, code, compose("opening %s", {path}));
    sqlite3_busy_timeout(db, kBusyMilliseconds);
    Result<Replica> replica = on(db);
    if (replica.ok()) replica->opened_ = std::move(opened);
    return replica;
  });
}

sqlite3* Replica::connection() const noexcept { return engine_->db(); }

Result<Blob> Replica::site_id() const noexcept {
  return filled(Blob(), [&](Blob& site) {
    REJOIN_TRY(engine_->enter_to_read());
    return engine_->clock().own_site(site);
  });
}

Result<std::int64_t> Replica::db_version() const noexcept {
  return filled(std::int64_t{0}, [&](std::int64_t& version) {
    REJOIN_TRY(engine_->enter_to_read());
    return engine_->clock().committed_version(version);
  });
}

Status Replica::make_crr(std::string_view table) noexcept {
  return guarded([&]() -> Status { return internal::make_crr(*engine_, table); });
}

Result<std::vector<std::string>> Replica::tables() const noexcept {
  return filled(std::vector<std::string>(), [&](std::vector<std::string>& names) {
    REJOIN_TRY(engine_->enter_to_read());
    names = engine_->catalogue().names();
    return Status();
  });
}

Result<std::vector<TableSummary>> Replica::summaries() const noexcept {
  return filled(std::vector<TableSummary>(), [&](std::vector<TableSummary>& summaries) {
    REJOIN_TRY(engine_->enter_to_read());
    for (const std::string& name : engine_->catalogue().names()) {
      Status status;
      const auto table = engine_->catalogue().find(name, status);
      REJOIN_TRY(std::move(status));
      TableSummary& summary = summaries.emplace_back();
      summary.name = name;
      REJOIN_TRY(engine_->clock().count_rows(*table, summary.rows, summary.tombstones));
    }
    return Status();
  });
}

Status Replica::visit_changes(std::int64_t since, const Blob& not_from,
                              const std::function<Status(const Change&)>& visit) const noexcept {
  return guarded([&]() -> Status {
    ChangeReader reader(engine_->catalogue(), engine_->clock());
    std::int64_t last = 0;
    REJOIN_TRY(open_after(*engine_, {since}, not_from, reader, last));
    Change change;
    while (!reader.at_end()) {
      REJOIN_TRY(copy_change(reader, change));
      REJOIN_TRY(visit(change));
      REJOIN_TRY(engine_->keep_up(reader));
      REJOIN_TRY(reader.next());
    }
    return Status();
  });
}

Result<ChangeStream> Replica::changes_after(const Cursor& after, const Blob& not_from) const noexcept {
  return guarded([&]() -> Result<ChangeStream> {
    auto state = std::make_unique<ChangeStream::State>(*engine_);
    REJOIN_TRY(state->open(after, not_from));
    return ChangeStream(std::move(state));
  });
}

Result<Watcher> Replica::watch() const noexcept {
  const Result<std::int64_t> version = db_version();
  return version.ok() ? watch({*version}) : Result<Watcher>(version.status());
}

Result<Watcher> Replica::watch(const Cursor& after) const noexcept {
  return guarded([&]() -> Result<Watcher> {
    auto state = std::make_unique<Watcher::State>(*engine_);
    state->cursor = after;
    return Watcher(std::move(state));
  });
}

Result<std::int64_t> Replica::on_commit(std::function<void()> call) noexcept {
  return guarded([&]() -> Result<std::int64_t> { return engine_->listen(std::move(call)); });
}

void Replica::forget_commit(std::int64_t listener) noexcept { engine_->stop_listening(listener); }

Result<std::int64_t> Replica::count_changes(std::int64_t since, const Blob& not_from) const noexcept {
  return filled(std::int64_t{0}, [&](std::int64_t& count) {
    ChangeReader reader(engine_->catalogue(), engine_->clock());
    std::int64_t last = 0;
    REJOIN_TRY(open_after(*engine_, {since}, not_from, reader, last));
    for (; !reader.at_end(); ++count) REJOIN_TRY(reader.next());
    return Status();
  });
}

Result<MergeOutcome> Replica::merge(const Change& change, std::int64_t seen_by_sender) noexcept {
  return filled(MergeOutcome(), [&](MergeOutcome& outcome) {
    if (sqlite3_get_autocommit(engine_->db()) == 0) return merge_one(*engine_, change, seen_by_sender, outcome);
    return in_savepoint(*engine_, [&] { return merge_one(*engine_, change, seen_by_sender, outcome); });
  });
}

Result<MergeSummary> Replica::merge(std::span<const Change> changes, std::int64_t seen_by_sender) noexcept {
  return filled(MergeSummary(), [&](MergeSummary& summary) {
    if (changes.empty()) return Status();
    return in_savepoint(*engine_, [&]() -> Status {
      REJOIN_TRY(merge_batch(*engine_, changes, seen_by_sender, summary));
      summary.db_version = engine_->clock().counters().stored_version;
      return {};
    });
  });
}

Result<std::int64_t> Replica::cursor(const Blob& site) const noexcept {
  return filled(std::int64_t{0}, [&](std::int64_t& version) {
    REJOIN_TRY(engine_->enter_to_read());
    return engine_->clock().read_cursor(view_of(site), version);
  });
}

Status Replica::set_cursor(const Blob& site, std::int64_t version) noexcept {
  return guarded([&]() -> Status {
    REJOIN_TRY(engine_->refresh());
    return engine_->clock().write_cursor(view_of(site), version);
  });
}

bool Replica::in_transaction() const noexcept { return sqlite3_get_autocommit(engine_->db()) == 0; }

Status Replica::in_transaction(const std::function<Status()>& work) noexcept {
  return guarded([&]() -> Status { return in_savepoint(*engine_, work); });
}

Result<std::string> Replica::note(std::string_view name) const noexcept {
  return filled(std::string(), [&](std::string& text) {
    REJOIN_TRY(engine_->enter_to_read());
    MasterValue value;
    REJOIN_TRY(engine_->clock().read_master(note_key(name), value));
    text = std::move(value.text);
    return Status();
  });
}

Status Replica::set_note(std::string_view name, std::string_view text) noexcept {
  return guarded([&]() -> Status {
    REJOIN_TRY(engine_->refresh());
    ValueView value;
    value.type = SQLITE_BLOB;  // the column would make a number of a text that looks like one
    value.bytes = {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
    return engine_->clock().write_master(note_key(name), value);
  });
}

Result<std::int64_t> Replica::held_changes() const noexcept {
  return filled(std::int64_t{0}, [&](std::int64_t& count) {
    REJOIN_TRY(engine_->enter_to_read());
    return engine_->held().count(count);
  });
}

Result<Blob> Replica::renew_site_id() noexcept {
  return filled(Blob(), [&](Blob& site) { return renew_site(*engine_, site); });
}

Result<Digest> Replica::digest(std::string_view table) const noexcept {
  return filled(Digest(), [&](Digest& digest) { return compute_digest(*engine_, table, digest); });
}

Result<std::vector<Fault>> Replica::check() const noexcept {
  return filled(std::vector<Fault>(), [&](std::vector<Fault>& faults) { return find_faults(*engine_, faults); });
}

}  // namespace rejoin

#include <rejoin/attach.hpp>
#include <rejoin/replica.hpp>

#include <sqlite3.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "crr/check.hpp"
#include "crr/digest.hpp"
#include "crr/engine.hpp"
#include "crr/format.hpp"
#include "crr/migrate.hpp"
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

ByteView bytes_of(const Blob& blob) { return {blob.data(), blob.size()}; }

ValueView borrowed(const Value& value) {
  ValueView view;
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    view.type = SQLITE_INTEGER;
    view.integer = *integer;
  } else if (const auto* real = std::get_if<double>(&value)) {
    view.type = SQLITE_FLOAT;
    view.real = *real;
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    view.type = SQLITE_TEXT;
    view.bytes = {reinterpret_cast<const std::uint8_t*>(text->data()), text->size()};
  } else if (const auto* blob = std::get_if<Blob>(&value)) {
    view.type = SQLITE_BLOB;
    view.bytes = bytes_of(*blob);
  }
  return view;
}

Status fill(ChangeReader& reader, Change& change) {
  change.table = reader.table();
  const ByteView key = reader.packed_key();
  change.pk.assign(key.data, key.data + key.size);
  change.column = reader.column();
  sqlite3_value* value = reader.value();
  change.value = value == nullptr ? Value() : owned(ValueView::of(value));
  change.column_version = reader.column_version();
  change.db_version = reader.db_version();
  ByteView site;
  REJOIN_TRY(reader.site(site));
  change.site_id.assign(site.data, site.data + site.size);
  change.causal_length = reader.causal_length();
  change.seq = reader.seq();
  return {};
}

Status open_since(Engine& engine, std::int64_t since, const Blob& not_from, ChangeReader& reader) {
  REJOIN_TRY(engine.enter_to_read());
  ChangeRange range;
  range.first_version = since == std::numeric_limits<std::int64_t>::max() ? since : since + 1;
  REJOIN_TRY(engine.clock().max_version(range.last_version));
  if (!not_from.empty()) REJOIN_TRY(engine.clock().ordinal_of(bytes_of(not_from), false, range.not_site));
  return range.first_version > range.last_version ? Status() : reader.open(range);
}

IncomingChange incoming_of(const Change& change) {
  IncomingChange incoming;
  incoming.table = change.table;
  incoming.pk = bytes_of(change.pk);
  incoming.column = change.column;
  incoming.value = borrowed(change.value);
  incoming.column_version = change.column_version;
  incoming.db_version = change.db_version;
  incoming.site = bytes_of(change.site_id);
  incoming.causal_length = change.causal_length;
  incoming.seq = change.seq;
  return incoming;
}

Status merge_one(Engine& engine, const Change& change, std::int64_t seen, MergeOutcome& outcome) {
  MergeReport report;
  REJOIN_TRY(engine.merge(incoming_of(change), seen, report));
  outcome = {report.won, report.conflict};
  return {};
}

Status merge_batch(Engine& engine, std::span<const Change> changes, std::int64_t seen, MergeSummary& summary) {
  std::size_t place = 0;
  Status status = engine.merge_batch([&](const auto& merge) -> Status {
    for (; place < changes.size(); ++place) {
      MergeReport report;
      REJOIN_TRY(merge(incoming_of(changes[place]), seen, report));
      summary.won += report.won ? 1 : 0;
      summary.conflicts += report.conflict ? 1 : 0;
    }
    return {};
  });
  if (status.ok() || place >= changes.size()) return status;
  return {status.code(),
          "change " + std::to_string(place + 1) + " of " + std::to_string(changes.size()) + ": " + status.message(),
          status.sqlite_code()};
}

// Networking code writes (version, seq) as it receives: with a seq, the rest of that version may be missing.
constexpr const char* kSelectCursor =
    "SELECT version - (ifnull(seq, 0) > 0) FROM main.crsql_tracked_peers WHERE site_id = ?1 AND tag = 0 AND event = 0";
constexpr const char* kWriteCursor =
    "INSERT INTO main.crsql_tracked_peers (site_id, version, seq, tag, event) VALUES (?1, ?2, 0, 0, 0) "
    "ON CONFLICT (site_id, tag, event) DO UPDATE SET version = excluded.version, seq = excluded.seq";

Status step_once(sqlite3* db, const char* sql, const Blob& site, const std::int64_t* in, std::int64_t* out) {
  OwnedStatement statement;
  int code = statement.prepare(db, sql);
  if (code == SQLITE_OK) {
    sqlite3_bind_blob64(statement.get(), 1, site.data(), site.size(), SQLITE_STATIC);
    if (in != nullptr) sqlite3_bind_int64(statement.get(), 2, *in);
    code = sqlite3_step(statement.get());
  }
  if (code == SQLITE_ROW && out != nullptr) *out = sqlite3_column_int64(statement.get(), 0);
  return code == SQLITE_ROW || code == SQLITE_DONE ? Status() : sqlite_error(db, code, "a peer's cursor");
}

}  // namespace

Result<Replica> Replica::on(sqlite3* db) noexcept {
  if (const Status status = attach(db); !status.ok()) return status;
  Engine* engine = Engine::of(db);
  if (engine == nullptr) return no_memory();
  return Replica(*engine);
}

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
    REJOIN_TRY(open_since(*engine_, since, not_from, reader));
    Change change;
    while (!reader.at_end()) {
      REJOIN_TRY(fill(reader, change));
      REJOIN_TRY(visit(change));
      REJOIN_TRY(reader.next());
    }
    return Status();
  });
}

Result<std::int64_t> Replica::count_changes(std::int64_t since, const Blob& not_from) const noexcept {
  return filled(std::int64_t{0}, [&](std::int64_t& count) {
    ChangeReader reader(engine_->catalogue(), engine_->clock());
    REJOIN_TRY(open_since(*engine_, since, not_from, reader));
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
    return in_savepoint(*engine_, [&] { return merge_batch(*engine_, changes, seen_by_sender, summary); });
  });
}

Result<std::int64_t> Replica::cursor(const Blob& site) const noexcept {
  return filled(std::int64_t{0}, [&](std::int64_t& version) {
    REJOIN_TRY(engine_->enter_to_read());
    return step_once(engine_->db(), kSelectCursor, site, nullptr, &version);
  });
}

Status Replica::set_cursor(const Blob& site, std::int64_t version) noexcept {
  return guarded([&]() -> Status {
    REJOIN_TRY(engine_->ensure_storage());
    return step_once(engine_->db(), kWriteCursor, site, &version, nullptr);
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

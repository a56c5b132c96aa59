// The C face over the public headers: structs of pointers to what the C++ objects hold.
#include <rejoin/rejoin.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <optional>
#include <span>
#include <utility>

#include <rejoin/attach.hpp>
#include <rejoin/replica.hpp>

struct rejoin_replica {
  std::optional<rejoin::Replica> replica;
  rejoin::Status last;
};

struct rejoin_stream {
  rejoin_replica* of;
  rejoin::ChangeStream stream;
  rejoin::Cursor place;  // behind what was shown
  std::vector<rejoin::Change> batch;
  std::vector<rejoin_change> shown;
  bool waiting = false;  // `batch` was read and is not shown yet
};

struct rejoin_watcher {
  rejoin_replica* of;
  rejoin::Watcher watcher;
  rejoin::Cursor place;
  std::vector<rejoin::ChangedRow> rows;
  std::vector<rejoin_row> shown;
  bool waiting = false;
};

namespace rejoin {

namespace {

enum ValueType { kInteger = 1, kFloat, kText, kBlob, kNull };

int kept(rejoin_replica* replica, Status status) noexcept {
  replica->last = std::move(status);
  return result_code(replica->last);
}

/// Runs `body`, which gives a Status or a Result; no memory for it becomes one too.
template <typename Body>
auto caught(Body&& body) noexcept -> decltype(body()) {
#if defined(__cpp_exceptions)
  try {
    return body();
  } catch (...) {  // the standard library throws on no memory alone, and we throw nothing
    return Status(ErrorCode::kNoMemory, std::string());
  }
#else
  return body();
#endif
}

/// Runs `body`, which gives a Status, on a replica that was opened.
template <typename Body>
int on_opened(rejoin_replica* replica, Body&& body) noexcept {
  return kept(replica, caught([&]() -> Status {
                if (!replica->replica) return {ErrorCode::kInvalidArgument, "the replica could not be opened"};
                return body(*replica->replica);
              }));
}

/// Hands the value of `result` to `take`.
template <typename T, typename Take>
Status taken(Result<T>&& result, Take&& take) {
  if (!result.ok()) return result.status();
  take(std::move(result).value());
  return {};
}

Result<Replica> open_path(const void* path) {
  if (path == nullptr) return Status(ErrorCode::kInvalidArgument, "no path to open");
  return Replica::open(static_cast<const char*>(path));
}

int open_with(rejoin_replica** out, Result<Replica> (*open)(const void*), const void* what) noexcept {
  *out = new (std::nothrow) rejoin_replica;
  if (*out == nullptr) return result_code({ErrorCode::kNoMemory, std::string()});
  Result<Replica> opened = caught([&] { return open(what); });
  if (opened.ok()) (*out)->replica = std::move(opened).value();
  return kept(*out, opened.ok() ? Status() : opened.status());
}

Blob blob_of(const void* bytes, size_t size) {
  const auto* begin = static_cast<const std::uint8_t*>(bytes);
  return size == 0 ? Blob() : Blob(begin, begin + size);
}

rejoin_value shown(const Value& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return {kInteger, *integer, 0, nullptr, 0};
  if (const auto* real = std::get_if<double>(&value)) return {kFloat, 0, *real, nullptr, 0};
  if (const auto* text = std::get_if<std::string>(&value)) return {kText, 0, 0, text->c_str(), text->size()};
  if (const auto* blob = std::get_if<Blob>(&value)) return {kBlob, 0, 0, blob->data(), blob->size()};
  return {kNull, 0, 0, nullptr, 0};
}

rejoin_change shown(const Change& change) {
  return {change.table.c_str(),  change.pk.data(),      change.pk.size(),  change.column.c_str(),
          shown(change.value),   change.column_version, change.db_version, change.site_id.data(),
          change.site_id.size(), change.causal_length,  change.seq};
}

rejoin_row shown(const ChangedRow& row) {
  return {row.table.c_str(), row.pk.data(), row.pk.size(), row.deleted ? 1 : 0, row.merged ? 1 : 0};
}

template <typename From, typename To>
void show_all(const std::vector<From>& from, std::vector<To>& to) {
  to.clear();
  for (const From& one : from) to.push_back(shown(one));
}

Status read(const rejoin_value& value, Value& out) {
  switch (value.type) {
    case kInteger:
      out = value.integer;
      return {};
    case kFloat:
      out = value.real;
      return {};
    case kText:
      out = std::string(value.size == 0 ? "" : static_cast<const char*>(value.bytes), value.size);
      return {};
    case kBlob:
      out = blob_of(value.bytes, value.size);
      return {};
    case kNull:
      out = std::monostate();
      return {};
    default:
      return {ErrorCode::kInvalidArgument, "a value of type " + std::to_string(value.type) + ", which is none"};
  }
}

Status read(const rejoin_change& change, Change& out) {
  if (change.table == nullptr || change.column == nullptr)
    return {ErrorCode::kInvalidArgument, "it names no table or no column"};
  out.table = change.table;
  out.pk = blob_of(change.pk, change.pk_size);
  out.column = change.column;
  out.column_version = change.column_version;
  out.db_version = change.db_version;
  out.site_id = blob_of(change.site_id, change.site_id_size);
  out.causal_length = change.causal_length;
  out.seq = change.seq;
  return read(change.value, out.value);
}

Status read_all(std::span<const rejoin_change> changes, std::vector<Change>& out) {
  out.resize(changes.size());
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const Status status = read(changes[i], out[i]);
    if (!status.ok()) {
      return {status.code(),
              "change " + std::to_string(i + 1) + " of " + std::to_string(changes.size()) + ": " + status.message()};
    }
  }
  return {};
}

int give_site(rejoin_replica* replica, unsigned char* out, Result<Blob> (*of)(Replica&)) noexcept {
  return on_opened(replica, [&](Replica& opened) {
    return taken(of(opened), [&](const Blob& site) {
      std::memset(out, 0, 16);
      std::memcpy(out, site.data(), std::min<std::size_t>(site.size(), 16));
    });
  });
}

}  // namespace

}  // namespace rejoin

using rejoin::on_opened;
using rejoin::Replica;
using rejoin::Status;
using rejoin::taken;

extern "C" {

const char* rejoin_version(void) { return rejoin::version(); }

int rejoin_open(const char* path, rejoin_replica** out) { return rejoin::open_with(out, rejoin::open_path, path); }

int rejoin_on(sqlite3* db, rejoin_replica** out) {
  return rejoin::open_with(
      out, [](const void* what) { return Replica::on(static_cast<sqlite3*>(const_cast<void*>(what))); }, db);
}

void rejoin_close(rejoin_replica* replica) { delete replica; }

const char* rejoin_message(const rejoin_replica* replica) { return replica->last.message().c_str(); }

sqlite3* rejoin_connection(const rejoin_replica* replica) {
  return replica->replica ? replica->replica->connection() : nullptr;
}

int rejoin_make_crr(rejoin_replica* replica, const char* table) {
  return on_opened(replica, [&](Replica& opened) { return opened.make_crr(table == nullptr ? "" : table); });
}

int rejoin_site_id(rejoin_replica* replica, unsigned char* site_id) {
  return rejoin::give_site(replica, site_id, [](Replica& opened) { return opened.site_id(); });
}

int rejoin_renew_site_id(rejoin_replica* replica, unsigned char* site_id) {
  return rejoin::give_site(replica, site_id, [](Replica& opened) { return opened.renew_site_id(); });
}

int rejoin_db_version(rejoin_replica* replica, int64_t* version) {
  return on_opened(replica, [&](Replica& opened) {
    return taken(opened.db_version(), [&](std::int64_t value) { *version = value; });
  });
}

int rejoin_cursor(rejoin_replica* replica, const void* site_id, size_t size, int64_t* version) {
  return on_opened(replica, [&](Replica& opened) {
    return taken(opened.cursor(rejoin::blob_of(site_id, size)), [&](std::int64_t value) { *version = value; });
  });
}

int rejoin_set_cursor(rejoin_replica* replica, const void* site_id, size_t size, int64_t version) {
  return on_opened(replica,
                   [&](Replica& opened) { return opened.set_cursor(rejoin::blob_of(site_id, size), version); });
}

int rejoin_digest(rejoin_replica* replica, const char* table, uint64_t* digest) {
  return on_opened(replica, [&](Replica& opened) {
    return taken(opened.digest(table == nullptr ? "" : table), [&](const rejoin::Digest& value) {
      digest[0] = value.high;
      digest[1] = value.low;
    });
  });
}

int rejoin_check(rejoin_replica* replica,
                 void (*tell)(void* context, const char* table, const void* pk, size_t pk_size, const char* fault),
                 void* context, int64_t* faults) {
  return on_opened(replica, [&](Replica& opened) {
    return taken(opened.check(), [&](const std::vector<rejoin::Fault>& found) {
      *faults = static_cast<int64_t>(found.size());
      if (tell == nullptr) return;
      for (const rejoin::Fault& fault : found) {
        tell(context, fault.table.c_str(), fault.pk.data(), fault.pk.size(), fault.text.c_str());
      }
    });
  });
}

int rejoin_changes_after(rejoin_replica* replica, rejoin_place after, const void* not_from, size_t not_from_size,
                         rejoin_stream** out) {
  *out = nullptr;
  return on_opened(replica, [&](Replica& opened) {
    return taken(opened.changes_after({after.db_version, after.seq}, rejoin::blob_of(not_from, not_from_size)),
                 [&](rejoin::ChangeStream&& stream) {
                   const rejoin::Cursor place = stream.cursor();
                   *out = new rejoin_stream{replica, std::move(stream), place, {}, {}};
                 });
  });
}

int rejoin_stream_next(rejoin_stream* stream, size_t most, size_t most_bytes, const rejoin_change** changes,
                       size_t* count) {
  *changes = nullptr;
  *count = 0;
  return on_opened(stream->of, [&](Replica&) {
    // What was read and could not be shown, as memory was short, is shown the next time.
    Status status;
    if (!stream->waiting) status = stream->stream.next({most, most_bytes}, stream->batch);
    if (!status.ok()) return status;
    stream->waiting = true;
    rejoin::show_all(stream->batch, stream->shown);
    stream->waiting = false;
    stream->place = stream->stream.cursor();
    *changes = stream->shown.data();
    *count = stream->shown.size();
    return status;
  });
}

rejoin_place rejoin_stream_place(const rejoin_stream* stream) { return {stream->place.db_version, stream->place.seq}; }

void rejoin_stream_close(rejoin_stream* stream) { delete stream; }

int rejoin_merge(rejoin_replica* replica, const rejoin_change* changes, size_t count, int64_t seen_by_sender,
                 int64_t* won, int64_t* conflicts) {
  return on_opened(replica, [&](Replica& opened) {
    std::vector<rejoin::Change> batch;
    Status status = rejoin::read_all({changes, count}, batch);
    if (!status.ok()) return status;
    return taken(opened.merge(batch, seen_by_sender), [&](const rejoin::MergeSummary& summary) {
      if (won != nullptr) *won = summary.won;
      if (conflicts != nullptr) *conflicts = summary.conflicts;
    });
  });
}

int rejoin_watch(rejoin_replica* replica, const rejoin_place* after, rejoin_watcher** out) {
  *out = nullptr;
  return on_opened(replica, [&](Replica& opened) {
    return taken(after == nullptr ? opened.watch() : opened.watch({after->db_version, after->seq}),
                 [&](rejoin::Watcher&& watcher) {
                   const rejoin::Cursor place = watcher.cursor();
                   *out = new rejoin_watcher{replica, std::move(watcher), place, {}, {}};
                 });
  });
}

int rejoin_watcher_poll(rejoin_watcher* watcher, size_t most, const rejoin_row** rows, size_t* count) {
  *rows = nullptr;
  *count = 0;
  return on_opened(watcher->of, [&](Replica&) {
    Status status;
    if (!watcher->waiting) status = watcher->watcher.poll(watcher->rows, {most, SIZE_MAX});
    if (!status.ok()) return status;
    watcher->waiting = true;
    rejoin::show_all(watcher->rows, watcher->shown);
    watcher->waiting = false;
    watcher->place = watcher->watcher.cursor();
    *rows = watcher->shown.data();
    *count = watcher->shown.size();
    return status;
  });
}

rejoin_place rejoin_watcher_place(const rejoin_watcher* watcher) {
  return {watcher->place.db_version, watcher->place.seq};
}

void rejoin_watcher_close(rejoin_watcher* watcher) { delete watcher; }

int rejoin_on_commit(rejoin_replica* replica, void (*call)(void* context), void* context, int64_t* listener) {
  return on_opened(replica, [&](Replica& opened) {
    return taken(opened.on_commit([call, context] { call(context); }), [&](std::int64_t value) { *listener = value; });
  });
}

void rejoin_forget_commit(rejoin_replica* replica, int64_t listener) {
  if (replica->replica) replica->replica->forget_commit(listener);
}

}  // extern "C"

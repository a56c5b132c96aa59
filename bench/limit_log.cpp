#include "limit_log.hpp"

#include <algorithm>
#include <utility>

#include <new>

#include "database.hpp"

namespace bench {

namespace {

struct LogTable : sqlite3_vtab {
  LimitLog* log = nullptr;
};

struct LogCursor : sqlite3_vtab_cursor {
  LimitLog* log = nullptr;
  std::size_t event = 0;
  int cell = 0;  // how many of the event's cells have been shown
};

enum LogColumn { kFirstKey, kSecondKey, kKeyNumber, kColumnName, kSeq };

LogCursor& cursor_of(sqlite3_vtab_cursor* cursor) { return *static_cast<LogCursor*>(cursor); }

int connect(sqlite3* db, void* log, int, const char* const*, sqlite3_vtab** out, char**) {
  auto* table = new LogTable();
  table->log = static_cast<LimitLog*>(log);
  *out = table;
  return sqlite3_declare_vtab(db, "CREATE TABLE x(k1, k2, key INTEGER, col TEXT, seq INTEGER)");
}

int disconnect(sqlite3_vtab* table) {
  delete static_cast<LogTable*>(table);
  return SQLITE_OK;
}

int best_index(sqlite3_vtab*, sqlite3_index_info* info) {
  info->estimatedCost = 1;
  info->estimatedRows = 1;
  return SQLITE_OK;
}

int open(sqlite3_vtab* table, sqlite3_vtab_cursor** out) {
  auto* cursor = new LogCursor();
  cursor->log = static_cast<LogTable*>(table)->log;
  *out = cursor;
  return SQLITE_OK;
}

int close(sqlite3_vtab_cursor* cursor) {
  delete static_cast<LogCursor*>(cursor);
  return SQLITE_OK;
}

void skip_what_is_not_shown(LogCursor& cursor) {
  const auto& events = cursor.log->events;
  while (cursor.event < events.size() && !cursor.log->shows(events[cursor.event])) ++cursor.event;
}

int filter(sqlite3_vtab_cursor* base, int, const char*, int, sqlite3_value**) {
  LogCursor& cursor = cursor_of(base);
  cursor.event = 0;
  cursor.cell = 0;
  skip_what_is_not_shown(cursor);
  return SQLITE_OK;
}

int next(sqlite3_vtab_cursor* base) {
  LogCursor& cursor = cursor_of(base);
  const bool by_cell = cursor.log->view == LimitLog::View::kFreshCells;
  if (by_cell && ++cursor.cell < cursor.log->cells_of(cursor.log->events[cursor.event])) return SQLITE_OK;
  cursor.cell = 0;
  ++cursor.event;
  skip_what_is_not_shown(cursor);
  return SQLITE_OK;
}

int eof(sqlite3_vtab_cursor* base) { return cursor_of(base).event >= cursor_of(base).log->events.size() ? 1 : 0; }

int column(sqlite3_vtab_cursor* base, sqlite3_context* context, int number) {
  const LogCursor& cursor = cursor_of(base);
  const LimitLog& log = *cursor.log;
  const LimitEvent& event = log.events[cursor.event];
  switch (number) {
    case kFirstKey:
      log.shape().key_of(event.row)[0].result(context);
      break;
    case kSecondKey:
      log.shape().key_of(event.row)[1].result(context);
      break;
    case kKeyNumber:
      sqlite3_result_int64(context, event.key);
      break;
    case kColumnName: {
      const std::string& name = log.cells()[static_cast<std::size_t>(log.first_cell_of(event) + cursor.cell)];
      sqlite3_result_text(context, name.data(), static_cast<int>(name.size()), SQLITE_STATIC);
      break;
    }
    default:
      sqlite3_result_int64(context, event.seq + cursor.cell);
      break;
  }
  return SQLITE_OK;
}

int rowid(sqlite3_vtab_cursor* base, sqlite3_int64* out) {
  *out = static_cast<sqlite3_int64>(cursor_of(base).event);
  return SQLITE_OK;
}

void seq_function(sqlite3_context* context, int, sqlite3_value** values) {
  auto* log = static_cast<LimitLog*>(sqlite3_user_data(context));
  const auto* name = static_cast<const char*>(sqlite3_value_blob(values[1]));  // as a text it would be copied
  const auto size = static_cast<std::size_t>(sqlite3_value_bytes(values[1]));
  sqlite3_result_int64(context, log->seq_of(sqlite3_value_int64(values[0]), {name, size}));
}

sqlite3_module log_module() {
  sqlite3_module module{};
  module.xConnect = connect;
  module.xDisconnect = disconnect;
  module.xBestIndex = best_index;
  module.xOpen = open;
  module.xClose = close;
  module.xFilter = filter;
  module.xNext = next;
  module.xEof = eof;
  module.xColumn = column;
  module.xRowid = rowid;
  return module;
}

}  // namespace

LimitLog::LimitLog(sqlite3* db, const Shape& shape) : shape_(shape), cells_(shape.cell_names()) {
  static const sqlite3_module kModule = log_module();
  if (sqlite3_create_module(db, "bench_log", &kModule, this) != SQLITE_OK ||
      sqlite3_create_function(db, "bench_seq", 2, SQLITE_UTF8, this, seq_function, nullptr, nullptr) != SQLITE_OK) {
    give_up(sqlite3_errmsg(db));
  }
}

void LimitLog::expect(std::vector<LimitEvent> touched) {
  expected_ = std::move(touched);
  const auto by_key = [](const LimitEvent& a, const LimitEvent& b) { return a.key < b.key; };
  if (!std::is_sorted(expected_.begin(), expected_.end(), by_key)) {
    std::sort(expected_.begin(), expected_.end(), by_key);
  }
  at_ = 0;
  cell_ = 0;
}

void LimitLog::expect(const LimitEvent& touched) {
  expected_.assign(1, touched);
  at_ = 0;
  cell_ = 0;
}

std::int64_t LimitLog::seq_of(std::int64_t key, std::string_view column) {
  while (at_ < expected_.size() && expected_[at_].key != key) {
    ++at_;
    cell_ = 0;
  }
  if (at_ == expected_.size()) give_up("the limit comes upon a row that it does not expect");
  const LimitEvent& event = expected_[at_];
  const int first = first_cell_of(event);
  const int count = cells_of(event);
  for (int tried = 0; tried < count; ++tried) {
    const int cell = (cell_ + tried) % count;
    if (cells_[static_cast<std::size_t>(first + cell)] != column) continue;
    cell_ = cell + 1;
    return event.seq + cell;
  }
  give_up("the limit does not revive rows");
}

bool LimitLog::shows(const LimitEvent& event) const {
  const bool deletes = event.kind == LimitEvent::Kind::kDelete;
  switch (view) {
    case View::kEvents:
      return true;
    case View::kFreshCells:
      return !deletes && event.fresh;
    case View::kTouched:
      return !deletes && !event.fresh;
    default:
      return deletes;
  }
}

int LimitLog::cells_of(const LimitEvent& event) const {
  const bool one = event.kind == LimitEvent::Kind::kUpdateOne || event.kind == LimitEvent::Kind::kDelete;
  return one ? 1 : shape_.columns;
}

int LimitLog::first_cell_of(const LimitEvent& event) const {
  return event.kind == LimitEvent::Kind::kUpdateOne ? shape_.updated_cell() : 0;
}

}  // namespace bench

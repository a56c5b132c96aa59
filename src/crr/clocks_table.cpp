#include "crr/clocks_table.hpp"

#include "crr/format.hpp"
#include "sqlite/callback.hpp"
#include "sqlite/virtual_table.hpp"

namespace rejoin::internal {

namespace {

using ClocksTable = OwnedTable<Engine>;
constexpr const char* kClocksDeclaration = "CREATE TABLE x(row, name, col_version, db_version, site_id, seq)";
enum ClocksColumn { kClocksRow, kClocksName, kClocksColVersion, kClocksDbVersion, kClocksSite, kClocksSeq };

struct ClocksCursor : sqlite3_vtab_cursor {
  explicit ClocksCursor(const MergedClocks& all) : sqlite3_vtab_cursor(), shown(all) {}

  void start() {
    row = shown.first;
    place = 0;
    skip();
  }
  void next() {
    ++place;
    skip();
  }
  [[nodiscard]] bool ended() const { return row == shown.last; }
  [[nodiscard]] sqlite3_int64 number() const { return count; }
  /// The sentinel's place is 0, that of the cells, by name, 1 and up.
  [[nodiscard]] const CachedClock& clock() const {
    return place == 0 ? (*row)->sentinel : (*row)->cells[(*shown.order)[place - 1]];
  }
  [[nodiscard]] std::string_view name() const {
    return place == 0 ? kSentinel : std::string_view((*row)->table->cells[(*shown.order)[place - 1]].name);
  }

  const MergedClocks& shown;
  RowCache::Rows::iterator row;
  std::size_t place = 0;
  sqlite3_int64 count = 0;  // of the clocks so far

 private:
  /// On to a clock that is to be inserted.
  void skip() {
    for (; !ended(); ++row, place = 0) {
      while (place <= shown.order->size() && (!clock().unwritten || clock().stored)) ++place;
      if (place <= shown.order->size()) break;
    }
    ++count;
  }
};

ClocksCursor& clocks_cursor_of(sqlite3_vtab_cursor* cursor) { return *static_cast<ClocksCursor*>(cursor); }

int clocks_connect(sqlite3* db, void* engine, int, const char* const*, sqlite3_vtab** out, char**) {
  return connect_owned<ClocksTable>(db, kClocksDeclaration, engine, out);
}

int clocks_open(sqlite3_vtab* table, sqlite3_vtab_cursor** out) {
  return hand_over(new (std::nothrow) ClocksCursor(static_cast<ClocksTable*>(table)->owner->clock().merged()), out);
}

int clocks_column(sqlite3_vtab_cursor* base, sqlite3_context* context, int number) {
  const ClocksCursor& cursor = clocks_cursor_of(base);
  const CachedClock& clock = cursor.clock();
  switch (number) {
    case kClocksRow:
      sqlite3_result_int64(context, (*cursor.row)->row);
      break;
    case kClocksName:
      // The bytes outlive the statement: they are the schema's.
      sqlite3_result_text64(context, cursor.name().data(), cursor.name().size(), SQLITE_STATIC, SQLITE_UTF8);
      break;
    case kClocksColVersion:
      sqlite3_result_int64(context, clock.column_version);
      break;
    case kClocksDbVersion:
      sqlite3_result_int64(context, clock.db_version);
      break;
    case kClocksSite:
      sqlite3_result_int64(context, clock.site);
      break;
    default:
      sqlite3_result_int64(context, clock.seq);
  }
  return SQLITE_OK;
}

sqlite3_module clocks_module() {
  sqlite3_module module = walked_module<ClocksTable, ClocksCursor>();
  module.xConnect = clocks_connect;
  module.xOpen = clocks_open;
  module.xColumn = clocks_column;
  return module;
}

}  // namespace

int register_clocks_table(sqlite3* db, Engine* engine) {
  static const sqlite3_module kModule = clocks_module();
  engine->hold();
  return sqlite3_create_module_v2(db, "crsql_internal_clocks", &kModule, engine, &Engine::drop);
}

}  // namespace rejoin::internal

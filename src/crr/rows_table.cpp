#include "crr/rows_table.hpp"

#include "crr/packed_key.hpp"
#include "sqlite/callback.hpp"
#include "sqlite/virtual_table.hpp"

namespace rejoin::internal {

namespace {

using RowsTable = OwnedTable<Engine>;
constexpr const char* kRowsDeclaration =
    "CREATE TABLE x(number, row, name, seq, k0, k1, k2, k3, k4, k5, k6, k7, k8, k9, k10, k11, k12, k13, k14, k15)";
static_assert(kMostListedKeys == 16);
enum RowsColumn { kRowsNumber, kRowsRow, kRowsName, kRowsSeq, kRowsFirstKey };

struct RowsCursor : sqlite3_vtab_cursor {
  explicit RowsCursor(const RowList& shown) : sqlite3_vtab_cursor(), list(shown) {}

  [[nodiscard]] bool ended() const { return row >= list.rows.size() && static_cast<std::int64_t>(row) >= list.blank; }
  [[nodiscard]] sqlite3_int64 number() const { return static_cast<sqlite3_int64>(row); }
  [[nodiscard]] const ListedRow& now() const { return list.rows[row]; }
  [[nodiscard]] std::size_t cell() const { return list.order[place]; }

  void start() {
    row = 0;
    place = 0;
    skip();
  }
  void next() {
    if (list.by_cell) {
      ++place;
    } else {
      ++row;
    }
    skip();
  }

  const RowList& list;
  std::size_t row = 0;
  std::size_t place = 0;            // in list.order
  std::size_t unpacked = SIZE_MAX;  // the row whose key is in `key`
  std::vector<ValueView> key;

 private:
  /// On to a cell that is listed.
  void skip() {
    if (!list.by_cell) return;
    for (; !ended(); ++row, place = 0) {
      const ByteView mask = now().mask;
      while (place < list.order.size() && mask.size != 0 && !has_bit(mask, list.order[place])) ++place;
      if (place < list.order.size()) return;
    }
  }
};

RowsCursor& rows_cursor_of(sqlite3_vtab_cursor* cursor) { return *static_cast<RowsCursor*>(cursor); }

int rows_connect(sqlite3* db, void* engine, int, const char* const*, sqlite3_vtab** out, char**) {
  return connect_owned<RowsTable>(db, kRowsDeclaration, engine, out);
}

int rows_open(sqlite3_vtab* table, sqlite3_vtab_cursor** out) {
  return hand_over(new (std::nothrow) RowsCursor(static_cast<RowsTable*>(table)->owner->row_list()), out);
}

void show_key(RowsCursor& cursor, sqlite3_context* context, std::size_t column) {
  if (cursor.unpacked != cursor.row) {
    cursor.unpacked = SIZE_MAX;
    if (!unpack(cursor.now().key, cursor.key).ok()) cursor.key.clear();
    cursor.unpacked = cursor.row;
  }
  if (column >= cursor.key.size()) return;
  result_view(context, cursor.key[column], SQLITE_STATIC);  // the bytes outlive the statement: they are the log's
}

int rows_column(sqlite3_vtab_cursor* base, sqlite3_context* context, int number) {
  return table_callback(base->pVtab, [&]() -> Status {
    RowsCursor& cursor = rows_cursor_of(base);
    if (cursor.row >= cursor.list.rows.size()) return {};  // a blank one
    const ListedRow& row = cursor.now();
    switch (number) {
      case kRowsNumber:
        sqlite3_result_int64(context, static_cast<sqlite3_int64>(cursor.row));
        break;
      case kRowsRow:
        sqlite3_result_int64(context, row.row);
        break;
      case kRowsName:
        if (cursor.list.by_cell) {
          const std::string& name = cursor.list.table->cells[cursor.cell()].name;
          sqlite3_result_text64(context, name.data(), name.size(), SQLITE_STATIC, SQLITE_UTF8);
        }
        break;
      case kRowsSeq:
        sqlite3_result_int64(context, cursor.list.by_cell ? row.seq_of(cursor.cell()) : row.seq);
        break;
      default:
        show_key(cursor, context, static_cast<std::size_t>(number - kRowsFirstKey));
    }
    return {};
  });
}

sqlite3_module rows_module() {
  sqlite3_module module = walked_module<RowsTable, RowsCursor>();
  module.xConnect = rows_connect;
  module.xOpen = rows_open;
  module.xColumn = rows_column;
  return module;
}

}  // namespace

int register_rows_table(sqlite3* db, Engine* engine) {
  static const sqlite3_module kModule = rows_module();
  engine->hold();
  return sqlite3_create_module_v2(db, "crsql_internal_rows", &kModule, engine, &Engine::drop);
}

}  // namespace rejoin::internal

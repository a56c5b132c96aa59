#include "crr/changes_table.hpp"

#include <algorithm>
#include <limits>
#include <optional>

#include "crr/format.hpp"
#include "sqlite/callback.hpp"
#include "sqlite/sql_text.hpp"
#include "sqlite/virtual_table.hpp"

namespace rejoin::internal {

namespace {

// The order is part of the format: it is the order of the values in an INSERT without column names.
constexpr const char* kChangesDeclaration =
    "CREATE TABLE x([table] TEXT NOT NULL, [pk] BLOB NOT NULL, [cid] TEXT NOT NULL, [val] ANY, [col_version] INTEGER "
    "NOT NULL, "
    "[db_version] INTEGER NOT NULL, [site_id] BLOB NOT NULL, [cl] INTEGER NOT NULL, [seq] INTEGER NOT NULL)";
enum ChangesColumn {
  kChangesTable,
  kChangesPk,
  kChangesCid,
  kChangesVal,
  kChangesColVersion,
  kChangesDbVersion,
  kChangesSiteId,
  kChangesCl,
  kChangesSeq,
  kColumnCount
};

using ChangesTable = OwnedTable<Engine>;

struct ChangesCursor : sqlite3_vtab_cursor {
  explicit ChangesCursor(Engine& owner)
      : sqlite3_vtab_cursor(), engine(owner), reader(owner.catalogue(), owner.clock()) {}
  Engine& engine;
  ChangeReader reader;
  std::string only_table;
};

Engine& changes_engine_of(sqlite3_vtab* table) { return *static_cast<ChangesTable*>(table)->owner; }
ChangesCursor& changes_cursor_of(sqlite3_vtab_cursor* cursor) { return *static_cast<ChangesCursor*>(cursor); }

int changes_connect(sqlite3* db, void* engine, int, const char* const*, sqlite3_vtab** out, char**) {
  return connect_owned<ChangesTable>(db, kChangesDeclaration, engine, out);
}

// --- the plan: one letter for each constraint whose value xFilter gets, in order ---
//
//   > G < L e   db_version >, >=, <, <=, =     n  site_id IS NOT or <>     s  site_id IS or =     t  table IS or =
//
// SQLite checks each of them again: a value of another type than the column's may be passed over here.

char plan_letter(const sqlite3_index_info::sqlite3_index_constraint& constraint) {
  switch (constraint.iColumn) {
    case kChangesDbVersion:
      switch (constraint.op) {
        case SQLITE_INDEX_CONSTRAINT_GT:
          return '>';
        case SQLITE_INDEX_CONSTRAINT_GE:
          return 'G';
        case SQLITE_INDEX_CONSTRAINT_LT:
          return '<';
        case SQLITE_INDEX_CONSTRAINT_LE:
          return 'L';
        case SQLITE_INDEX_CONSTRAINT_EQ:
        case SQLITE_INDEX_CONSTRAINT_IS:
          return 'e';
        default:
          return 0;
      }
    case kChangesSiteId:
      if (constraint.op == SQLITE_INDEX_CONSTRAINT_ISNOT || constraint.op == SQLITE_INDEX_CONSTRAINT_NE) return 'n';
      [[fallthrough]];
    case kChangesTable:
      if (constraint.op != SQLITE_INDEX_CONSTRAINT_EQ && constraint.op != SQLITE_INDEX_CONSTRAINT_IS) return 0;
      return constraint.iColumn == kChangesTable ? 't' : 's';
    default:
      return 0;
  }
}

/// The walk's own order is (db_version, seq): any part of it from the left is given away for free.
bool in_our_order(const sqlite3_index_info& info) {
  static constexpr int kOrder[] = {kChangesDbVersion, kChangesSeq};
  if (info.nOrderBy < 1 || info.nOrderBy > 2) return false;
  for (int i = 0; i < info.nOrderBy; ++i) {
    if (info.aOrderBy[i].iColumn != kOrder[i] || info.aOrderBy[i].desc != 0) return false;
  }
  return true;
}

int changes_best_index(sqlite3_vtab*, sqlite3_index_info* info) {
  std::string plan;
  double rows = 1e6;
  for (int i = 0; i < info->nConstraint; ++i) {
    const auto& constraint = info->aConstraint[i];
    const char letter = constraint.usable != 0 ? plan_letter(constraint) : char{0};
    if (letter == 0) continue;
    plan += letter;
    info->aConstraintUsage[i].argvIndex = static_cast<int>(plan.size());
    rows /= letter == 'n' ? 1.1 : 10;
  }
  info->idxStr = sqlite3_mprintf("%s", plan.c_str());
  if (info->idxStr == nullptr) return SQLITE_NOMEM;
  info->needToFreeIdxStr = 1;
  info->estimatedCost = rows + 1;
  info->estimatedRows = static_cast<sqlite3_int64>(rows) + 1;
  info->orderByConsumed = in_our_order(*info) ? 1 : 0;
  return SQLITE_OK;
}

int changes_open(sqlite3_vtab* table, sqlite3_vtab_cursor** out) {
  return hand_over(new (std::nothrow) ChangesCursor(changes_engine_of(table)), out);
}

/// A version as a whole number; none where the value is of another kind (then SQLite alone compares).
std::optional<std::int64_t> version_in(sqlite3_value* value) {
  const ValueView view = ValueView::of(value);
  if (view.type == SQLITE_INTEGER) return view.integer;
  constexpr double kExact = 9007199254740992.0;
  if (view.type != SQLITE_FLOAT || !(view.real > -kExact && view.real < kExact)) return std::nullopt;
  const auto whole = static_cast<std::int64_t>(view.real);
  if (static_cast<double>(whole) != view.real) return std::nullopt;
  return whole;
}

void narrow(ChangeRange& range, char letter, std::int64_t version) {
  constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();
  constexpr std::int64_t kSmallest = std::numeric_limits<std::int64_t>::min();
  if (letter == '>' && version == kLargest) range.last_version = -1;
  if (letter == '<' && version == kSmallest) range.last_version = -1;
  if (letter == '>' && version < kLargest) range.first_version = std::max(range.first_version, version + 1);
  if (letter == 'G' || letter == 'e') range.first_version = std::max(range.first_version, version);
  if (letter == '<' && version > kSmallest) range.last_version = std::min(range.last_version, version - 1);
  if (letter == 'L' || letter == 'e') range.last_version = std::min(range.last_version, version);
}

Status range_of(ChangesCursor& cursor, const char* plan, sqlite3_value** values, ChangeRange& range) {
  Clock& clock = cursor.engine.clock();
  range.first_version = std::numeric_limits<std::int64_t>::min();
  // What is written while the walk goes on is not part of it: an INSERT that reads here what it merges must come to an
  // end.
  REJOIN_TRY(clock.max_version(range.last_version));
  for (std::size_t i = 0; plan[i] != 0; ++i) {
    const ValueView value = ValueView::of(values[i]);
    if (plan[i] == 't') {
      if (value.type != SQLITE_TEXT) continue;
      cursor.only_table.assign(reinterpret_cast<const char*>(value.bytes.data), value.bytes.size);
      range.one_table = true;
      range.table = cursor.only_table;
    } else if (plan[i] == 'n' || plan[i] == 's') {
      if (value.type != SQLITE_BLOB || value.bytes.size == 0) continue;
      std::int64_t ordinal = -1;
      REJOIN_TRY(clock.ordinal_of(value.bytes, false, ordinal));
      if (plan[i] == 'n') range.not_site = ordinal;
      if (plan[i] == 's' && ordinal < 0) range.last_version = -1;
      if (plan[i] == 's') range.only_site = ordinal;
    } else if (const auto version = version_in(values[i]); version.has_value()) {
      narrow(range, plan[i], *version);
    }
  }
  return {};
}

int changes_filter(sqlite3_vtab_cursor* base, int, const char* plan, int, sqlite3_value** values) {
  ChangesCursor& cursor = changes_cursor_of(base);
  return table_callback(base->pVtab, [&]() -> Status {
    cursor.reader.close();
    REJOIN_TRY(cursor.engine.enter_to_read());
    ChangeRange range;
    REJOIN_TRY(range_of(cursor, plan, values, range));
    if (range.first_version > range.last_version) return {};
    return cursor.reader.open(range);
  });
}

int changes_next(sqlite3_vtab_cursor* base) {
  ChangesCursor& cursor = changes_cursor_of(base);
  return table_callback(base->pVtab, [&]() -> Status {
    REJOIN_TRY(cursor.engine.keep_up(cursor.reader));
    return cursor.reader.next();
  });
}

int changes_eof(sqlite3_vtab_cursor* base) { return changes_cursor_of(base).reader.at_end() ? 1 : 0; }

int changes_rowid(sqlite3_vtab_cursor* base, sqlite3_int64* out) {
  // Stable: SQLite tells rows apart by it when it answers an OR by several walks.
  *out = changes_cursor_of(base).reader.identity();
  return SQLITE_OK;
}

/// A name, which ends with a zero: to be told so spares SQLite a copy when the value is asked for. No result may be
/// borrowed (SQLITE_STATIC): SQLite keeps what is static without a copy, for max() say, while we move on.
void result_name(sqlite3_context* context, std::string_view name) {
  sqlite3_result_text(context, name.data(), -1, SQLITE_TRANSIENT);
}

void result_blob(sqlite3_context* context, ByteView bytes) {
  sqlite3_result_blob64(context, bytes.data, bytes.size, SQLITE_TRANSIENT);
}

/// The columns that cannot fail.
void show_number_or_name(const ChangeReader& reader, sqlite3_context* context, int number) {
  switch (number) {
    case kChangesTable:
      return result_name(context, reader.table());
    case kChangesCid:
      return result_name(context, reader.column());
    case kChangesVal:
      if (sqlite3_value* value = reader.value(); value != nullptr) sqlite3_result_value(context, value);
      return;
    case kChangesColVersion:
      return sqlite3_result_int64(context, reader.column_version());
    case kChangesDbVersion:
      return sqlite3_result_int64(context, reader.db_version());
    case kChangesCl:
      return sqlite3_result_int64(context, reader.causal_length());
    default:
      return sqlite3_result_int64(context, reader.seq());
  }
}

int changes_column(sqlite3_vtab_cursor* base, sqlite3_context* context, int number) {
  ChangeReader& reader = changes_cursor_of(base).reader;
  if (number != kChangesPk && number != kChangesSiteId) {
    show_number_or_name(reader, context, number);
    return SQLITE_OK;
  }
  return table_callback(base->pVtab, [&]() -> Status {
    ByteView bytes;
    if (number == kChangesPk) {
      bytes = reader.packed_key();
    } else {
      REJOIN_TRY(reader.site(bytes));
    }
    result_blob(context, bytes);
    return {};
  });
}

// --- merging ---

Status text_in(sqlite3_value* value, const char* name, std::string_view& out) {
  const ValueView view = ValueView::of(value);
  if (view.type != SQLITE_TEXT) return invalid("crsql_changes: %s is not a text", {name});
  out = {reinterpret_cast<const char*>(view.bytes.data), view.bytes.size};
  return {};
}

/// A whole number, as an integer, a real or a text of one.
Status number_in(sqlite3_value* value, const char* name, std::int64_t& out) {
  switch (sqlite3_value_numeric_type(value)) {
    case SQLITE_INTEGER:
      out = sqlite3_value_int64(value);
      return {};
    case SQLITE_FLOAT: {
      const double real = sqlite3_value_double(value);
      if (real > -9.2e18 && real < 9.2e18 && static_cast<double>(static_cast<std::int64_t>(real)) == real) {
        out = static_cast<std::int64_t>(real);
        return {};
      }
      break;
    }
    default:
      break;
  }
  return invalid("crsql_changes: %s is not a whole number", {name});
}

Status change_in(sqlite3_value** values, IncomingChange& change) {
  REJOIN_TRY(text_in(values[kChangesTable], "table", change.table));
  if (sqlite3_value_type(values[kChangesPk]) != SQLITE_BLOB) return invalid("crsql_changes: pk is not a blob");
  change.pk = ValueView::of(values[kChangesPk]).bytes;
  REJOIN_TRY(text_in(values[kChangesCid], "cid", change.column));
  change.value = ValueView::of(values[kChangesVal]);
  REJOIN_TRY(number_in(values[kChangesColVersion], "col_version", change.column_version));
  REJOIN_TRY(number_in(values[kChangesDbVersion], "db_version", change.db_version));
  change.site.data = static_cast<const std::uint8_t*>(sqlite3_value_blob(values[kChangesSiteId]));
  change.site.size = static_cast<std::size_t>(sqlite3_value_bytes(values[kChangesSiteId]));
  // Clients of earlier generations leave the last two out.
  if (sqlite3_value_type(values[kChangesCl]) != SQLITE_NULL) {
    std::int64_t length = 0;
    REJOIN_TRY(number_in(values[kChangesCl], "cl", length));
    change.causal_length = length;
  }
  if (sqlite3_value_type(values[kChangesSeq]) != SQLITE_NULL)
    REJOIN_TRY(number_in(values[kChangesSeq], "seq", change.seq));
  return {};
}

int changes_update(sqlite3_vtab* table, int count, sqlite3_value** values, sqlite3_int64* row) {
  return table_callback(table, [&]() -> Status {
    if (count != 2 + kColumnCount || sqlite3_value_type(values[0]) != SQLITE_NULL) {
      return invalid("crsql_changes: only SELECT and INSERT are allowed");
    }
    Engine& engine = changes_engine_of(table);
    *row = sqlite3_last_insert_rowid(engine.db());
    IncomingChange change;
    REJOIN_TRY(change_in(values + 2, change));
    MergeReport report;
    REJOIN_TRY(engine.merge(change, std::numeric_limits<std::int64_t>::max(), report));
    engine.clock().expect_change();
    return {};
  });
}

int changes_begin(sqlite3_vtab* table) {
  return table_callback(table, [&] {
    changes_engine_of(table).merge_statement().begin();
    return Status();
  });
}
int changes_sync(sqlite3_vtab* table) {
  return table_callback(table, [&] { return changes_engine_of(table).merge_statement().sync(); });
}
int changes_end(sqlite3_vtab* table) {
  changes_engine_of(table).merge_statement().clear();
  return SQLITE_OK;
}
int changes_savepoint(sqlite3_vtab* table, int number) {
  return table_callback(table, [&] { return changes_engine_of(table).merge_statement().savepoint(number); });
}
int changes_release(sqlite3_vtab* table, int number) {
  return table_callback(table, [&] { return changes_engine_of(table).merge_statement().release(number); });
}
int changes_rollback_to(sqlite3_vtab* table, int number) {
  changes_engine_of(table).merge_statement().rollback_to(number);
  return SQLITE_OK;
}

sqlite3_module changes_module() {
  sqlite3_module module{};
  module.iVersion = 2;
  module.xConnect = changes_connect;
  module.xBestIndex = changes_best_index;
  module.xDisconnect = delete_table<ChangesTable>;
  module.xOpen = changes_open;
  module.xClose = delete_cursor<ChangesCursor>;
  module.xFilter = changes_filter;
  module.xNext = changes_next;
  module.xEof = changes_eof;
  module.xColumn = changes_column;
  module.xRowid = changes_rowid;
  module.xUpdate = changes_update;
  module.xBegin = changes_begin;
  module.xSync = changes_sync;
  module.xCommit = changes_end;
  module.xRollback = changes_end;
  module.xSavepoint = changes_savepoint;
  module.xRelease = changes_release;
  module.xRollbackTo = changes_rollback_to;
  return module;
}

}  // namespace

int register_changes_table(sqlite3* db, Engine* engine) {
  static const sqlite3_module kModule = changes_module();
  engine->hold();
  return sqlite3_create_module_v2(db, "crsql_changes", &kModule, engine, &Engine::drop);
}

}  // namespace rejoin::internal

#include "crr/sql_functions.hpp"

#include <rejoin/attach.hpp>

#include "crr/automigrate.hpp"
#include "crr/digest.hpp"
#include "crr/format.hpp"
#include "crr/fractional_index.hpp"
#include "crr/migrate.hpp"
#include "crr/ordered_list.hpp"
#include "crr/packed_key.hpp"
#include "sqlite/callback.hpp"
#include "sqlite/sql_text.hpp"

namespace rejoin::internal {

namespace {

/// One call of a function.
struct Call {
  sqlite3_context* context;
  int count;
  sqlite3_value** values;
  Engine& engine;
  const char* name;

  [[nodiscard]] std::string_view text(int i) const {
    const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(values[i]));
    return text == nullptr ? std::string_view()
                           : std::string_view(text, static_cast<std::size_t>(sqlite3_value_bytes(values[i])));
  }
  void result(std::int64_t value) const { sqlite3_result_int64(context, value); }
  void result(std::string_view value) const {
    sqlite3_result_text64(context, value.data(), value.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  }
  void result(ByteView value) const { sqlite3_result_blob64(context, value.data, value.size, SQLITE_TRANSIENT); }
};

using Body = Status (*)(const Call&);

struct Function {
  const char* name;
  int least;  // how many arguments
  int most;
  int flags;
  Body body;
};

/// The name of a table from the arguments (name) or (schema, name).
Status table_argument(const Call& call, std::string_view& table) {
  table = call.text(call.count - 1);
  if (table.data() == nullptr) return invalid("%s: the table's name is NULL", {call.name});
  if (call.count == 2 && call.text(0) != "main") {
    return invalid("%s: only tables of schema main can be CRRs, not of %n", {call.name, call.text(0)});
  }
  return {};
}

Status as_crr(const Call& call) {
  std::string_view table;
  REJOIN_TRY(table_argument(call, table));
  REJOIN_TRY(make_crr(call.engine, table));
  call.result(std::string_view("OK"));
  return {};
}

Status as_table(const Call& call) {
  std::string_view table;
  REJOIN_TRY(table_argument(call, table));
  return make_plain(call.engine, table);
}

Status begin_alter_function(const Call& call) {
  std::string_view table;
  REJOIN_TRY(table_argument(call, table));
  REJOIN_TRY(begin_alter(call.engine, table));
  call.result(std::string_view("OK"));
  return {};
}

Status commit_alter_function(const Call& call) {
  std::string_view table;
  REJOIN_TRY(table_argument(call, table));
  return commit_alter(call.engine, table);
}

Status automigrate_function(const Call& call) {
  if (call.text(0).data() == nullptr) return invalid("crsql_automigrate: the wanted schema is NULL");
  const std::string cleanup(call.count == 2 ? call.text(1) : std::string_view());
  REJOIN_TRY(automigrate(call.engine, std::string(call.text(0)), cleanup));
  call.result(std::string_view("migration complete"));
  return {};
}

Status site_id(const Call& call) {
  REJOIN_TRY(call.engine.enter_to_read());
  Bytes site;
  REJOIN_TRY(call.engine.clock().own_site(site));
  call.result(ByteView{site.data(), site.size()});
  return {};
}

Status db_version(const Call& call) {
  REJOIN_TRY(call.engine.enter_to_read());
  std::int64_t version = 0;
  REJOIN_TRY(call.engine.clock().committed_version(version));
  call.result(version);
  return {};
}

Status next_db_version(const Call& call) {
  // Whatever is no number counts as 0, as in cr-sqlite.
  const std::int64_t least = call.count == 0 ? 0 : sqlite3_value_int64(call.values[0]);
  if (least >= kVersionLimit) return invalid("crsql_next_db_version: %s is out of bounds", {least});
  REJOIN_TRY(call.engine.enter_to_read());
  if (least > 0) call.engine.join_open_transaction();
  std::int64_t version = 0;
  REJOIN_TRY(call.engine.clock().next_version(least, version));
  call.result(version);
  return {};
}

Status rows_impacted(const Call& call) {
  call.result(call.engine.rows_impacted());
  return {};
}

Status get_seq(const Call& call) {
  REJOIN_TRY(call.engine.enter_to_read());
  call.result(call.engine.clock().counters().next_seq);
  return {};
}

Status increment_and_get_seq(const Call& call) {
  REJOIN_TRY(call.engine.enter_to_read());
  call.engine.join_open_transaction();
  call.result(call.engine.clock().counters().next_seq++);
  return {};
}

Status pack_columns(const Call& call) {
  if (static_cast<std::size_t>(call.count) > kMaxPackedValues)
    return invalid("crsql_pack_columns: more than 255 values");
  Bytes packed(1, static_cast<std::uint8_t>(call.count));
  for (int i = 0; i < call.count; ++i) append_packed_value(packed, ValueView::of(call.values[i]));
  call.result(ByteView{packed.data(), packed.size()});
  return {};
}

Status sync_bit(const Call& call) {
  if (call.count == 1) call.engine.sync_bit() = sqlite3_value_int(call.values[0]);
  call.result(std::int64_t{call.engine.sync_bit()});
  return {};
}

Status config_get(const Call& call) {
  REJOIN_TRY(call.engine.enter_to_read());
  MasterValue value;
  REJOIN_TRY(call.engine.settings().get(call.text(0), value));
  value.text.empty() || value.text == std::to_string(value.integer) ? call.result(value.integer)
                                                                    : call.result(std::string_view(value.text));
  return {};
}

Status config_set(const Call& call) {
  REJOIN_TRY(set_config(call.engine, call.text(0), ValueView::of(call.values[1])));
  sqlite3_result_value(call.context, call.values[1]);
  return {};
}

Status new_site_id(const Call& call) {
  Bytes site;
  REJOIN_TRY(renew_site(call.engine, site));
  call.result(ByteView{site.data(), site.size()});
  return {};
}

Status digest(const Call& call) {
  REJOIN_TRY(call.engine.enter_to_read());
  Table table;
  if (call.count == 1) {
    const std::string_view name = call.text(0);
    if (name.data() == nullptr) return invalid("rejoin_digest: the table's name is NULL");
    REJOIN_TRY(call.engine.catalogue().describe(name, table));
    Status status;
    if (call.engine.catalogue().find(table.name, status) == nullptr) {
      return status.ok() ? invalid("rejoin_digest: table %n is not a CRR", {name}) : status;
    }
  }
  Digest digest;
  REJOIN_TRY(compute_digest(call.engine, table.name, digest));
  char hex[33];
  sqlite3_snprintf(sizeof hex, hex, "%016llx%016llx", digest.high, digest.low);
  call.result(std::string_view(hex));
  return {};
}

Status finalize(const Call& call) {
  call.engine.statements().clear();
  call.result(std::string_view("finalized"));
  return {};
}

Status sha(const Call& call) {
  call.result(compose("rejoin-%s", {version()}));
  return {};
}

Status version_text(const Call& call) {
  call.result(std::string_view(version()));
  return {};
}

Status internal_engine(const Call& call) {
  call.engine.tell(call.values[0]);
  return {};
}

// --- ordered lists ---

Status fract_key_between(const Call& call) {
  const auto end = [&](int i) {
    return sqlite3_value_type(call.values[i]) == SQLITE_NULL ? std::nullopt
                                                             : std::optional<std::string_view>(call.text(i));
  };
  const Result<std::string> key = key_between(end(0), end(1));
  if (!key.ok()) return invalid("%s: %s", {call.name, key.status().message()});
  call.result(std::string_view(*key));
  return {};
}

std::vector<std::string_view> texts(const Call& call, int first, int last) {
  std::vector<std::string_view> out;
  for (int i = first; i < last; ++i) out.push_back(call.text(i));
  return out;
}

Status fract_as_ordered(const Call& call) {
  return make_ordered(call.engine, call.text(0), call.text(1), texts(call, 2, call.count));
}

/// (table, order column, list columns..., an integer, key columns..., their values...): the integer ends the list
/// columns.
Status fract_fix_conflict(const Call& call) {
  int end = 2;
  while (end < call.count && sqlite3_value_type(call.values[end]) != SQLITE_INTEGER) ++end;
  const int keys = (call.count - end - 1) / 2;
  if (keys < 1 || end + 1 + 2 * keys != call.count) {
    return invalid("%s: wanted table, column, list columns, -1, key columns and as many values", {call.name});
  }
  std::vector<ValueView> values;
  for (int i = end + 1 + keys; i < call.count; ++i) values.push_back(ValueView::of(call.values[i]));
  std::string room;
  REJOIN_TRY(tell_apart(call.engine, call.text(0), call.text(1), texts(call, 2, end),
                        texts(call, end + 1, end + 1 + keys), values, room));
  call.result(std::string_view(room));
  return {};
}

// --- what the triggers call: (table, key..., ...) ---

/// The CRR of a trigger, with the transaction joined. `wrong(table)`: the number of arguments does not fit its columns.
template <typename Wrong>
Status triggered(const Call& call, std::shared_ptr<const Table>& table, Wrong&& wrong) {
  REJOIN_TRY(call.engine.enter_to_record());
  const std::string_view name = call.text(0);
  Status status;
  table = call.engine.catalogue().find(name, status);
  REJOIN_TRY(std::move(status));
  if (table != nullptr && !wrong(*table)) return {};
  // Made or altered in this very transaction.
  REJOIN_TRY(call.engine.refresh());
  table = call.engine.catalogue().find(name, status);
  REJOIN_TRY(std::move(status));
  if (table != nullptr && !wrong(*table)) return {};
  return invalid(
      "%s: the trigger does not fit table %n; make its triggers anew with crsql_as_crr or crsql_commit_alter",
      {call.name, name});
}

Status room_in_log(const Call& call) { return call.engine.recorder().full() ? call.engine.enter_to_read() : Status(); }

Status after_insert(const Call& call) {
  std::shared_ptr<const Table> table;
  REJOIN_TRY(triggered(call, table,
                       [&](const Table& t) { return static_cast<std::size_t>(call.count) != 1 + t.keys.size(); }));
  REJOIN_TRY(call.engine.recorder().inserted(table, call.values + 1));
  return room_in_log(call);
}

/// (key, col_name): the place in this transaction of a clock row that is being written (Clock::touch_rows); else NULL.
Status internal_seq(const Call& call) {
  std::int64_t seq = 0;
  if (call.engine.clock().list().find_seq(sqlite3_value_int64(call.values[0]), call.text(1), seq)) call.result(seq);
  return {};
}

Status after_delete(const Call& call) {
  std::shared_ptr<const Table> table;
  REJOIN_TRY(triggered(call, table,
                       [&](const Table& t) { return static_cast<std::size_t>(call.count) != 1 + t.keys.size(); }));
  REJOIN_TRY(call.engine.recorder().deleted(table, call.values + 1));
  return room_in_log(call);
}

Status after_update(const Call& call) {
  const auto rest = static_cast<std::size_t>(call.count) - 1;
  // A column that an ALTER TABLE added earlier in this transaction is not in the trigger and would be missed.
  if (sqlite3_get_autocommit(call.engine.db()) == 0) REJOIN_TRY(call.engine.refresh_for_statement());
  std::shared_ptr<const Table> table;
  REJOIN_TRY(triggered(call, table, [&](const Table& t) {
    return rest % 2 != 0 || rest < 2 * t.keys.size() || rest > 2 * (t.keys.size() + t.cells.size());
  }));
  const std::size_t keys = table->keys.size();
  const std::size_t cells = rest / 2 - keys;
  sqlite3_value** new_keys = call.values + 1;
  sqlite3_value** new_cells = new_keys + 2 * keys;
  REJOIN_TRY(call.engine.recorder().updated(table, new_keys, new_keys + keys, new_cells, new_cells + cells, cells));
  return room_in_log(call);
}

constexpr int kAny = 1000;  // no limit but SQLite's
constexpr Function kFunctions[] = {
    {"crsql_as_crr", 1, 2, 0, as_crr},
    {"crsql_as_table", 1, 1, 0, as_table},
    {"crsql_begin_alter", 1, 2, SQLITE_DIRECTONLY, begin_alter_function},
    {"crsql_commit_alter", 1, 2, SQLITE_DIRECTONLY, commit_alter_function},
    {"crsql_automigrate", 1, 2, 0, automigrate_function},
    {"crsql_site_id", 0, 0, SQLITE_INNOCUOUS, site_id},
    {"crsql_db_version", 0, 0, SQLITE_INNOCUOUS, db_version},
    {"crsql_next_db_version", 0, kAny, SQLITE_INNOCUOUS, next_db_version},
    {"crsql_rows_impacted", 0, 0, SQLITE_INNOCUOUS, rows_impacted},
    {"crsql_get_seq", 0, 0, SQLITE_INNOCUOUS, get_seq},
    {"crsql_increment_and_get_seq", 0, 0, SQLITE_INNOCUOUS, increment_and_get_seq},
    {"crsql_pack_columns", 0, kAny, SQLITE_DETERMINISTIC, pack_columns},
    {"crsql_internal_sync_bit", 0, kAny, SQLITE_INNOCUOUS, sync_bit},
    {"crsql_config_get", 1, 1, 0, config_get},
    {"crsql_config_set", 2, 2, 0, config_set},
    {"crsql_new_site_id", 0, 0, SQLITE_DIRECTONLY, new_site_id},
    {"rejoin_digest", 0, 1, 0, digest},
    {"crsql_finalize", 0, kAny, SQLITE_DIRECTONLY, finalize},
    {"crsql_sha", 0, 0, SQLITE_INNOCUOUS | SQLITE_DETERMINISTIC, sha},
    {"crsql_version", 0, 0, SQLITE_INNOCUOUS | SQLITE_DETERMINISTIC, version_text},
    {"crsql_internal_engine", 1, 1, SQLITE_DIRECTONLY, internal_engine},
    {"crsql_internal_seq", 2, 2, SQLITE_DIRECTONLY, internal_seq},
    {"crsql_fract_key_between", 2, 2, SQLITE_INNOCUOUS | SQLITE_DETERMINISTIC, fract_key_between},
    {"crsql_fract_as_ordered", 2, kAny, SQLITE_DIRECTONLY, fract_as_ordered},
    {"crsql_fract_fix_conflict_return_old_key", 5, kAny, SQLITE_INNOCUOUS, fract_fix_conflict},
    {"crsql_after_insert", 2, kAny, SQLITE_INNOCUOUS, after_insert},
    {"crsql_after_update", 3, kAny, SQLITE_INNOCUOUS, after_update},
    {"crsql_after_delete", 2, kAny, SQLITE_INNOCUOUS, after_delete},
};

/// What SQLite keeps for a registered function: which one it is, and its engine.
struct Registration {
  const Function* function;
  Engine* engine;
};

void drop_registration(void* data) {
  auto* registration = static_cast<Registration*>(data);
  Engine::drop(registration->engine);
  delete registration;
}

Status wrong_count(const Function& function, int count) {
  std::string wanted = compose("%s", {function.least});
  if (function.most == kAny) {
    wanted += " or more";
  } else if (function.most != function.least) {
    append(wanted, " to %s", {function.most});
  }
  return invalid("%s: %s arguments, wanted %s", {function.name, count, wanted});
}

void call_function(sqlite3_context* context, int count, sqlite3_value** values) {
  const auto* registration = static_cast<const Registration*>(sqlite3_user_data(context));
  const Function& function = *registration->function;
  function_callback(context, [&]() -> Status {
    if (count < function.least || count > function.most) {
      return wrong_count(function, count);
    }
    return function.body({context, count, values, *registration->engine, function.name});
  });
}

/// Where there is only one right number of arguments SQLite itself refuses others, when the statement is prepared.
int registered_count(const Function& function) { return function.least == function.most ? function.least : -1; }

}  // namespace

int register_functions(sqlite3* db, Engine* engine) {
  for (const Function& function : kFunctions) {
    auto* registration = new (std::nothrow) Registration{&function, engine};
    if (registration == nullptr) return SQLITE_NOMEM;
    engine->hold();
    // On a failure SQLite itself calls drop_registration.
    const int code =
        sqlite3_create_function_v2(db, function.name, registered_count(function), SQLITE_UTF8 | function.flags,
                                   registration, call_function, nullptr, nullptr, drop_registration);
    if (code != SQLITE_OK) return code;
  }
  return SQLITE_OK;
}

void unregister_functions(sqlite3* db) {
  for (const Function& function : kFunctions) {
    sqlite3_create_function_v2(db, function.name, registered_count(function), SQLITE_UTF8, nullptr, nullptr, nullptr,
                               nullptr, nullptr);
  }
}

}  // namespace rejoin::internal

#include "crr/ordered_list.hpp"

#include <algorithm>
#include <optional>

#include "crr/column_list.hpp"
#include "crr/fractional_index.hpp"
#include "sqlite/savepoint.hpp"
#include "sqlite/sql_text.hpp"

namespace rejoin::internal {

namespace {

// The names under which cr-sqlite makes the same things: files go both ways.
constexpr std::string_view kViewSuffix = "_fractindex";
constexpr std::string_view kTriggerPrefix = "__crsql_";
constexpr std::string_view kInsertedSuffix = "_fractindex_pend_trig";
constexpr std::string_view kUpdatedSuffix = "_fractindex_ezmove";
constexpr std::string_view kViewInsertSuffix = "_fractindex_insert_trig";
constexpr std::string_view kViewUpdateSuffix = "_fractindex_update_trig";
constexpr const char* kAfterPrefix = "after_";

/// A table with the parts that its columns play; names as they are declared.
struct OrderedTable {
  Table table;
  std::string order;
  std::vector<Column> lists;
  std::vector<Column> others;  // every column that is written but `order`
};

std::string with_suffix(const OrderedTable& t, std::string_view suffix) { return t.table.shadow(suffix); }

Status find_column(const Table& table, std::string_view wanted, std::string& found) {
  for (const std::vector<Column>* columns : {&table.keys, &table.cells}) {
    for (const Column& column : *columns) {
      if (sqlite3_stricmp(column.name.c_str(), std::string(wanted).c_str()) == 0) {
        found = column.name;
        return {};
      }
    }
  }
  return invalid("table %n has no column %n that could order it", {table.name, wanted});
}

Status find_columns(Engine& engine, std::string_view table, std::string_view order,
                    const std::vector<std::string_view>& lists, OrderedTable& t) {
  REJOIN_TRY(engine.catalogue().describe(table, t.table));
  REJOIN_TRY(find_column(t.table, order, t.order));
  for (const std::string_view list : lists) {
    Column column;
    REJOIN_TRY(find_column(t.table, list, column.name));
    const auto same = [&](const Column& other) { return other.name == column.name; };
    if (column.name == t.order || std::any_of(t.lists.begin(), t.lists.end(), same)) {
      return invalid("table %n cannot be ordered: column %n is named twice", {t.table.name, column.name});
    }
    t.lists.push_back(std::move(column));
  }
  for (const std::vector<Column>* columns : {&t.table.keys, &t.table.cells}) {
    for (const Column& column : *columns) {
      if (column.name != t.order) t.others.push_back(column);
    }
  }
  return {};
}

// --- pieces of SQL ---

/// The row is in the list of another: `same` is "%n IS NEW.%n" or the like. IS: rows without a list are one list too.
std::string same_list(const OrderedTable& t, const char* same) {
  return t.lists.empty() ? "1" : listed(t.lists, same, " AND ");
}

// --- the triggers of the table ---

/// Gives a row that asks to be first or last its key. Not for rows that a merge writes: each replica would work out a
/// key of its own, which nobody would ever hear of.
std::string place_trigger_sql(const OrderedTable& t, std::string_view suffix, std::string_view event) {
  const std::string trigger = with_suffix(t, suffix);
  const std::string list = same_list(t, "%n IS NEW.%n");
  // Who is placed has an ordering key, and not one of the numbers that ask for one. CAST: such a number may have become
  // a text, even '1.0', as it was bound and stored; ordering keys begin with a letter, which makes 0 of them. They are
  // compared byte by byte, whatever the column's collation.
  const auto end_of_list = [&](const char* which) {
    return compose("(SELECT %s(%n COLLATE BINARY) FROM %n WHERE %s AND CAST(%n AS INTEGER) NOT IN (-1, 1))",
                   {which, t.order, t.table.name, list, t.order});
  };
  return compose(
      "CREATE TRIGGER main.%n AFTER %s ON %n WHEN crsql_internal_sync_bit() = 0 AND CAST(NEW.%n AS INTEGER) IN (-1, 1) "
      "BEGIN UPDATE %n SET %n = CASE CAST(NEW.%n AS INTEGER) WHEN -1 THEN crsql_fract_key_between(NULL, %s) ELSE "
      "crsql_fract_key_between(%s, NULL) END WHERE %s; END;",
      {compose("%s%s", {kTriggerPrefix, trigger}), event, t.table.name, t.order, t.table.name, t.order, t.order,
       end_of_list("min"), end_of_list("max"), listed(t.table.keys, "%n IS NEW.%n", " AND ")});
}

// --- the view and its triggers ---

/// `form` for the column "after_KEY" of each key column KEY.
std::string listed_after(const OrderedTable& t, const char* form) {
  std::vector<Column> after = t.table.keys;
  for (Column& key : after) key.name.insert(0, kAfterPrefix);
  return listed(after, form);
}

std::string view_sql(const OrderedTable& t) {
  return compose("CREATE VIEW main.%n AS SELECT *, %s FROM %n;",
                 {with_suffix(t, kViewSuffix), listed_after(t, "NULL AS %n"), t.table.name});
}

/// The ordering key for a row of the view that is to come after another one: between that and the next one in the list.
/// -1, first, where there is no such row in the list; where several rows share its place they are told apart.
std::string new_place(const OrderedTable& t) {
  std::string matches;
  for (const Column& key : t.table.keys) {
    if (!matches.empty()) matches += " AND ";
    append(matches, "%n = NEW.%n", {key.name, kAfterPrefix + key.name});
  }
  const std::string the_place = compose("(SELECT %n FROM %n WHERE %s)", {t.order, t.table.name, matches});
  const std::string list = same_list(t, "%n IS NEW.%n");
  return compose(
      "CASE (SELECT count(*) FROM %n WHERE %s AND %n COLLATE BINARY = %s) WHEN 0 THEN -1 WHEN 1 THEN "
      "crsql_fract_key_between(%s, (SELECT min(%n COLLATE BINARY) FROM %n WHERE %s AND %n COLLATE BINARY > %s)) ELSE "
      "crsql_fract_fix_conflict_return_old_key(%t, %t%s, -1, %s, %s) END",
      {t.table.name, list, t.order, the_place, the_place, t.order, t.table.name, list, t.order, the_place, t.table.name,
       t.order, listed(t.lists, ", %t", ""), listed(t.table.keys, "%t"), listed_after(t, "NEW.%n")});
}

std::string view_insert_sql(const OrderedTable& t) {
  return compose("CREATE TRIGGER main.%n INSTEAD OF INSERT ON %n BEGIN INSERT INTO %n (%s, %n) VALUES (%s, %s); END;",
                 {with_suffix(t, kViewInsertSuffix), with_suffix(t, kViewSuffix), t.table.name, listed(t.others),
                  t.order, listed(t.others, "NEW.%n"), new_place(t)});
}

std::string view_update_sql(const OrderedTable& t) {
  return compose(
      "CREATE TRIGGER main.%n INSTEAD OF UPDATE ON %n BEGIN UPDATE %n SET %s, %n = %s WHERE %s; END;",
      {with_suffix(t, kViewUpdateSuffix), with_suffix(t, kViewSuffix), t.table.name, listed(t.others, "%n = NEW.%n"),
       t.order, new_place(t), listed(t.table.keys, "%n IS OLD.%n", " AND ")});
}

/// What earlier calls made: the view, with its triggers, and the triggers of the table, under whatever name the table
/// had then.
Status drop_earlier(Engine& engine, const OrderedTable& t) {
  std::string sql = compose("DROP VIEW IF EXISTS main.%n;", {with_suffix(t, kViewSuffix)});
  Lease lease;
  REJOIN_TRY(engine.statements().lend_once(
      compose("SELECT name FROM main.sqlite_master WHERE type = 'trigger' AND tbl_name = ?1 COLLATE NOCASE AND (name "
              "GLOB '%s*%s' OR name GLOB '%s*%s')",
              {kTriggerPrefix, kInsertedSuffix, kTriggerPrefix, kUpdatedSuffix}),
      lease));
  lease.bind(1, std::string_view(t.table.name));
  Status status;
  while (lease.step(status, "reading the schema")) append(sql, "DROP TRIGGER main.%n;", {lease.text(0)});
  REJOIN_TRY(std::move(status));
  lease.release();
  return execute(engine.db(), sql, compose("dropping the old order of table %n", {t.table.name}));
}

}  // namespace

bool is_ordering_trigger(std::string_view name) {
  return name.starts_with(kTriggerPrefix) && (name.ends_with(kInsertedSuffix) || name.ends_with(kUpdatedSuffix));
}

Status make_ordered(Engine& engine, std::string_view table, std::string_view order,
                    const std::vector<std::string_view>& lists) {
  OrderedTable t;
  REJOIN_TRY(find_columns(engine, table, order, lists, t));
  if (t.table.keys.empty()) {
    return invalid("table %n cannot be ordered by %n: it has no primary key", {t.table.name, t.order});
  }
  if (t.others.empty()) {
    return invalid("table %n cannot be ordered: it has no column but %n", {t.table.name, t.order});
  }
  Savepoint savepoint(engine.db());
  REJOIN_TRY(savepoint.begin());
  REJOIN_TRY(drop_earlier(engine, t));
  const std::string sql = place_trigger_sql(t, kInsertedSuffix, "INSERT") +
                          place_trigger_sql(t, kUpdatedSuffix, compose("UPDATE OF %n", {t.order})) + view_sql(t) +
                          view_insert_sql(t) + view_update_sql(t);
  REJOIN_TRY(execute(engine.db(), sql, compose("ordering table %n by %n", {t.table.name, t.order})));
  return savepoint.release();
}

Status tell_apart(Engine& engine, std::string_view table, std::string_view order,
                  const std::vector<std::string_view>& lists, const std::vector<std::string_view>& key_names,
                  const std::vector<ValueView>& key_values, std::string& room) {
  OrderedTable t;
  REJOIN_TRY(find_columns(engine, table, order, lists, t));
  std::vector<Column> keys(key_names.size());
  for (std::size_t i = 0; i < keys.size(); ++i) REJOIN_TRY(find_column(t.table, key_names[i], keys[i].name));
  const std::string key = listed(keys, "o.%n = ?%i", " AND ");
  Lease lease;
  REJOIN_TRY(engine.statements().lend_once(
      compose(
          "SELECT o.%n, (SELECT max(p.%n COLLATE BINARY) FROM main.%n AS p WHERE %s AND CAST(p.%n AS INTEGER) NOT "
          "IN (-1, 1) AND p.%n COLLATE BINARY < o.%n) FROM main.%n AS o WHERE %s",
          {t.order, t.order, t.table.name, same_list(t, "p.%n IS o.%n"), t.order, t.order, t.order, t.table.name, key}),
      lease));
  for (std::size_t i = 0; i < key_values.size(); ++i) lease.bind(static_cast<int>(i + 1), key_values[i]);
  const std::string doing = compose("telling rows of table %n apart by %n", {t.table.name, t.order});
  Status status;
  if (!lease.step(status, doing.c_str()))
    return status.ok() ? invalid("%s: there is no row of that key", {doing}) : status;
  const std::string shared(lease.text(0));
  const std::string before(lease.text(1));
  const auto moved = key_between(lease.is_null(1) ? std::nullopt : std::optional<std::string_view>(before), shared);
  if (!moved.ok()) return invalid("%s: %s", {doing, moved.status().message()});
  auto between = key_between(*moved, shared);
  if (!between.ok()) return invalid("%s: %s", {doing, between.status().message()});
  REJOIN_TRY(engine.statements().lend_once(
      compose("UPDATE main.%n AS o SET %n = ?%s WHERE %s", {t.table.name, t.order, keys.size() + 1, key}), lease));
  for (std::size_t i = 0; i < key_values.size(); ++i) lease.bind(static_cast<int>(i + 1), key_values[i]);
  lease.bind(static_cast<int>(keys.size() + 1), std::string_view(*moved));
  REJOIN_TRY(lease.run(doing.c_str()));
  room = *std::move(between);
  return {};
}

}  // namespace rejoin::internal

#include "crr/ordered_list.hpp"

#include <algorithm>
#include <optional>

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
constexpr std::string_view kAfterPrefix = "after_";

/// A table with the parts that its columns play; names as they are declared.
struct OrderedTable {
  Table table;
  std::string order;
  std::vector<std::string> lists;
  std::vector<std::string> others;  // every column that is written but `order`
};

std::string with_suffix(const OrderedTable& t, std::string_view suffix) { return t.table.name + std::string(suffix); }

/// `make(name)` for each name, with `between` in between.
template <typename Names, typename Make>
std::string joined(const Names& names, std::string_view between, Make&& make) {
  std::string out;
  for (const auto& name : names) {
    if (!out.empty()) out += between;
    out += make(name);
  }
  return out;
}

std::vector<std::string> key_names(const Table& table) {
  std::vector<std::string> names;
  for (const Column& key : table.keys) names.push_back(key.name);
  return names;
}

Status find_column(const Table& table, std::string_view wanted, std::string& found) {
  for (const std::vector<Column>* columns : {&table.keys, &table.cells}) {
    for (const Column& column : *columns) {
      if (sqlite3_stricmp(column.name.c_str(), std::string(wanted).c_str()) == 0) {
        found = column.name;
        return {};
      }
    }
  }
  return invalid("table " + quoted_name(table.name) + " has no column " + quoted_name(wanted) + " that could order it");
}

Status find_columns(Engine& engine, std::string_view table, std::string_view order,
                    const std::vector<std::string_view>& lists, OrderedTable& t) {
  REJOIN_TRY(engine.catalogue().describe(table, t.table));
  REJOIN_TRY(find_column(t.table, order, t.order));
  for (const std::string_view list : lists) {
    std::string name;
    REJOIN_TRY(find_column(t.table, list, name));
    if (name == t.order || std::find(t.lists.begin(), t.lists.end(), name) != t.lists.end()) {
      return invalid("table " + quoted_name(t.table.name) + " cannot be ordered: column " + quoted_name(name) +
                     " is named twice");
    }
    t.lists.push_back(std::move(name));
  }
  for (const std::vector<Column>* columns : {&t.table.keys, &t.table.cells}) {
    for (const Column& column : *columns) {
      if (column.name != t.order) t.others.push_back(column.name);
    }
  }
  return {};
}

// --- pieces of SQL ---

/// Ordering keys are compared byte by byte, whatever the column's collation.
std::string place(const OrderedTable& t, std::string_view prefix = {}) {
  return std::string(prefix) + quoted_name(t.order) + " COLLATE BINARY";
}

/// The row is in the list of the row `row` ("NEW.", "o."). IS: rows without a list are one list too.
std::string same_list(const OrderedTable& t, std::string_view row, std::string_view prefix = {}) {
  if (t.lists.empty()) return "1";
  return joined(t.lists, " AND ", [&](const std::string& name) {
    return std::string(prefix) + quoted_name(name) + " IS " + std::string(row) + quoted_name(name);
  });
}

/// The row has an ordering key, and not one of the numbers that ask for one. CAST: such a number may have become a
/// text, even '1.0', as it was bound and stored; ordering keys begin with a letter, which makes 0 of them.
std::string placed(const OrderedTable& t, std::string_view prefix = {}) {
  return "CAST(" + std::string(prefix) + quoted_name(t.order) + " AS INTEGER) NOT IN (-1, 1)";
}

std::string same_key(const OrderedTable& t, std::string_view row) {
  return joined(key_names(t.table), " AND ", [&](const std::string& name) {
    return quoted_name(name) + " IS " + std::string(row) + quoted_name(name);
  });
}

// --- the triggers of the table ---

/// Gives a row that asks to be first or last its key. Not for rows that a merge writes: each replica would work out a
/// key of its own, which nobody would ever hear of.
std::string place_trigger_sql(const OrderedTable& t, std::string_view suffix, const std::string& event) {
  const std::string table = quoted_name(t.table.name);
  const std::string asked = "CAST(NEW." + quoted_name(t.order) + " AS INTEGER)";
  const auto end_of_list = [&](std::string_view which) {
    return "(SELECT " + std::string(which) + "(" + place(t) + ") FROM " + table + " WHERE " + same_list(t, "NEW.") +
           " AND " + placed(t) + ")";
  };
  return "CREATE TRIGGER main." + quoted_name(std::string(kTriggerPrefix) + with_suffix(t, suffix)) + " AFTER " +
         event + " ON " + table + " WHEN crsql_internal_sync_bit() = 0 AND " + asked + " IN (-1, 1) BEGIN UPDATE " +
         table + " SET " + quoted_name(t.order) + " = CASE " + asked + " WHEN -1 THEN crsql_fract_key_between(NULL, " +
         end_of_list("min") + ") ELSE crsql_fract_key_between(" + end_of_list("max") + ", NULL) END WHERE " +
         same_key(t, "NEW.") + "; END;";
}

// --- the view and its triggers ---

std::string view_sql(const OrderedTable& t) {
  const auto after = [](const std::string& name) { return "NULL AS " + quoted_name(std::string(kAfterPrefix) + name); };
  return "CREATE VIEW main." + quoted_name(with_suffix(t, kViewSuffix)) + " AS SELECT *, " +
         joined(key_names(t.table), ", ", after) + " FROM " + quoted_name(t.table.name) + ";";
}

/// The ordering key for a row of the view that is to come after another one: between that and the next one in the list.
/// -1, first, where there is no such row in the list; where several rows share its place they are told apart.
std::string new_place(const OrderedTable& t) {
  const std::string table = quoted_name(t.table.name);
  const std::vector<std::string> keys = key_names(t.table);
  const auto after = [](const std::string& name) { return "NEW." + quoted_name(std::string(kAfterPrefix) + name); };
  const std::string the_place =
      "(SELECT " + quoted_name(t.order) + " FROM " + table + " WHERE " +
      joined(keys, " AND ", [&](const std::string& name) { return quoted_name(name) + " = " + after(name); }) + ")";
  std::string names = quoted_text(t.table.name) + ", " + quoted_text(t.order);
  for (const std::string& list : t.lists) names += ", " + quoted_text(list);
  const auto in_list = [&](std::string_view what, std::string_view compare) {
    return "(SELECT " + std::string(what) + " FROM " + table + " WHERE " + same_list(t, "NEW.") + " AND " + place(t) +
           std::string(compare) + the_place + ")";
  };
  return "CASE " + in_list("count(*)", " = ") + " WHEN 0 THEN -1 WHEN 1 THEN crsql_fract_key_between(" + the_place +
         ", " + in_list("min(" + place(t) + ")", " > ") + ") ELSE crsql_fract_fix_conflict_return_old_key(" + names +
         ", -1, " + joined(keys, ", ", [](const std::string& name) { return quoted_text(name); }) + ", " +
         joined(keys, ", ", after) + ") END";
}

std::string view_insert_sql(const OrderedTable& t) {
  return "CREATE TRIGGER main." + quoted_name(with_suffix(t, kViewInsertSuffix)) + " INSTEAD OF INSERT ON " +
         quoted_name(with_suffix(t, kViewSuffix)) + " BEGIN INSERT INTO " + quoted_name(t.table.name) + " (" +
         joined(t.others, ", ", [](const std::string& name) { return quoted_name(name); }) + ", " +
         quoted_name(t.order) + ") VALUES (" +
         joined(t.others, ", ", [](const std::string& name) { return "NEW." + quoted_name(name); }) + ", " +
         new_place(t) + "); END;";
}

std::string view_update_sql(const OrderedTable& t) {
  const auto set = [](const std::string& name) { return quoted_name(name) + " = NEW." + quoted_name(name); };
  return "CREATE TRIGGER main." + quoted_name(with_suffix(t, kViewUpdateSuffix)) + " INSTEAD OF UPDATE ON " +
         quoted_name(with_suffix(t, kViewSuffix)) + " BEGIN UPDATE " + quoted_name(t.table.name) + " SET " +
         joined(t.others, ", ", set) + ", " + quoted_name(t.order) + " = " + new_place(t) + " WHERE " +
         same_key(t, "OLD.") + "; END;";
}

/// What earlier calls made: the view, with its triggers, and the triggers of the table, under whatever name the table
/// had then.
Status drop_earlier(Engine& engine, const OrderedTable& t) {
  std::string sql = "DROP VIEW IF EXISTS main." + quoted_name(with_suffix(t, kViewSuffix)) + ";";
  Lease lease;
  REJOIN_TRY(engine.statements().lend_once(
      "SELECT name FROM main.sqlite_master WHERE type = 'trigger' AND tbl_name = ?1 COLLATE NOCASE AND (name GLOB " +
          quoted_text(std::string(kTriggerPrefix) + "*" + std::string(kInsertedSuffix)) + " OR name GLOB " +
          quoted_text(std::string(kTriggerPrefix) + "*" + std::string(kUpdatedSuffix)) + ")",
      lease));
  lease.bind(1, std::string_view(t.table.name));
  Status status;
  while (lease.step(status, "reading the schema")) sql += "DROP TRIGGER main." + quoted_name(lease.text(0)) + ";";
  REJOIN_TRY(std::move(status));
  lease.release();
  return execute(engine.db(), sql, "dropping the old order of table " + quoted_name(t.table.name));
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
    return invalid("table " + quoted_name(t.table.name) + " cannot be ordered by " + quoted_name(t.order) +
                   ": it has no primary key");
  }
  if (t.others.empty()) {
    return invalid("table " + quoted_name(t.table.name) + " cannot be ordered: it has no column but " +
                   quoted_name(t.order));
  }
  Savepoint savepoint(engine.db());
  REJOIN_TRY(savepoint.begin());
  REJOIN_TRY(drop_earlier(engine, t));
  REJOIN_TRY(execute(engine.db(),
                     place_trigger_sql(t, kInsertedSuffix, "INSERT") +
                         place_trigger_sql(t, kUpdatedSuffix, "UPDATE OF " + quoted_name(t.order)) + view_sql(t) +
                         view_insert_sql(t) + view_update_sql(t),
                     "ordering table " + quoted_name(t.table.name) + " by " + quoted_name(t.order)));
  return savepoint.release();
}

Status tell_apart(Engine& engine, std::string_view table, std::string_view order,
                  const std::vector<std::string_view>& lists, const std::vector<std::string_view>& key_names,
                  const std::vector<ValueView>& key_values, std::string& room) {
  OrderedTable t;
  REJOIN_TRY(find_columns(engine, table, order, lists, t));
  std::string key;
  for (std::size_t i = 0; i < key_names.size(); ++i) {
    std::string name;
    REJOIN_TRY(find_column(t.table, key_names[i], name));
    key += (i == 0 ? "" : " AND ") + std::string("o.") + quoted_name(name) + " = ?" + std::to_string(i + 1);
  }
  const std::string from = " FROM main." + quoted_name(t.table.name);
  Lease lease;
  REJOIN_TRY(engine.statements().lend_once("SELECT o." + quoted_name(t.order) + ", (SELECT max(" + place(t, "p.") +
                                               ")" + from + " AS p WHERE " + same_list(t, "o.", "p.") + " AND " +
                                               placed(t, "p.") + " AND " + place(t, "p.") + " < o." +
                                               quoted_name(t.order) + ")" + from + " AS o WHERE " + key,
                                           lease));
  for (std::size_t i = 0; i < key_values.size(); ++i) lease.bind(static_cast<int>(i + 1), key_values[i]);
  const std::string doing = "telling rows of table " + quoted_name(t.table.name) + " apart by " + quoted_name(t.order);
  Status status;
  if (!lease.step(status, doing)) return status.ok() ? invalid(doing + ": there is no row of that key") : status;
  const std::string shared(lease.text(0));
  const std::string before(lease.text(1));
  const auto moved = key_between(lease.is_null(1) ? std::nullopt : std::optional<std::string_view>(before), shared);
  if (!moved.ok()) return invalid(doing + ": " + moved.status().message());
  auto between = key_between(*moved, shared);
  if (!between.ok()) return invalid(doing + ": " + between.status().message());
  REJOIN_TRY(engine.statements().lend_once("UPDATE main." + quoted_name(t.table.name) + " AS o SET " +
                                               quoted_name(t.order) + " = ?" + std::to_string(key_names.size() + 1) +
                                               " WHERE " + key,
                                           lease));
  for (std::size_t i = 0; i < key_values.size(); ++i) lease.bind(static_cast<int>(i + 1), key_values[i]);
  lease.bind(static_cast<int>(key_names.size() + 1), std::string_view(*moved));
  REJOIN_TRY(lease.run(doing));
  room = *std::move(between);
  return {};
}

}  // namespace rejoin::internal

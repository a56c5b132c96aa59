#include "crr/automigrate.hpp"

#include <rejoin/attach.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "crr/format.hpp"
#include "crr/migrate.hpp"
#include "crr/ordered_list.hpp"
#include "crr/shadow_schema.hpp"
#include "sqlite/error.hpp"
#include "sqlite/query.hpp"
#include "sqlite/savepoint.hpp"
#include "sqlite/sql_scanner.hpp"
#include "sqlite/sql_text.hpp"

namespace rejoin::internal {

namespace {

constexpr const char* kMigrating = "migrating the schema";

struct Item {
  std::string table;  // for an index, view or trigger: of what
  std::string sql;
};

struct WantedColumn {
  std::string name;
  bool key = false;
};

using Items = std::map<std::string, Item>;

/// What the application made in a database, by type and name.
struct Schema {
  Items tables;
  Items virtual_tables;
  Items indices;
  Items views;
  Items triggers;
  std::set<std::string> crrs;
};

class Connection {
 public:
  Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() { sqlite3_close_v2(db); }
  sqlite3* db = nullptr;
};

bool is_internal(const std::string& name) {
  return name.starts_with("sqlite_") || name.starts_with("crsql_") || name.find("__crsql_") != std::string::npos;
}

Items& items_of(Schema& schema, const std::string& type, const std::string& sql) {
  if (type == "index") return schema.indices;
  if (type == "view") return schema.views;
  if (type == "trigger") return schema.triggers;
  return sql.starts_with("CREATE VIRTUAL TABLE") ? schema.virtual_tables : schema.tables;
}

Status read_schema(sqlite3* db, Schema& schema) {
  schema = {};
  std::set<std::string> shadows;  // of virtual tables: made and dropped with them
  Query list(db, "PRAGMA main.table_list", kMigrating);
  while (list.step()) {
    if (list.text(2) == "shadow") shadows.insert(list.text(1));
  }
  REJOIN_TRY(list.status());
  Query made(db, "SELECT type, name, tbl_name, sql FROM main.sqlite_master WHERE sql IS NOT NULL", kMigrating);
  while (made.step()) {
    const std::string type = made.text(0);
    const std::string name = made.text(1);
    Item item{made.text(2), made.text(3)};
    if (type == "trigger" && name == compose("%s%s", {item.table, kInsertTriggerSuffix})) {
      schema.crrs.insert(item.table);
    }
    const bool engines = is_internal(name) && !(type == "trigger" && is_ordering_trigger(name));
    if (engines || shadows.contains(name) || shadows.contains(item.table)) continue;
    Items& items = items_of(schema, type, item.sql);
    items.emplace(name, std::move(item));
  }
  return made.status();
}

Status read_columns(sqlite3* db, const std::string& table, std::vector<WantedColumn>& columns) {
  Query info(db, compose("PRAGMA main.table_xinfo(%n)", {table}), kMigrating);
  while (info.step()) columns.push_back({info.text(1), info.integer(5) > 0});
  return info.status();
}

Status execute_named(sqlite3* db, const std::string& sql, const std::string& what) {
  return execute(db, sql, compose("%s (%s)", {kMigrating, what}));
}

class Migration {
 public:
  Migration(Engine& engine, sqlite3* wanted) : engine_(engine), db_(engine.db()), wanted_db_(wanted) {}

  Status run() {
    REJOIN_TRY(read_schema(wanted_db_, wanted_));
    REJOIN_TRY(read_schema(db_, present_));
    REJOIN_TRY(drop_what_is_gone());
    REJOIN_TRY(make_virtual_tables());
    for (const auto& [name, item] : wanted_.tables) {
      REJOIN_TRY(present_.tables.contains(name) ? change_table(name, item) : execute_named(db_, item.sql, name));
    }
    for (const std::string& name : wanted_.crrs) REJOIN_TRY(make_crr(engine_, name));
    REJOIN_TRY(make_indices());
    return make_views_and_triggers();
  }

 private:
  /// Views and triggers of another definition go first: they may name columns that go.
  Status drop_what_is_gone() {
    REJOIN_TRY(drop_outdated("TRIGGER", present_.triggers, wanted_.triggers, false));
    REJOIN_TRY(drop_outdated("VIEW", present_.views, wanted_.views, false));
    REJOIN_TRY(drop_outdated("INDEX", present_.indices, wanted_.indices, true));
    for (const auto& [name, item] : present_.virtual_tables) {
      if (!wanted_.virtual_tables.contains(name)) REJOIN_TRY(drop_virtual_table(name));
    }
    triggers_before_ = std::move(present_.triggers);
    REJOIN_TRY(read_schema(db_, present_));
    for (const auto& [name, item] : present_.tables) {
      if (wanted_.tables.contains(name)) continue;
      if (present_.crrs.contains(name)) REJOIN_TRY(make_plain(engine_, name));
      REJOIN_TRY(drop("TABLE", name));
    }
    return {};
  }

  /// The items of `present` that `wanted` has with another definition or, with `or_lacks`, lacks.
  Status drop_outdated(const char* kind, const Items& present, const Items& wanted, bool or_lacks) {
    for (const auto& [name, item] : present) {
      const auto other = wanted.find(name);
      const bool differs = other == wanted.end() ? or_lacks : other->second.sql != item.sql;
      if (differs) REJOIN_TRY(drop(kind, name));
    }
    return {};
  }

  Status drop(const char* kind, const std::string& name) {
    return execute_named(db_, compose("DROP %s main.%n", {kind, name}), name);
  }

  /// A clset table takes the table that it made with it. Where that one shall stay, it is parted from it by a new name.
  Status drop_virtual_table(const std::string& name) {
    if (!name.ends_with(kClsetSuffix) || !wanted_.tables.contains(name.substr(0, name.size() - kClsetSuffix.size())))
      return drop("TABLE", name);
    const std::string other = "crsql_gone_" + name;
    REJOIN_TRY(execute_named(db_, compose("ALTER TABLE main.%n RENAME TO %n", {name, other}), name));
    return drop("TABLE", other);
  }

  /// Before the tables: a clset table makes its own.
  Status make_virtual_tables() {
    for (const auto& [name, item] : wanted_.virtual_tables) {
      if (!present_.virtual_tables.contains(name)) REJOIN_TRY(execute_named(db_, item.sql, name));
    }
    return read_schema(db_, present_);
  }

  /// Drops and adds columns, inside an alter where the table is a CRR.
  Status change_table(const std::string& name, const Item& wanted) {
    std::vector<WantedColumn> now;
    std::vector<WantedColumn> then;
    REJOIN_TRY(read_columns(db_, name, now));
    REJOIN_TRY(read_columns(wanted_db_, name, then));
    const auto in = [](const std::vector<WantedColumn>& columns, const WantedColumn& column) {
      return std::any_of(columns.begin(), columns.end(), [&](const WantedColumn& other) {
        return other.name == column.name && other.key == column.key;
      });
    };
    std::string sql;
    for (const WantedColumn& column : now) {
      if (in(then, column)) continue;
      if (column.key) return key_changes(name, column.name);
      append(sql, "ALTER TABLE main.%n DROP COLUMN %n;", {name, column.name});
    }
    for (const WantedColumn& column : then) {
      if (in(now, column)) continue;
      if (column.key) return key_changes(name, column.name);
      std::string definition;
      if (!find_column_definition(wanted.sql, column.name, definition)) {
        return invalid("crsql_automigrate: no definition of column %n of %n", {column.name, name});
      }
      append(sql, "ALTER TABLE main.%n ADD COLUMN %s;", {name, definition});
    }
    if (sql.empty()) return {};
    const bool crr = present_.crrs.contains(name);
    if (crr) REJOIN_TRY(begin_alter(engine_, name));
    REJOIN_TRY(execute_named(db_, sql, name));
    return crr ? commit_alter(engine_, name) : Status();
  }

  static Status key_changes(const std::string& table, const std::string& column) {
    return invalid(
        "crsql_automigrate: the primary key of table %n would change (column %n); rebuild the table between "
        "crsql_begin_alter and crsql_commit_alter",
        {table, column});
  }

  Status make_indices() {
    Schema now;
    REJOIN_TRY(read_schema(db_, now));
    for (const auto& [name, item] : wanted_.indices) {
      if (now.indices.contains(name)) continue;
      REJOIN_TRY(execute_named(db_, item.sql, name));
      if (!now.crrs.contains(item.table)) continue;
      Table table;
      REJOIN_TRY(engine_.catalogue().describe(item.table, table));
      REJOIN_TRY(engine_.catalogue().check_eligible(table));  // a unique index cannot hold on every replica
    }
    return {};
  }

  Status make_views_and_triggers() {
    Schema now;
    REJOIN_TRY(read_schema(db_, now));
    REJOIN_TRY(make_missing(wanted_.views, now.views));
    REJOIN_TRY(make_missing(wanted_.triggers, now.triggers));
    // What nobody mentioned went with a view that was made anew.
    for (const auto& [name, item] : triggers_before_) {
      const bool went = wanted_.views.contains(item.table) && !now.triggers.contains(name);
      if (went && !wanted_.triggers.contains(name)) REJOIN_TRY(execute_named(db_, item.sql, name));
    }
    return {};
  }

  Status make_missing(const Items& wanted, const Items& present) {
    for (const auto& [name, item] : wanted) {
      if (!present.contains(name)) REJOIN_TRY(execute_named(db_, item.sql, name));
    }
    return {};
  }

  Engine& engine_;
  sqlite3* db_;
  sqlite3* wanted_db_;
  Schema wanted_;
  Schema present_;
  Items triggers_before_;
};

}  // namespace

Status automigrate(Engine& engine, const std::string& schema, const std::string& cleanup) {
  Connection wanted;
  const int code = sqlite3_open_v2(":memory:", &wanted.db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
  if (code != SQLITE_OK) return sqlite_error(wanted.db, code, kMigrating);
  REJOIN_TRY(attach(wanted.db));
  REJOIN_TRY(execute(wanted.db, schema, "the wanted schema"));
  REJOIN_TRY(in_savepoint(engine, [&] { return Migration(engine, wanted.db).run(); }));
  return cleanup.empty() ? Status() : execute(wanted.db, cleanup, "cleaning up after the migration");
}

}  // namespace rejoin::internal

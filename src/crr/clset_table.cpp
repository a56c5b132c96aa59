#include "crr/clset_table.hpp"

#include "crr/format.hpp"
#include "crr/migrate.hpp"
#include "sqlite/callback.hpp"
#include "sqlite/savepoint.hpp"
#include "sqlite/sql_text.hpp"
#include "sqlite/virtual_table.hpp"

namespace rejoin::internal {

namespace {

// Both columns are there for those who look at the table's columns; nobody can read or write them.
constexpr const char* kClsetDeclaration = "CREATE TABLE x(alteration TEXT HIDDEN, schema TEXT HIDDEN)";

struct ClsetTable : OwnedTable<Engine> {
  ClsetTable(void* engine, std::string name) : OwnedTable(engine), base(std::move(name)) {}
  std::string base;  // the table that it stands for
};

ClsetTable& table_of(sqlite3_vtab* table) { return *static_cast<ClsetTable*>(table); }

/// What xCreate and xConnect are told: the module's name, the schema, the table's name, and its arguments.
struct Declaration {
  std::string_view schema;
  std::string_view name;
  int count;
  const char* const* definitions;
};

Status base_name(std::string_view name, std::string& base) {
  if (!name.ends_with(kClsetSuffix) || name.size() == kClsetSuffix.size()) {
    return invalid(
        "the name of a clset table must end in %s, after the name of the table it makes: \"foo_schema\" makes "
        "\"foo\"; got %n",
        {kClsetSuffix, name});
  }
  base = name.substr(0, name.size() - kClsetSuffix.size());
  return {};
}

/// Makes the table and upgrades it. Where it fails the statement does, and SQLite undoes all of it.
Status create_base(Engine& engine, const Declaration& declaration, std::string& base) {
  if (declaration.schema != "main" && declaration.schema != "temp") {
    return invalid("only tables of schema main can be CRRs, not of %n", {declaration.schema});
  }
  REJOIN_TRY(base_name(declaration.name, base));
  if (declaration.count == 0) return invalid("clset needs the column definitions of table %n", {base});
  std::string definitions;
  for (int i = 0; i < declaration.count; ++i) {
    if (i > 0) definitions += ',';
    definitions += declaration.definitions[i];
  }
  const std::string sql = compose("CREATE TABLE main.%n (%s)", {base, definitions});
  REJOIN_TRY(execute(engine.db(), sql, compose("making table %n", {base})));
  return make_crr_in_statement(engine, base);
}

/// `prepare(declaration, base)` is what xCreate does and xConnect does not.
template <typename Prepare>
int connect_with(sqlite3* db, void* engine, int count, const char* const* words, sqlite3_vtab** out, char** error,
                 Prepare&& prepare) {
  ClsetTable* table = nullptr;
  const Status status = guarded([&]() -> Status {
    constexpr int kFirstArgument = 3;
    const Declaration declaration{words[1], words[2], count - kFirstArgument, words + kFirstArgument};
    std::string base;
    REJOIN_TRY(prepare(declaration, base));
    if (const int code = sqlite3_declare_vtab(db, kClsetDeclaration); code != SQLITE_OK) {
      return sqlite_error(db, code, "declaring a clset table");
    }
    table = new (std::nothrow) ClsetTable(engine, std::move(base));
    return table == nullptr ? no_memory() : Status();
  });
  if (status.ok()) {
    *out = table;
    return SQLITE_OK;
  }
  *error = sqlite3_mprintf("%s", status.message().c_str());
  return result_code(status);
}

int clset_create(sqlite3* db, void* engine, int count, const char* const* words, sqlite3_vtab** out, char** error) {
  return connect_with(db, engine, count, words, out, error, [&](const Declaration& declaration, std::string& base) {
    return create_base(*static_cast<Engine*>(engine), declaration, base);
  });
}

/// Also where the base table is gone or the name is odd: what cannot be connected cannot be dropped either.
int clset_connect(sqlite3* db, void* engine, int count, const char* const* words, sqlite3_vtab** out, char** error) {
  return connect_with(db, engine, count, words, out, error,
                      [](const Declaration& declaration, std::string& base) -> Status {
                        if (!base_name(declaration.name, base).ok()) base.clear();
                        return {};
                      });
}

int clset_destroy(sqlite3_vtab* table) {
  ClsetTable& self = table_of(table);
  const int code = table_callback(
      table, [&]() -> Status { return self.base.empty() ? Status() : drop_crr_in_statement(*self.owner, self.base); });
  return code == SQLITE_OK ? delete_table<ClsetTable>(table) : code;
}

/// The base table keeps its name, so that a program that goes on using it is not cut off; from then on it is a CRR like
/// any other. SQLite connects the table anew, under its new name, when it is used next.
int rename(sqlite3_vtab* table, const char* name) {
  ClsetTable& self = table_of(table);
  return table_callback(table, [&]() -> Status {
    std::string base;
    REJOIN_TRY(base_name(name, base));
    Table existing;
    bool there = false;
    if (base != self.base) REJOIN_TRY(self.owner->catalogue().look_for(base, existing, there));
    if (there) {
      return invalid("cannot rename a clset table to %n: dropping it would drop table %n, which it did not make",
                     {name, base});
    }
    return {};
  });
}

sqlite3_module clset_module() {
  sqlite3_module module = empty_module();
  module.xCreate = clset_create;
  module.xConnect = clset_connect;
  module.xDisconnect = delete_table<ClsetTable>;
  module.xDestroy = clset_destroy;
  module.xRename = rename;
  return module;
}

}  // namespace

int register_clset_table(sqlite3* db, Engine* engine) {
  static const sqlite3_module kModule = clset_module();
  engine->hold();
  return sqlite3_create_module_v2(db, "clset", &kModule, engine, &Engine::drop);
}

}  // namespace rejoin::internal

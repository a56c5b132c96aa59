#include "crr/migrate.hpp"

#include <algorithm>

#include "crr/backfill.hpp"
#include "crr/format.hpp"
#include "crr/shadow_schema.hpp"
#include "sqlite/error.hpp"
#include "sqlite/savepoint.hpp"
#include "sqlite/sql_text.hpp"

namespace rejoin::internal {

namespace {

/// The version as it is seen now, so that it can be kept when the clock rows that carry it go.
Status present_version(Engine& engine, std::int64_t& version) {
  REJOIN_TRY(engine.clock().committed_version(version));
  version = std::max(version, engine.clock().counters().stored_version);
  return {};
}

Status keep_version(Engine& engine, std::int64_t version) {
  std::int64_t highest = 0;
  REJOIN_TRY(engine.enter_to_read());
  REJOIN_TRY(engine.clock().max_version(highest));
  return highest >= version ? Status() : engine.clock().write_master(kPreCompactKey, version);
}

Status is_crr(Engine& engine, std::string_view name, bool& is) {
  REJOIN_TRY(engine.enter_to_read());
  Table table;
  bool there = false;
  REJOIN_TRY(engine.catalogue().look_for(name, table, there));
  if (!there) return {};
  Status status;
  is = engine.catalogue().find(table.name, status) != nullptr;
  return status;
}

Status upgrade(Engine& engine, std::string_view name) {
  Catalogue& catalogue = engine.catalogue();
  Table table;
  REJOIN_TRY(catalogue.describe(name, table));
  Status status;
  if (catalogue.find(table.name, status) != nullptr) return {};
  REJOIN_TRY(std::move(status));
  REJOIN_TRY(catalogue.check_eligible(table));
  std::int64_t version = 0;
  REJOIN_TRY(present_version(engine, version));
  Backfill backfill(engine.db(), engine.clock());
  bool leftovers = false;
  bool same_key = false;
  REJOIN_TRY(backfill.inspect(catalogue, table, leftovers, same_key));
  std::string sql = create_shadow_tables_sql(table) + drop_triggers_sql(table) + create_triggers_sql(table);
  if (leftovers && !same_key) sql.insert(0, drop_shadow_tables_sql(table));
  REJOIN_TRY(execute(engine.db(), sql, "creating shadow tables and triggers"));
  REJOIN_TRY(engine.enter_to_read());
  const auto crr = catalogue.find(table.name, status);
  REJOIN_TRY(std::move(status));
  if (crr == nullptr) return failure(ErrorCode::kCorrupt, "table %n did not become a CRR", {table.name});
  if (leftovers) {
    REJOIN_TRY(backfill.forget_columns(*crr));
    REJOIN_TRY(backfill.forget_rows(*crr));
  }
  std::int64_t next = 0;
  REJOIN_TRY(engine.clock().next_version(0, next));
  REJOIN_TRY(backfill.add_rows(*crr, next));
  if (leftovers) REJOIN_TRY(keep_version(engine, version));
  return engine.release_held();
}

Status downgrade(Engine& engine, std::string_view name) {
  Table table;
  bool there = false;
  REJOIN_TRY(engine.catalogue().look_for(name, table, there));
  if (!there) return {};
  std::int64_t version = 0;
  REJOIN_TRY(present_version(engine, version));
  REJOIN_TRY(execute(engine.db(), drop_triggers_sql(table) + drop_shadow_tables_sql(table), "dropping shadow tables"));
  return keep_version(engine, version);
}

Status drop(Engine& engine, std::string_view name) {
  Table table;
  bool there = false;
  REJOIN_TRY(engine.catalogue().look_for(name, table, there));
  table.name = there ? table.name : std::string(name);
  std::int64_t version = 0;
  REJOIN_TRY(present_version(engine, version));
  std::string sql = drop_shadow_tables_sql(table);
  if (there) sql.insert(0, compose("DROP TABLE main.%n;", {table.name}));
  REJOIN_TRY(execute(engine.db(), sql, "dropping a table and its shadow tables"));
  return keep_version(engine, version);
}

}  // namespace

Status make_crr(Engine& engine, std::string_view name) {
  // Programs call it each time they start: where there is nothing to do, it must not wait for another one that writes.
  bool done = false;
  REJOIN_TRY(is_crr(engine, name, done));
  if (done) return {};
  return in_savepoint(engine, [&] { return upgrade(engine, name); });
}

Status make_crr_in_statement(Engine& engine, std::string_view name) {
  return in_statement(engine, [&] { return upgrade(engine, name); });
}

Status drop_crr_in_statement(Engine& engine, std::string_view name) {
  return in_statement(engine, [&] { return drop(engine, name); });
}

Status make_plain(Engine& engine, std::string_view name) {
  return in_savepoint(engine, [&] { return downgrade(engine, name); });
}

namespace {

/// An alter that failed and is still there in part must not be committed.
Status checked_alter(Engine& engine, Status status) {
  if (!status.ok() && !engine.alterer().undone()) engine.spoil(status);
  return status;
}

}  // namespace

Status begin_alter(Engine& engine, std::string_view name) {
  REJOIN_TRY(engine.enter_to_read());
  return checked_alter(engine, engine.alterer().begin(name, [&] { return engine.enter_to_write(); }));
}

Status commit_alter(Engine& engine, std::string_view name) {
  REJOIN_TRY(engine.enter_to_read());
  return checked_alter(engine,
                       engine.alterer().commit(
                           name, [&] { return engine.enter_to_write(); }, [&] { return engine.release_held(); }));
}

Status renew_site(Engine& engine, Bytes& site) {
  site = Engine::make_site_id();
  return in_savepoint(engine, [&] { return engine.clock().renew_site(site); });
}

Status set_config(Engine& engine, std::string_view name, const ValueView& value) {
  return in_savepoint(engine, [&]() -> Status {
    REJOIN_TRY(engine.settings().set(name, value));
    // Here, and not when the first change is to be held: that is inside a write, where tables had better not be made.
    return engine.held().create_if(engine.settings());
  });
}

}  // namespace rejoin::internal

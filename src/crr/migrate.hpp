// Making a table a CRR and an ordinary one again, and altering it.
#pragma once

#include <string_view>

#include <rejoin/status.hpp>

#include "crr/engine.hpp"
#include "sqlite/callback.hpp"
#include "sqlite/savepoint.hpp"

namespace rejoin::internal {

/// Runs `work` in a savepoint of its own, with the transaction joined: what fails is undone, and no more than that.
/// Where it cannot be undone the transaction cannot be committed any more.
template <typename Work>
Status in_savepoint(Engine& engine, Work&& work) {
  REJOIN_TRY(engine.enter_to_read());
  Savepoint savepoint(engine.db());
  REJOIN_TRY(savepoint.begin());
  Status status = guarded([&]() -> Status {
    REJOIN_TRY(engine.enter_to_write());
    REJOIN_TRY(work());
    return savepoint.release();
  });
  if (!status.ok() && !savepoint.undo()) engine.spoil(status);
  return status;
}

/// The same inside a statement that writes (a virtual table's xCreate and xDestroy): no savepoint can be opened there,
/// and none is missed, for SQLite undoes all that the statement did when it fails.
template <typename Work>
Status in_statement(Engine& engine, Work&& work) {
  REJOIN_TRY(engine.enter_to_write());
  return work();
}

/// Makes the table a CRR; its rows get their first clocks under the next version. A CRR already: nothing. On an error
/// nothing has changed, and what the application's transaction did before stays.
Status make_crr(Engine& engine, std::string_view name);
/// make_crr for in_statement.
Status make_crr_in_statement(Engine& engine, std::string_view name);

/// Drops the shadow tables and triggers of a CRR; the table stays. No CRR: nothing.
Status make_plain(Engine& engine, std::string_view name);

/// Drops a table with its shadow tables, in_statement; crsql_db_version() does not go down. What is missing of them is
/// passed over.
Status drop_crr_in_statement(Engine& engine, std::string_view name);

/// Gives the database a new site id, for a file that was copied; what it wrote under the old one stays attributed to
/// that.
Status renew_site(Engine& engine, Bytes& site);

/// Changes a setting (settings.hpp).
Status set_config(Engine& engine, std::string_view name, const ValueView& value);

/// Opens a savepoint in which the application alters a CRR; its writes to the table in between are not recorded.
Status begin_alter(Engine& engine, std::string_view name);

/// Brings the clocks of an altered CRR (by its new name, or its old one) in line with its schema and rows and makes its
/// triggers again. On an error the whole alter is undone, and no more than that. A table that has lost its triggers is
/// repaired.
Status commit_alter(Engine& engine, std::string_view name);

}  // namespace rejoin::internal

// Which tables are CRRs, what their columns are, and whether a table can become one.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <rejoin/status.hpp>

#include "sqlite/statement_cache.hpp"
#include "sqlite/value.hpp"

namespace rejoin::internal {

struct Column {
  std::string name;
  Affinity affinity = Affinity::kNone;
  std::string default_sql;  ///< the expression after DEFAULT; empty: none
  bool not_null = false;
};

/// A table as the present schema has it.
struct Table {
  std::string name;
  std::uint32_t slot = 0;     ///< the table's number in the statement cache; 0 is no table's
  std::vector<Column> keys;   ///< in primary-key order
  std::vector<Column> cells;  ///< the other columns in table order, without generated ones
  /// How many of `cells` the triggers show: fewer where columns were added behind the engine's back.
  std::size_t shown_cells = 0;
  bool has_triggers = false;  ///< besides the engine's own
  /// Something other than its keys and NOT NULL can refuse a row, or compute what fails: a CHECK, an index with an
  /// expression, STRICT, a default that is no literal…
  bool may_refuse = true;

  [[nodiscard]] std::string shadow(std::string_view suffix) const { return name + std::string(suffix); }
  /// The index of a cell's column in `cells`, trying `guess` first; -1: there is none of that name.
  [[nodiscard]] int cell_index(std::string_view column, std::size_t guess = 0) const;
};

/// The statements of a table in the cache, by number. Those from kFirstOfColumn on exist once a column, side by side.
enum Purpose : std::uint32_t {
  kSelectClock,
  kSelectAnyClock,
  kStands,
  kLoadRow,
  kSelectKey,
  kInsertKey,
  kWriteCell,
  kInsertMerged,
  kZeroCells,
  kDropCells,
  kWriteNewRow,
  kReplaceNewRow,
  kTouchRow,
  kTouchCell,
  kRevive,
  kBury,
  kMaxVersion,
  kGatherChanges,
  kSortChanges,
  kScanByRow,
  kSelectRow,
  kShowRows,
  kEditedSince,
  kCountRows,
  kCreateRow,
  kDeleteRow,
  kInsertRow,
  kUpdateRow,
  kRestoreChanges,
  kRestoreOneChange,
  kSelectAdded,
  kFindRows,
  kLastKey,
  kMakeRows,
  kFindSentinels,
  kWriteNewRows,
  kReplaceNewRows,
  kReviveRows,
  kTouchColumn,
  kTouchCells,
  kTouchRows,
  kAddCells,
  kBuryRows,
  kDropCellsOfRows,
  kCheckRow,
  kCheckKeys,
  kCheckRows,
  kCheckRepeated,
  kFirstOfColumn,
};
enum ColumnPurpose : std::uint32_t { kUpdateCell, kInsertCell, kUpsertCell, kSelectCell, kPurposesOfColumn };
inline std::uint32_t purpose_of_column(std::size_t column, ColumnPurpose which) {
  return kFirstOfColumn + static_cast<std::uint32_t>(column) * kPurposesOfColumn + which;
}

/// The statements of no table (slot 0).
enum EnginePurpose : std::uint32_t {
  kSchemaVersion,
  kListCrrs,
  kListClocks,
  kReadMaster,
  kWriteMaster,
  kReadCursor,
  kWriteCursor,
  kJoinTransaction,
  kSelectOrdinal,
  kInsertSite,
  kSelectSite,
  kOwnSite,
  kHeldExists,
  kHoldChange,
  kHeldCells,
  kHeldOfCell,
  kHeldChange,
  kForgetHeld,
  kCountHeld,
};

class Catalogue {
 public:
  Catalogue(sqlite3* db, StatementCache& statements) : db_(db), statements_(statements) {}

  /// Brings the catalogue in line with the present schema; costs one small statement where it is. Where the schema has
  /// changed, the statement cache is cleared and `generation` moves on: Tables from before are of use only to those who
  /// hold them.
  ///
  /// `may_vanish`: inside a transaction whose rollback nobody would tell us about; then what is read serves only once.
  Status refresh(bool may_vanish);
  /// Makes the next refresh read everything anew: a schema that was rolled back may give its number to another one.
  void forget() { known_ = false; }
  [[nodiscard]] std::uint64_t generation() const { return generation_; }

  /// The CRR of exactly this name, with its columns read; null where there is none (or, with a bad `status`, where its
  /// columns could not be read).
  std::shared_ptr<const Table> find(std::string_view name, Status& status);

  /// The names of all CRRs, in order.
  [[nodiscard]] std::vector<std::string> names() const;
  /// All CRRs in order, with names and slots alone: what tells whether there is news must not read a thousand tables'
  /// columns.
  [[nodiscard]] std::vector<Table> outlines() const;
  [[nodiscard]] std::size_t size() const { return tables_.size(); }

  /// The tables that are no CRRs but have a clock table: CRRs that were dropped behind the engine's back.
  [[nodiscard]] const std::vector<std::string>& orphans() const { return orphans_; }

  /// Reads the columns of any table, CRR or not; `name` is matched as SQLite matches names and comes back as declared.
  Status describe(std::string_view name, Table& table) const;
  /// The same where it is fine that there is no such table.
  Status look_for(std::string_view name, Table& table, bool& there) const;

  /// Fine where the table can become a CRR, else an error that names it and the reason.
  Status check_eligible(const Table& table) const;
  /// The part of it that an altered CRR must still meet.
  Status check_altered(const Table& table) const;

 private:
  struct Entry {
    std::uint32_t slot = 0;
    std::size_t trigger_arguments = 0;  // of the call in the UPDATE trigger
    std::shared_ptr<const Table> table;
  };

  Status reload();
  Status read_columns(Table& table) const;
  Status read_triggers(Table& table) const;
  Status read_constraints(Table& table) const;
  Status list_crrs();
  Status list_orphans();

  sqlite3* db_;
  StatementCache& statements_;
  bool known_ = false;
  std::int64_t schema_version_ = 0;
  std::uint64_t generation_ = 0;
  std::map<std::string, Entry, std::less<>> tables_;
  std::vector<std::string> orphans_;
};

}  // namespace rejoin::internal

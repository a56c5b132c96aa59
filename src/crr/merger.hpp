// Merging one incoming change: check it, look up what is here, ask the merge rule, write the winner.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <rejoin/status.hpp>

#include "crr/base_writer.hpp"
#include "crr/clock.hpp"
#include "crr/merge_rule.hpp"

namespace rejoin::internal {

/// A change as a peer sent it; everything is borrowed.
struct IncomingChange {
  std::string_view table;
  ByteView pk;
  std::string_view column;
  ValueView value;
  std::int64_t column_version = 0;
  std::int64_t db_version = 0;
  ByteView site;                              ///< empty: this site
  std::optional<std::int64_t> causal_length;  ///< none: the row's present life
  std::int64_t seq = 0;
};

struct MergeReport {
  bool won = false;
  bool conflict = false;      ///< replica.hpp, Replica::merge
  bool half_written = false;  ///< it failed between the base table and the clocks: the transaction must not commit
};

class Merger {
 public:
  /// `sync_bit` is held at 1 while a statement of the merger writes a base table.
  Merger(sqlite3* db, StatementCache& statements, Catalogue& catalogue, Clock& clock, int& sync_bit)
      : db_(db), catalogue_(catalogue), clock_(clock), base_(db, statements, clock, sync_bit) {}

  /// Merges `change` inside the caller's transaction. `seen` as in Replica::merge. A Status that is not fine means that
  /// nothing was changed, unless the report says half_written.
  Status merge(const IncomingChange& change, std::int64_t seen, MergeReport& report);

  /// Many changes, one after another, each of which lives until end_batch(): rows of the base tables are gathered.
  /// Should a merge or end_batch() fail, all that was done since must be undone.
  Status begin_batch();
  Status end_batch(bool write, MergeReport& report);
  /// The same for changes that do not live on, and rows that nobody refuses: until turned off, which needs flush().
  void gather_willing_rows(bool on) {
    base_.gather(on ? BaseWriter::Gather::kWillingRows : BaseWriter::Gather::kNothing);
  }
  /// The base tables as they are to be; where it fails, the transaction must not commit.
  Status flush() { return base_.flush(); }
  /// What waits is not to be written.
  void drop() { base_.drop(); }
  /// See BaseWriter.
  bool half_written() { return base_.half_written(); }

  /// Winning changes since the count was last set to 0.
  std::int64_t& rows_impacted() { return rows_impacted_; }

  /// Equal values: the greater site id wins (crsql_config_set).
  void set_merge_equal_values(bool on) { merge_equal_values_ = on; }

 private:
  struct Context;

  static Status check_claims(const IncomingChange& change);
  Status check(Context& context);
  static Status check_column(const Context& context);
  Status prepare_key(Context& context);
  Status compare(Context& context, std::strong_ordering& order);
  Status compare_writers(const Context& context, std::int64_t local_site, std::strong_ordering& order);
  Status local_value(Context& context, ValueView& value);
  Status note_conflict(Context& context, MergeReport& report);
  Status apply(Context& context, Decision decision, MergeReport& report);
  Status write_base(Context& context, Decision decision);
  Status write_clocks(Context& context, Decision decision);
  Status end_life(Context& context, Decision decision, std::int64_t db_version);
  Status edited_since(Context& context, bool& edited);

  sqlite3* db_;
  Catalogue& catalogue_;
  Clock& clock_;
  BaseWriter base_;
  bool merge_equal_values_ = false;
  std::int64_t rows_impacted_ = 0;
};

}  // namespace rejoin::internal

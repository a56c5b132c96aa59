#include "crr/merger.hpp"

#include <cmath>
#include <limits>
#include <memory>

#include "crr/format.hpp"
#include "crr/packed_key.hpp"
#include "sqlite/error.hpp"
#include "sqlite/sql_text.hpp"

namespace rejoin::internal {

namespace {

std::strong_ordering order_bytes(ByteView a, ByteView b) {
  ValueView left;
  ValueView right;
  left.type = right.type = SQLITE_BLOB;
  left.bytes = a;
  right.bytes = b;
  return order_values(left, right);
}

Status out_of_bounds(const IncomingChange& change, const char* what, std::int64_t value) {
  return invalid("crsql_changes: table %n: %s %s is out of bounds", {change.table, what, value});
}

}  // namespace

/// One merge, while it runs.
struct Merger::Context {
  const IncomingChange& change;
  std::int64_t seen;
  std::shared_ptr<const Table> table;
  KeyValues key;
  std::vector<std::string> key_text;  // what key values were converted to
  bool is_sentinel = false;
  int cell = -1;  // index of the column; -1: the sentinel, or a column that the table lacks
  std::int64_t causal_length = 0;
  ValueView value;  // as the column will store it
  std::string value_text;
  LocalClock local;
  std::int64_t site = kOwnOrdinal;  // of the change; -1: not known here
  Lease local_row;                  // keeps the local value alive
  bool local_value_read = false;
  ValueView local_value;
};

Status Merger::check_claims(const IncomingChange& change) {
  if (change.column_version < 0 || change.column_version >= kVersionLimit) {
    return out_of_bounds(change, "col_version", change.column_version);
  }
  if (change.db_version < 0 || change.db_version >= kVersionLimit) {
    return out_of_bounds(change, "db_version", change.db_version);
  }
  const std::int64_t length = change.causal_length.value_or(1);
  if (length < 1 || length >= kVersionLimit) return out_of_bounds(change, "cl", length);
  if (change.seq < 0 || change.seq >= kSequenceLimit) return out_of_bounds(change, "seq", change.seq);
  if (change.site.size > kSiteIdSize) {
    return invalid("crsql_changes: table %n: site_id has %s bytes, at most 16 are allowed",
                   {change.table, change.site.size});
  }
  return {};
}

Status Merger::check(Context& context) {
  const IncomingChange& change = context.change;
  REJOIN_TRY(check_claims(change));
  if (const Status status = unpack(change.pk, context.key); !status.ok())
    return invalid("crsql_changes: table %n: pk: %s", {change.table, status.message()});
  Status status;
  context.table = catalogue_.find(change.table, status);
  REJOIN_TRY(std::move(status));
  if (context.table == nullptr) {
    return failure(ErrorCode::kUnknownSchema, "crsql_changes: table %n is not a CRR in this database", {change.table});
  }
  context.is_sentinel = change.column == kSentinel;
  if (!context.is_sentinel) context.cell = context.table->cell_index(change.column);
  return prepare_key(context);
}

/// A life that is over, here or by this change, takes its cells along, whichever columns they had.
Status Merger::check_column(const Context& context) {
  const bool deletes = (context.causal_length & 1) == 0;
  const bool over = context.causal_length < context.local.causal_length;
  if (context.is_sentinel || context.cell >= 0 || deletes || over) return {};
  return failure(ErrorCode::kUnknownSchema, "crsql_changes: table %n has no column %n",
                 {context.change.table, context.change.column});
}

Status Merger::prepare_key(Context& context) {
  const Table& table = *context.table;
  if (context.key.size() != table.keys.size()) {
    return invalid("crsql_changes: table %n: pk: %s values for %s key columns",
                   {table.name, context.key.size(), table.keys.size()});
  }
  context.key_text.resize(table.keys.size());
  for (std::size_t i = 0; i < table.keys.size(); ++i) {
    ValueView& value = context.key[i];
    if (const int code = apply_affinity(db_, table.keys[i].affinity, value, context.key_text[i]); code != SQLITE_OK) {
      return sqlite_error(db_, code, "converting a key");
    }
    if (value.type == SQLITE_NULL || (value.type == SQLITE_FLOAT && std::isnan(value.real))) {
      return invalid("crsql_changes: table %n: pk: key column %n is NULL", {table.name, table.keys[i].name});
    }
  }
  return {};
}

Status Merger::merge(const IncomingChange& change, std::int64_t seen, MergeReport& report) {
  report = {};
  Context context{change, seen, {}, {}, {}, false, -1, 0, change.value, {}, {}, kOwnOrdinal, {}, false, {}};
  REJOIN_TRY(check(context));
  const Table& table = *context.table;
  REJOIN_TRY(clock_.look_up(context.table, change.pk, context.key, change.column, context.cell, context.local));
  REJOIN_TRY(clock_.ordinal_of(change.site, false, context.site));
  if (change.causal_length.has_value()) {
    context.causal_length = *change.causal_length;
  } else if (context.is_sentinel) {
    context.causal_length = change.column_version;
    if (context.causal_length < 1) return invalid("crsql_changes: a sentinel without cl has col_version 0");
  } else if (context.local.causal_length != 0 && (context.local.causal_length & 1) == 0) {
    return {};  // no life is named, and the row is dead here
  } else {
    context.causal_length = std::max<std::int64_t>(context.local.causal_length, 1);
  }
  REJOIN_TRY(check_column(context));
  if (context.cell >= 0) {
    const Affinity affinity = table.cells[static_cast<std::size_t>(context.cell)].affinity;
    if (const int code = apply_affinity(db_, affinity, context.value, context.value_text); code != SQLITE_OK) {
      return sqlite_error(db_, code, "converting a value");
    }
    if (context.value.type == SQLITE_FLOAT && std::isnan(context.value.real)) context.value.type = SQLITE_NULL;
  }
  Status status;
  const CellState cell{context.local.has_cell, context.local.column_version};
  const Decision decision =
      decide(context.local.causal_length, cell, context.causal_length, context.is_sentinel, change.column_version, [&] {
        std::strong_ordering order = std::strong_ordering::equal;
        status = compare(context, order);
        return order;
      });
  REJOIN_TRY(std::move(status));
  if (seen != std::numeric_limits<std::int64_t>::max()) REJOIN_TRY(note_conflict(context, report));
  context.local_row.release();
  if (decision == Decision::kIgnore) return {};
  status = apply(context, decision, report);
  clock_.keep_row();
  REJOIN_TRY(std::move(status));
  report.won = true;
  // A cell that brings its row into a later life counts as two: the life, and the cell.
  rows_impacted_ += decision == Decision::kNewLifeCell ? 2 : 1;
  return {};
}

Status Merger::begin_batch() {
  REJOIN_TRY(base_.flush());
  base_.gather(BaseWriter::Gather::kAllRows);
  return {};
}

Status Merger::end_batch(bool write, MergeReport& report) {
  Status status = write ? base_.flush() : Status();
  base_.drop();
  base_.gather(BaseWriter::Gather::kNothing);
  report.half_written = base_.half_written();
  return status;
}

Status Merger::compare(Context& context, std::strong_ordering& order) {
  order = std::strong_ordering::equal;
  if (context.cell < 0 || (context.causal_length & 1) == 0) {
    if (!merge_equal_values_ || !context.local.has_sentinel) return {};
    return compare_writers(context, context.local.sentinel_site, order);
  }
  ValueView local;
  REJOIN_TRY(local_value(context, local));
  order = order_values(context.value, local);
  if (order != 0 || !merge_equal_values_) return {};
  return compare_writers(context, context.local.cell_site, order);
}

Status Merger::compare_writers(const Context& context, std::int64_t local_site, std::strong_ordering& order) {
  Bytes own;
  ByteView incoming = context.change.site;
  if (incoming.size == 0) {
    REJOIN_TRY(clock_.own_site(own));
    incoming = {own.data(), own.size()};
  }
  ByteView local;
  REJOIN_TRY(clock_.site_of(local_site, local));
  order = order_bytes(incoming, local);
  return {};
}

Status Merger::local_value(Context& context, ValueView& value) {
  if (!context.local_value_read) {
    const BaseRow row{context.table, context.key, context.change.pk, context.change.column};
    REJOIN_TRY(base_.select(row, static_cast<std::size_t>(context.cell), context.local_row));
    Status status;
    if (context.local_row.step(status, "reading a cell"))
      context.local_value = ValueView::of_column(context.local_row.get(), 0);
    REJOIN_TRY(std::move(status));
    context.local_value_read = true;
  }
  value = context.local_value;
  return {};
}

Status Merger::note_conflict(Context& context, MergeReport& report) {
  const LocalClock& local = context.local;
  if (local.causal_length == 0) return {};
  const bool alive_here = (local.causal_length & 1) != 0;
  if (context.causal_length == local.causal_length) {
    if (context.cell < 0 || !local.has_cell || local.cell_db_version <= context.seen || local.cell_site == context.site)
      return {};
    ValueView value;
    REJOIN_TRY(local_value(context, value));
    report.conflict = order_values(context.value, value) != 0;
    return {};
  }
  if (context.causal_length > local.causal_length) {
    return alive_here ? edited_since(context, report.conflict) : Status();
  }
  const bool edit = context.cell >= 0 && context.change.column_version > 1;
  report.conflict =
      edit && !alive_here && local.sentinel_db_version > context.seen && local.sentinel_site != context.site;
  return {};
}

Status Merger::edited_since(Context& context, bool& edited) {
  REJOIN_TRY(clock_.write_merged());
  std::int64_t row = 0;
  REJOIN_TRY(clock_.known_key_of(*context.table, context.key, row));
  return clock_.edited_since(*context.table, row, context.seen, context.site, edited);
}

Status Merger::apply(Context& context, Decision decision, MergeReport& report) {
  // The base table first: one statement that does all or nothing, and that an application's constraint or trigger may
  // refuse. What fails after it is SQLite's own trouble and spoils the transaction.
  if (decision != Decision::kSentinel) {
    Status status = write_base(context, decision);
    report.half_written = base_.half_written();
    REJOIN_TRY(std::move(status));
  }
  report.half_written = true;  // also where something is thrown
  const sqlite3_int64 rowid = sqlite3_last_insert_rowid(db_);
  Status status = write_clocks(context, decision);
  sqlite3_set_last_insert_rowid(db_, rowid);
  report.half_written = !status.ok();
  return status;
}

Status Merger::write_base(Context& context, Decision decision) {
  const BaseRow row{context.table, context.key, context.change.pk, context.change.column};
  switch (decision) {
    case Decision::kDelete:
      return base_.remove(row);
    case Decision::kStartLife:
      return base_.create(row);
    default:
      return base_.write(row, static_cast<std::size_t>(context.cell), context.value,
                         (context.local.causal_length & 1) != 0, context.value_text.empty());
  }
}

Status Merger::write_clocks(Context& context, Decision decision) {
  const Table& table = *context.table;
  const IncomingChange& change = context.change;
  Stamp stamp;
  stamp.seq = change.seq;
  REJOIN_TRY(clock_.ordinal_of(change.site, true, stamp.site));
  REJOIN_TRY(clock_.next_version(std::min(change.db_version, kVersionReach), stamp.db_version));
  const bool lives_on = decision == Decision::kCell || decision == Decision::kFirstCell;
  if (!lives_on) {
    const bool ends_life = decision != Decision::kSentinel && context.local.causal_length != 0;
    if (decision == Decision::kDelete || ends_life) REJOIN_TRY(end_life(context, decision, stamp.db_version));
    REJOIN_TRY(clock_.store(table, change.pk, context.key, -1, context.causal_length, stamp));
  }
  if (!lives_on && decision != Decision::kNewLifeCell) return {};
  return clock_.store(table, change.pk, context.key, context.cell, change.column_version, stamp);
}

/// The clocks of the cells go, or (where the row lives again) fall to 0.
Status Merger::end_life(Context& context, Decision decision, std::int64_t db_version) {
  REJOIN_TRY(clock_.write_merged());
  std::int64_t row = 0;
  REJOIN_TRY(clock_.known_key_of(*context.table, context.key, row));
  return decision == Decision::kDelete ? clock_.drop_cells(*context.table, row)
                                       : clock_.zero_cells(*context.table, row, db_version);
}

}  // namespace rejoin::internal

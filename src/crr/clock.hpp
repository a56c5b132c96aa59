// Clock rows, key rows, versions and sequence numbers: the only code that spells a shadow table.
//
// Statements here run inside a transaction that the caller has joined (engine.hpp). They do not undo what an earlier
// one of them did: a caller that writes the base table first and the clocks last leaves nothing half done, since what
// can make the second fail (a full disk, no memory) makes SQLite roll back the transaction itself.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <rejoin/status.hpp>

#include "crr/catalogue.hpp"
#include "crr/row_cache.hpp"
#include "crr/row_list.hpp"

namespace rejoin::internal {

using KeyValues = std::vector<ValueView>;

inline void bind_key(Lease& lease, const KeyValues& key) {
  for (std::size_t i = 0; i < key.size(); ++i) lease.bind(static_cast<int>(i) + 1, key[i]);
}

/// A value in crsql_master, as a number and as a text.
struct MasterValue {
  std::int64_t integer = 0;
  std::string text;
};

/// Where a clock row says that it was written.
struct Stamp {
  std::int64_t db_version = 0;
  std::int64_t seq = 0;
  std::int64_t site = 0;  ///< ordinal
};

/// What is recorded here about one row, and about one cell of it.
struct LocalClock {
  std::int64_t key = 0;            ///< __crsql_key; 0: no key row
  std::int64_t causal_length = 0;  ///< 0: unknown
  bool has_cell = false;
  std::int64_t column_version = 0;  ///< of the cell, where it has a clock row
  std::int64_t cell_db_version = 0;
  std::int64_t cell_site = 0;
  bool has_sentinel = false;
  std::int64_t sentinel_db_version = 0;
  std::int64_t sentinel_site = 0;
};

/// The counters of one transaction; a copy of it is all that a savepoint needs to go back.
struct Counters {
  std::int64_t pending_version = 0;  ///< the version given out last in this transaction; 0: none yet
  std::int64_t stored_version = 0;   ///< the highest under which something was stored
  std::int64_t next_seq = 0;
};

/// What crsql_internal_clocks shows at the moment (clocks_table.hpp): rows of one table with their unwritten clocks.
struct MergedClocks {
  RowCache::Rows::iterator first;
  RowCache::Rows::iterator last;
  const std::vector<std::uint32_t>* order = nullptr;  ///< the table's cells, by name: the order of the clock table
};

class Clock {
 public:
  Clock(sqlite3* db, StatementCache& statements, Catalogue& catalogue)
      : db_(db), statements_(statements), catalogue_(catalogue) {}

  // --- versions ---

  /// Whether the bookkeeping tables exist: a read-only database may have none, and then nothing is recorded in it.
  void set_storage(bool exists) { has_storage_ = exists; }
  /// Brings what is remembered of the file in line with it, after Catalogue::refresh; costs nothing where no one has
  /// committed.
  Status refresh();
  /// The highest version that is committed.
  Status committed_version(std::int64_t& version);
  /// The version for this transaction's next write, at least `at_least`.
  Status next_version(std::int64_t at_least, std::int64_t& version);
  Counters& counters() { return counters_; }
  /// The transaction has ended: what was pending is committed, or gone.
  void committed();
  void rolled_back();
  /// A transaction goes on of whose end nothing will be heard unless it is joined again. Until an end is heard, nothing
  /// is remembered, and what it has stored counts as committed.
  void lost_track();
  /// A savepoint was rolled back to: what the caches took from rows written since is in doubt.
  void forget_written();
  /// True where what was merged must be written before the next look_up(): the schema has changed.
  [[nodiscard]] bool outdated() const { return cache_.outdated(); }

  /// A value in crsql_master; 0 and empty where it has no row of that name.
  Status read_master(std::string_view name, MasterValue& value);
  Status write_master(std::string_view name, const ValueView& value);
  Status write_master(std::string_view name, std::int64_t value);
  /// The version of a peer that is merged here, in crsql_tracked_peers; 0: none.
  Status read_cursor(ByteView site, std::int64_t& version);
  Status write_cursor(ByteView site, std::int64_t version);
  /// Moves on whenever what was read from the file may not hold any more: someone else has committed, or something was
  /// rolled back.
  [[nodiscard]] std::uint64_t epoch() const { return epoch_; }

  /// The highest version in the table's clock rows; 0: none.
  Status max_version(const Table& table, std::int64_t& version);
  /// The highest version in any clock table, committed or not.
  Status max_version(std::int64_t& version);

  // --- sites ---

  Status own_site(Bytes& site);
  /// Gives this database a new site id; what it has written stays attributed to the old one.
  Status renew_site(const Bytes& site);
  /// The ordinal of a site; made where `make`, else -1 where it is unknown. Empty: this site.
  Status ordinal_of(ByteView site, bool make, std::int64_t& ordinal);
  /// The site of an ordinal. The bytes live until the next call that changes the cache.
  Status site_of(std::int64_t ordinal, ByteView& site);

  // --- rows ---

  // Merging. What is written so may wait in memory, where the transaction is joined: look_up() and store() know of it,
  // everything else here needs write_merged() before it.

  /// What is recorded about the row and, unless `column` is the sentinel, its cell. `pk` is the key as it came packed;
  /// `cell` is the column's index, -1 for the sentinel and for what the table lacks.
  Status look_up(const std::shared_ptr<const Table>& table, ByteView pk, const KeyValues& key, std::string_view column,
                 int cell, LocalClock& local);
  /// The clock row of a cell, or (`cell` -1) the sentinel, of the row that was looked up last, is to be this.
  Status store(const Table& table, ByteView pk, const KeyValues& key, int cell, std::int64_t version,
               const Stamp& stamp);
  /// True where the clock tables lack something that was merged.
  [[nodiscard]] bool unwritten() const { return cache_.unwritten(); }
  /// Writes it, and tells the table that was written to last, if any was. A failure leaves it half done: the
  /// transaction must not commit.
  Status write_merged(std::shared_ptr<const Table>* last_written = nullptr);
  /// What was written since is known to the clock.
  void keep_row() { total_changes_ = sqlite3_total_changes64(db_); }
  /// An INSERT INTO crsql_changes will count this row as its own.
  void expect_change() { ++outer_changes_; }
  /// Whether merges may wait: only in a transaction whose end will be heard.
  void set_joined(bool joined) { joined_ = joined; }
  [[nodiscard]] bool joined() const { return joined_; }
  /// While it lives what was merged stays unwritten, whatever savepoints a statement of the merger makes SQLite tell us
  /// of.
  class Aside {
   public:
    explicit Aside(Clock& clock) : clock_(clock), before_(clock.aside_), doings_(clock.doings_) { clock.aside_ = true; }
    Aside(const Aside&) = delete;
    Aside& operator=(const Aside&) = delete;
    ~Aside() { clock_.aside_ = before_; }
    /// Nothing was merged or written meanwhile.
    [[nodiscard]] bool steady() const { return clock_.doings_ == doings_; }

   private:
    Clock& clock_;
    bool before_;
    std::uint64_t doings_;
  };
  [[nodiscard]] bool aside() const { return aside_; }
  const MergedClocks& merged() const { return merged_; }

  /// The row's key row, made where there is none (`fresh`).
  Status key_of(const Table& table, const KeyValues& key, std::int64_t& row, bool& fresh);
  /// The same where there is one, as a rule.
  Status known_key_of(const Table& table, const KeyValues& key, std::int64_t& row);

  Status write_cell(const Table& table, std::int64_t row, std::string_view column, std::int64_t version,
                    const Stamp& stamp);
  Status zero_cells(const Table& table, std::int64_t row, std::int64_t db_version);
  Status drop_cells(const Table& table, std::int64_t row);

  /// A row that was never seen: a clock row of col_version 1 for each cell (a sentinel where there are no cells),
  /// taking seqs.
  Status write_new_row(const Table& table, std::int64_t row, std::int64_t db_version);
  // What follows counts up what a local write counts up, and fails where that would leave the bounds within which peers
  // take it.

  /// An insert over what is known: the sentinel, if any, moves to the next life; every cell counts one up.
  Status write_again(const Table& table, std::int64_t row, std::int64_t db_version);
  /// One cell was written: its col_version counts one up, from 0.
  Status touch_cell(const Table& table, std::int64_t row, std::string_view column, std::int64_t db_version);
  /// All cells of the row were written.
  Status touch_row(const Table& table, std::int64_t row, std::int64_t db_version);
  /// The row was deleted: its sentinel moves to the next even number, its cells' clock rows go.
  Status bury(const Table& table, std::int64_t row, std::int64_t db_version);

  // --- many rows at once (clock_bulk.cpp): those of list(), which the caller fills and empties ---

  RowList& list() { return list_; }

  /// Gives each listed row the number of its key row, which there is, as a rule.
  Status find_rows(const Table& table);
  /// The same for rows of which no two have one key; makes key rows where there are none, as a rule.
  Status make_rows(const Table& table);
  /// Finds out which of the listed rows, which are numbered, have a sentinel.
  Status find_sentinels(const Table& table);
  // write_new_row, write_again, touch_cell and bury for each listed row, which are numbered and have their seqs. No row
  // is listed twice, and they are in the order of their numbers. Where `count` is not 0, the last statement changes so
  // many clock rows, if there are as many.
  Status write_new_rows(const Table& table, std::int64_t db_version, std::int64_t count);
  Status write_rows_again(const Table& table, std::int64_t db_version, std::int64_t count);
  Status touch_rows(const Table& table, std::int64_t db_version, std::int64_t count);
  Status bury_rows(const Table& table, std::int64_t db_version);
  /// touch_rows for rows of which some are listed more than once, in the order of the writes.
  Status touch_rows_repeatedly(const Table& table, std::int64_t db_version);

  /// Lends a walk over the clock rows of each row that has news since version `first`, in (version, key) order. They
  /// are shown to the function kGatherFunction (?2: what it is to fill), and a step ends where that says so.
  Status gather_changes(const Table& table, std::int64_t first, Lease& lease);
  /// Lends a walk over the clock rows of one version in (seq, key, col_name) order: key, col_name, col_version, site,
  /// seq, causal length.
  Status sort_changes(const Table& table, std::int64_t version, Lease& lease);
  /// Lends a walk over all clock rows in (key, col_name) order: key, col_name, col_version, db_version, site, seq.
  Status scan_by_row(const Table& table, Lease& lease);
  /// Lends the statement that shows one row (?1: key): sentinel (or NULL), the key columns, whether the base table has
  /// the row, the cells.
  Status select_row(const Table& table, Lease& lease);
  /// Lends a statement that shows, with each step, the row whose number `key` has then: whether it has a key row, the
  /// key columns, whether the base table has the row, the cells. It never ends.
  Status show_rows(const Table& table, std::int64_t* key, Lease& lease);
  /// Whether the clock row of the row's `column` is the one that was stored under this version and seq.
  Status stands(const Table& table, std::int64_t row, std::string_view column, std::int64_t db_version,
                std::int64_t seq, bool& stands);
  /// How many rows this connection has written so far.
  [[nodiscard]] std::int64_t writes() const { return sqlite3_total_changes64(db_); }
  /// Whether a cell of the row was edited, not only created, under a version above `since` by another site than `site`.
  Status edited_since(const Table& table, std::int64_t row, std::int64_t since, std::int64_t site, bool& edited);

  /// How many rows are alive and how many deleted ones are remembered.
  Status count_rows(const Table& table, std::int64_t& alive, std::int64_t& deleted);

  /// Makes changes() of the connection `count` again, by writing the clock row of `table` that was written last over
  /// itself so often. SQLite has no call for it, and COMMIT, inside which the log is written, does not set it anew.
  Status restore_changes(const Table& table, std::int64_t count);

 private:
  struct Writing;

  Status lend(const Table& table, Purpose purpose, const char* sql, Lease& lease);
  /// Runs a statement that counts up `column` of `row`, or (empty) all of its cells; says so where one is at its end.
  Status count(const Table& table, std::int64_t row, std::string_view column, Lease& lease);
  Status explain(const Table& table, std::int64_t row, std::string_view column, Status status);
  void stored(const Table& table, std::int64_t version, std::int64_t row, std::string_view column);
  bool undisturbed();
  Status write_merged_of(const Table& table, RowCache::Rows::iterator first, RowCache::Rows::iterator last);
  Status insert_merged(const Table& table, RowCache::Rows::iterator first, RowCache::Rows::iterator last);
  Status write_clock(const Table& table, std::int64_t row, std::string_view column, const CachedClock& clock);
  Status number_merged(const Table& table, RowCache::Rows::iterator first, RowCache::Rows::iterator last);
  void forget_read();
  void note_version(const Table& table, std::int64_t version);
  Status look_up_cell(const Table& table, const KeyValues& key, std::string_view column, LocalClock& local);
  Status load_row(const Table& table, const KeyValues& key, CachedRow& row);
  Status find_key(const Table& table, const KeyValues& key, std::int64_t& row);
  Status count_listed(const Table& table, std::string_view column, Lease& lease);
  void stored_last_listed(const Table& table, std::int64_t db_version);
  Status write_new_listed(const Table& table, std::int64_t db_version);
  Status touch_listed(const Table& table, std::int64_t db_version);
  Status in_two(Status (Clock::*write)(const Table&, std::int64_t), const Table& table, std::int64_t db_version,
                std::int64_t count);
  Status read_data_version(unsigned& version) const;
  Status read_max_version(const Table& table, std::int64_t& version);

  static constexpr std::int64_t kUnread = -1;

  sqlite3* db_;
  StatementCache& statements_;
  Catalogue& catalogue_;
  Counters counters_;
  RowList list_;
  RowCache cache_;
  MergedClocks merged_;
  Bytes key_;  // scratch
  bool joined_ = false;
  bool aside_ = false;
  std::uint64_t doings_ = 0;        // how often something was merged or written
  bool writing_ = false;            // write_merged() is at work
  std::int64_t total_changes_ = 0;  // of the connection, when the cache was right
  std::int64_t outer_changes_ = 0;  // what statements on crsql_changes will add to it
  std::int64_t last_row_ = 0;       // the clock row that was written last
  std::string last_column_;

  bool has_storage_ = false;
  bool committed_known_ = false;
  bool track_lost_ = false;
  unsigned data_version_ = 0;  // of the pager, when what follows was read
  std::uint64_t generation_ = 0;
  std::uint64_t epoch_ = 0;
  std::int64_t committed_version_ = 0;
  std::vector<std::int64_t> max_versions_;                     // by table slot; kUnread: not read yet
  std::int64_t max_version_ = kUnread;                         // of all tables
  std::map<std::string, std::int64_t, std::less<>> ordinals_;  // by site id
  std::map<std::int64_t, Bytes> sites_;
  Bytes own_site_;
};

}  // namespace rejoin::internal

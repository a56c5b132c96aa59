/// @file
/// A replica seen from C++: read its changes, merge another's, keep the peers' cursors, compare.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <rejoin/export.h>
#include <rejoin/change.hpp>
#include <rejoin/change_stream.hpp>
#include <rejoin/status.hpp>
#include <rejoin/watcher.hpp>

struct sqlite3;

namespace rejoin {

/// What became of one merged change.
struct MergeOutcome {
  bool won = false;       ///< it was written; false: what is here already outranks it, or it is here already
  bool conflict = false;  ///< see Replica::merge
};

/// What became of a batch of merged changes.
struct MergeSummary {
  std::int64_t won = 0;        ///< how many were written
  std::int64_t conflicts = 0;  ///< how many met a conflict, see Replica::merge
  /// The highest version that this transaction has stored something under so far; 0: none. What was won is stored
  /// under versions above Replica::db_version() as it was before, up to this one.
  std::int64_t db_version = 0;
};

/// A CRR and how much it holds.
struct TableSummary {
  std::string name;             ///< the table's name
  std::int64_t rows = 0;        ///< rows alive
  std::int64_t tombstones = 0;  ///< deleted rows that are remembered
};

/// A 128-bit digest, most significant half first.
struct Digest {
  std::uint64_t high = 0;  ///< the first 64 bits
  std::uint64_t low = 0;   ///< the last 64 bits
  /// Equal exactly when the replicas are.
  friend bool operator==(const Digest&, const Digest&) = default;
};

/// Something in the shadow tables that does not fit together (Replica::check).
struct Fault {
  std::string table;  ///< the CRR; or the table of the engine's own
  Blob pk;            ///< the row's packed key; empty: the fault is of no row whose key is known
  std::string text;   ///< what is wrong, for a person
};

/// The engine on one connection. A Replica borrows the connection, unless it has opened it: it must be gone before the
/// connection is closed, and it may be used only where the connection may (one thread at a time; another thread takes a
/// connection of its own to the same file). Several Replicas of one connection are fine, and so are copies: all state
/// is the connection's.
///
/// None of these calls begins or commits a transaction that is still open when it returns: inside one of the caller's
/// they belong to it, else each call that writes is one of its own. Whatever fails leaves the database as it was before
/// the call, and a transaction of the caller's open, unless SQLite has rolled that back by itself (a full disk, no
/// memory, RAISE(ROLLBACK)).
///
/// Each call that fails can do so with what SQLite says: kBusy (another connection holds the lock that is needed, for
/// longer than the connection's busy timeout), kReadOnly, kNoMemory, kCorrupt, or kSqlite for all else, such as a
/// constraint or a trigger of the application's that refuses a merged row. What else there is, is said with the call.
/// Read-only connections read, where the file is a replica already, and fail with kReadOnly where they should write.
class REJOIN_API Replica {
 public:
  /// Attaches the engine to `db` if it is not yet there, with what rejoin::attach says of it.
  static Result<Replica> on(sqlite3* db) noexcept;

  /// Opens the database file `path` (UTF-8; ":memory:" for one in memory), which is made if it is not there, and
  /// attaches the engine. The connection waits up to five seconds for another one's lock, and is closed with the last
  /// copy of the Replica: streams and watchers must be gone before that.
  static Result<Replica> open(const std::string& path) noexcept;

  /// The connection, for SQL; never null. Whoever opened it closes it.
  [[nodiscard]] sqlite3* connection() const noexcept;

  /// This database's site id: 16 random bytes, made once in a file's life (but see renew_site_id()).
  Result<Blob> site_id() const noexcept;

  /// The highest version committed here; 0 when nothing was ever recorded. It goes up with each transaction that
  /// changes a CRR, by hand or by a merge, and never down.
  Result<std::int64_t> db_version() const noexcept;

  /// Makes `table` a CRR, as crsql_as_crr does: shadow tables and triggers beside it, and its rows recorded as written
  /// here now, which takes time in proportion to them. A CRR already: nothing, and no lock is waited for. kNotEligible
  /// with the reason where the table is declared as no CRR can be (no primary key, another unique index, …);
  /// kInvalidArgument where there is no such table.
  Status make_crr(std::string_view table) noexcept;

  /// The names of the CRRs. Counts nothing.
  Result<std::vector<std::string>> tables() const noexcept;

  /// The CRRs and how much they hold. Walks every clock table.
  Result<std::vector<TableSummary>> summaries() const noexcept;

  /// Calls `visit` for each change stored here under a version above `since`, in (db_version, seq) order, leaving out
  /// those that the site `not_from` wrote (empty: none). The Change lives until `visit` returns; a failed Status from
  /// it ends the walk and is returned. Memory does not grow with the number of changes. Begin a transaction first where
  /// the walk and db_version() must see the same state. `visit` must not write to this connection; another one, of
  /// another file, is free.
  Status visit_changes(std::int64_t since, const Blob& not_from,
                       const std::function<Status(const Change&)>& visit) const noexcept;

  /// The same in pieces, and from any place: a stream of the changes behind `after`. The Replica may go before it, the
  /// connection not.
  Result<ChangeStream> changes_after(const Cursor& after, const Blob& not_from = {}) const noexcept;

  /// Watches for rows that change from now on.
  Result<Watcher> watch() const noexcept;

  /// Watches for rows that have changed since the place that another watcher had come to (Watcher::cursor).
  Result<Watcher> watch(const Cursor& after) const noexcept;

  /// Has `call` called after each commit of this connection that wrote to a CRR, for as long as the connection is open
  /// or until forget_commit() of the number that is returned. It is called from within SQLite's commit, by the thread
  /// that commits: it may note that there is news, or wake someone, and must neither use the connection nor throw.
  /// Several may be there, and they outlive the Replica. It takes no hook of SQLite's.
  Result<std::int64_t> on_commit(std::function<void()> call) noexcept;

  /// Ends what on_commit() began; a number that it did not return, or that was ended: nothing. `call` may say it of
  /// itself.
  void forget_commit(std::int64_t listener) noexcept;

  /// How many changes visit_changes would visit. Walks them.
  Result<std::int64_t> count_changes(std::int64_t since, const Blob& not_from) const noexcept;

  /// Merges one change, as an INSERT into crsql_changes does. Any order, any number of times, gives the same end.
  /// kUnknownSchema where the table or the column is no CRR's here (unless such changes are held: held_changes());
  /// kInvalidArgument for a malformed key or a number out of bounds.
  ///
  /// `seen_by_sender` is the highest db_version of *this* database whose changes the sender had already merged (its
  /// cursor for this site). What was written here later, by another site than the change's, the sender cannot have
  /// known: where such a cell holds another value, or such a row another life, MergeOutcome::conflict is true. The
  /// default asks for no such account and saves its cost.
  Result<MergeOutcome> merge(const Change& change,
                             std::int64_t seen_by_sender = std::numeric_limits<std::int64_t>::max()) noexcept;

  /// Merges `changes` one after another, all of them or, where one fails, none; the error names it by its place, or,
  /// where the table itself (a CHECK, say) refuses a row as which several changes were written, by its row. The end is
  /// the same as that of merging each for itself, but a row whose changes follow one another is written once, which is
  /// faster; update hooks hear of it once. (Where the table has triggers of the
  /// application's, each cell is written as by the call for one change.) Beyond SQLite's page cache it takes about 1 MB
  /// of memory, whatever the size of the batch, and twice the row that is written.
  Result<MergeSummary> merge(std::span<const Change> changes,
                             std::int64_t seen_by_sender = std::numeric_limits<std::int64_t>::max()) noexcept;

  /// The version of the peer `site` up to which its changes are merged here, as set_cursor() or networking code of
  /// cr-sqlite's wrote it (crsql_tracked_peers, tag 0, event 0); 0: none.
  Result<std::int64_t> cursor(const Blob& site) const noexcept;

  /// Notes that the changes of the peer `site` (its site id, 16 bytes) are merged here up to its db_version `version`.
  /// Merging does not do that by itself. In one transaction with the merge, the two cannot come apart.
  Status set_cursor(const Blob& site, std::int64_t version) noexcept;

  /// Whether a transaction is open on the connection.
  [[nodiscard]] bool in_transaction() const noexcept;

  /// Runs `work` in one transaction: all that it does to this connection becomes part of the database, or, where it
  /// returns a failed Status or throws, nothing. Inside a transaction of the caller's it is a part of that, undone by
  /// itself. `work` must leave transactions as it finds them. Returns what `work` returned, or why that could not be
  /// kept.
  Status in_transaction(const std::function<Status()>& work) noexcept;

  /// What set_note() wrote under `name`; empty: nothing.
  Result<std::string> note(std::string_view name) const noexcept;

  /// Keeps `text` in the database under `name`, in crsql_master: for what networking code must remember of a peer in
  /// one transaction with what it merged. Any bytes will do. Notes are not synced. Names that begin with `sync.` and
  /// `vlcn.` are the library's own.
  Status set_note(std::string_view name, std::string_view text) noexcept;

  /// How many changes are held for tables and columns that this database does not have yet; 0 unless it was told to
  /// hold them, with crsql_config_set('unknown-schema', 'hold').
  Result<std::int64_t> held_changes() const noexcept;

  /// Gives a copied database file a site id of its own, which it returns: two files of one site id that are both
  /// written to lose writes when they meet. What the file holds stays attributed to the old one. Call it before the
  /// copy is written to.
  Result<Blob> renew_site_id() noexcept;

  /// A digest of all CRRs, or of one, that is equal exactly when the replicas hold the same rows with the same clocks
  /// (docs/merge.md, "Digest"). Independent of the order of rows and of who wrote what under which db_version. Reads
  /// every row. A `table` that is no CRR, or not spelled as it was created, holds nothing: Digest().
  Result<Digest> digest(std::string_view table = {}) const noexcept;

  /// Verifies the shadow tables against the tables (docs/storage-format.md, "What must hold"), open transaction
  /// included. Returns every fault; none: they fit together. Writes nothing, and takes work in proportion to the rows.
  Result<std::vector<Fault>> check() const noexcept;

 private:
  explicit Replica(internal::Engine& engine) : engine_(&engine) {}
  std::shared_ptr<sqlite3> opened_;
  internal::Engine* engine_;
};

}  // namespace rejoin

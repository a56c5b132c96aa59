// What the triggers of CRRs tell: an append-only log in memory of the application's writes, written to the clocks when
// the transaction commits (or earlier, when someone must see them).
//
// Writing clock rows from inside a trigger would copy every page that they touch into SQLite's statement journal; a log
// avoids that and lets the clocks of many rows go in with one statement. Statement and savepoint rollbacks cut the log
// back.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <rejoin/status.hpp>

#include "crr/clock.hpp"
#include "crr/stretch.hpp"

namespace rejoin::internal {

class LocalRecorder {
 public:
  LocalRecorder(sqlite3* db, StatementCache& statements, Catalogue& catalogue, Clock& clock)
      : db_(db), statements_(statements), catalogue_(catalogue), clock_(clock), stretch_(clock) {}

  // What a trigger saw. `keys` and `cells` are the function's arguments; a NULL key column is an error that names it.
  Status inserted(const std::shared_ptr<const Table>& table, sqlite3_value** keys);
  Status deleted(const std::shared_ptr<const Table>& table, sqlite3_value** keys);
  /// `count` cells as the trigger knows them.
  Status updated(const std::shared_ptr<const Table>& table, sqlite3_value** new_keys, sqlite3_value** old_keys,
                 sqlite3_value** new_cells, sqlite3_value** old_cells, std::size_t count);

  /// True where the log holds what the clocks do not.
  [[nodiscard]] bool pending() const { return written_ < events_.size(); }
  /// True where the log is so long that it should be written before the commit.
  [[nodiscard]] bool full() const { return keys_.size() + events_.size() * sizeof(Event) > kFull; }

  /// Writes what is merged and not yet written, and then the log, to the clocks. last_insert_rowid() and changes() of
  /// the connection stay what they are. After a failure the transaction can only be rolled back: every later write()
  /// fails too, until then.
  Status write();
  /// The same for what merges have left to be written alone, and not for the log, which is younger.
  Status write_merged(bool in_statement);

  /// Marks the transaction as one that must not commit: something of the engine's was left half written in it.
  void fail(const Status& status) { failure_ = status; }
  [[nodiscard]] const Status& failure() const { return failure_; }

  /// A merge has written the row with this key in a table whose triggers do not show all columns.
  Status merged(const Table& table, ByteView key);

  /// The tables whose triggers do not know all of their columns; taking them empties the list.
  [[nodiscard]] bool outdated() const { return !outdated_.empty(); }
  std::set<std::string> take_outdated() { return std::move(outdated_); }

  /// A transaction begins; `in_begin`: the application has opened it, rather than a statement of its own.
  void begin(bool in_begin) { in_begin_ = in_begin; }
  // SQLite's savepoints, by its numbers.
  void savepoint(int number);
  void release(int number);
  void rollback_to(int number);
  /// The transaction has ended.
  void clear();

 private:
  static constexpr std::size_t kFull = std::size_t{32} << 20;
  static constexpr std::size_t kWorthListing = 3;    // fewer events are written one by one
  static constexpr std::size_t kLongEnough = 256;    // a stretch that needs not be longer to be worth it
  static constexpr std::size_t kLongestRun = 65536;  // events that are written at once

  using Kind = WriteKind;
  struct Event {
    Kind kind;
    std::uint32_t table;  // in tables_
    std::size_t key;      // where its packed key begins in keys_; a bit a changed cell follows an update's
    std::uint32_t key_size;
    std::uint32_t mask_size;
  };
  struct Mark {
    std::size_t events = 0;
    std::size_t keys = 0;
    std::size_t written = 0;
    bool failed = false;
    Counters counters;
  };

  Status log(Kind kind, const std::shared_ptr<const Table>& table, sqlite3_value** keys,
             const std::vector<std::uint8_t>& mask);
  Status select_added(const Table& table, Lease& lease);
  Status compare_added(const Table& table, Lease& lease, Bytes& differs, bool merged);
  Status mark_added(const Table& table, sqlite3_value** keys, std::vector<std::uint8_t>& mask);
  Status write_in_peace(Status (LocalRecorder::*what)(), bool in_statement = false);
  Status write_merges();
  Status write_events();
  Status write_next(std::int64_t version, std::int64_t count);
  Status present_table(const Event& event, std::shared_ptr<const Table>& table);
  Status collect(std::size_t& end);
  [[nodiscard]] std::size_t end_of_updates() const;
  Status check_key(const Table& table, const Event& event) const;
  Status write_singly(std::size_t end, std::int64_t version);
  Status write_event(const Table& table, const Event& event, std::int64_t version);
  Status write_updates(std::size_t end, std::int64_t version);
  void forget_written();
  void cut(const Mark& mark);

  sqlite3* db_;
  StatementCache& statements_;
  Catalogue& catalogue_;
  Clock& clock_;
  std::vector<Event> events_;
  Bytes keys_;
  std::vector<std::shared_ptr<const Table>> tables_;
  std::vector<Mark> marks_;  // by savepoint number
  int unmarked_ = -1;        // the savepoint that there was no memory to mark
  std::size_t written_ = 0;  // how many events the clocks hold
  std::set<std::string> outdated_;
  /// What merges of this transaction have left in added columns, by table and packed key.
  std::map<std::string, std::vector<Bytes>> merged_;
  bool in_begin_ = true;
  Status failure_;
  Stretch stretch_;
  std::shared_ptr<const Table> last_written_;  // while write_in_peace runs
  std::int64_t changes_ = 0;                   // of the connection before it ran
  KeyValues key_;                              // scratch
  std::vector<std::uint8_t> mask_;             // scratch
};

}  // namespace rejoin::internal

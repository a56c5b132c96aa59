// One replica in a test: a database with the engine, and the two statements by which every client syncs.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <rejoin/change.hpp>

#include "support/database.hpp"
#include "support/shapes.hpp"

namespace rejoin::test {

class Site {
 public:
  /// A site in memory, or in the file `path`.
  explicit Site(std::string name, std::string path = ":memory:");
  /// A site in memory that begins as a copy of `original`, with its site id.
  Site(std::string name, const Database& original);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const Blob& id() const { return id_; }
  [[nodiscard]] Database& db() { return here().db; }
  /// The tables that it has, with the columns that it has: its present schema.
  [[nodiscard]] std::vector<Shape>& shapes() { return shapes_; }
  [[nodiscard]] bool in_file() const { return path_ != ":memory:"; }

  /// crsql_db_version().
  std::int64_t version() { return db().integer("SELECT crsql_db_version()"); }

  /// The changes above `since` that `not_from` did not write (empty: nobody is left out), in the order in which they
  /// come.
  std::vector<Change> changes(std::int64_t since = 0, const Blob& not_from = {});

  /// Merges one change in whatever transaction is open.
  void merge(const Change& change);
  /// The same for many, through Replica::merge of a batch.
  void merge_batch(const std::vector<Change>& changes);
  /// The same for many, a hundred a statement.
  void merge_statement(const std::vector<Change>& changes);

  /// crsql_rows_impacted().
  std::int64_t rows_impacted();

  /// Merges all in one transaction; an error undoes it. Returns crsql_rows_impacted() of that transaction.
  std::int64_t merge_all(const std::vector<Change>& changes);

  /// Closes all connections and opens one. For a site in a file.
  void reopen();

  /// Goes on with another connection to the same file; the one used so far stays open beside it.
  void change_connection();

 private:
  struct Connection {
    explicit Connection(Database opened) : db(std::move(opened)) {}
    Database db;
    std::optional<Statement> select;  // after db: statements go first
    std::optional<Statement> insert;
    std::optional<Statement> impacted;
  };
  [[nodiscard]] Connection& here() { return *connections_[active_]; }
  void open();

  std::string name_;
  std::string path_ = ":memory:";
  std::vector<std::unique_ptr<Connection>> connections_;
  std::size_t active_ = 0;
  std::vector<Shape> shapes_;
  Blob id_;
};

/// The changes that a statement with the nine columns of crsql_changes gives.
std::vector<Change> all_changes(Statement& select);

/// Every change of `from` goes to `to`. Returns how many won.
std::int64_t sync_full(Site& from, Site& to);

/// Versions of each site that another one has seen, as crsql_tracked_peers keeps them: key is (receiver, sender).
using Cursors = std::map<std::pair<std::size_t, std::size_t>, std::int64_t>;

/// What `from` has written or taken in since `cursor` goes to `to`, as a vlcn client does it; `cursor` moves on.
/// Returns how many changes went.
std::size_t sync_news(Site& from, Site& to, std::int64_t& cursor);

/// One change as a line for people.
std::string describe(const Change& change);

}  // namespace rejoin::test

#include "support/site.hpp"

#include <rejoin/replica.hpp>

#include <algorithm>
#include <span>
#include <stdexcept>

namespace rejoin::test {

namespace {

// Both as the clients of the vlcn packages send them (cr-sqlite's own names and quotes).
constexpr const char* kSelectNews =
    R"(SELECT "table", "pk", "cid", "val", "col_version", "db_version", "site_id", "cl", "seq" FROM "crsql_changes" )"
    R"(WHERE "db_version" > ? AND "site_id" IS NOT ?)";
constexpr const char* kInsertChange =
    R"(INSERT INTO "crsql_changes" ("table", "pk", "cid", "val", "col_version", "db_version", "site_id", "cl", "seq") )"
    R"(VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?))";
constexpr std::string_view kOneMore = ", (?, ?, ?, ?, ?, ?, ?, ?, ?)";

void bind_change(Statement& insert, int first, const Change& change) {
  insert.bind(first, change.table).bind(first + 1, change.pk).bind(first + 2, change.column);
  insert.bind(first + 3, change.value).bind(first + 4, change.column_version).bind(first + 5, change.db_version);
  insert.bind(first + 6, change.site_id).bind(first + 7, change.causal_length).bind(first + 8, change.seq);
}

}  // namespace

Site::Site(std::string name, std::string path) : name_(std::move(name)), path_(std::move(path)) { open(); }

Site::Site(std::string name, const Database& original) : name_(std::move(name)) {
  connections_.push_back(std::make_unique<Connection>(Database::copy_of(original)));
  id_ = db().blob("SELECT crsql_site_id()");
}

void Site::open() {
  active_ = connections_.size();
  connections_.push_back(std::make_unique<Connection>(Database(path_)));
  db().exec("PRAGMA synchronous = OFF");
  id_ = db().blob("SELECT crsql_site_id()");
}

void Site::reopen() {
  for (const auto& connection : connections_) {
    connection->select.reset();
    connection->insert.reset();
    connection->impacted.reset();
    if (const int code = connection->db.close(); code != SQLITE_OK) throw SqlError(code, "close refused");
  }
  connections_.clear();
  open();
}

void Site::change_connection() {
  if (connections_.size() < 2) {
    open();
  } else {
    active_ = 1 - active_;
  }
}

std::vector<Change> Site::changes(std::int64_t since, const Blob& not_from) {
  std::optional<Statement>& select = here().select;
  if (!select) select.emplace(db().handle(), kSelectNews);
  select->bind(1, since);
  select->bind(2, not_from.empty() ? Value() : Value(not_from));
  return all_changes(*select);
}

void Site::merge(const Change& change) {
  std::optional<Statement>& insert = here().insert;
  if (!insert) insert.emplace(db().handle(), kInsertChange);
  bind_change(*insert, 1, change);
  insert->run();
}

std::int64_t Site::rows_impacted() {
  std::optional<Statement>& select = here().impacted;
  if (!select) select.emplace(db().handle(), "SELECT crsql_rows_impacted()");
  select->step();
  const std::int64_t count = select->integer(0);
  select->reset();
  return count;
}

void Site::merge_batch(const std::vector<Change>& changes) {
  Result<Replica> replica = Replica::on(db().handle());
  const Status status = replica.ok() ? replica->merge(std::span<const Change>(changes)).status() : replica.status();
  if (!status.ok()) throw std::runtime_error("merging a batch: " + status.message());
}

void Site::merge_statement(const std::vector<Change>& changes) {
  constexpr std::size_t kMost = 100;
  for (std::size_t begin = 0; begin < changes.size(); begin += kMost) {
    const std::size_t count = std::min(kMost, changes.size() - begin);
    std::string sql = kInsertChange;
    for (std::size_t i = 1; i < count; ++i) sql += kOneMore;
    Statement insert(db().handle(), sql);
    for (std::size_t i = 0; i < count; ++i) bind_change(insert, 1 + 9 * static_cast<int>(i), changes[begin + i]);
    insert.run();
  }
}

std::int64_t Site::merge_all(const std::vector<Change>& changes) {
  db().exec("BEGIN");
  try {
    // Which way they go in follows from what they are, so that no choice is spent on it.
    if (changes.size() % 3 == 1) merge_statement(changes);
    for (std::size_t i = 0; changes.size() % 3 != 1 && i < changes.size(); ++i) merge(changes[i]);
    const std::int64_t won = rows_impacted();
    db().exec("COMMIT");
    return won;
  } catch (...) {
    if (db().in_transaction()) db().exec("ROLLBACK");
    throw;
  }
}

std::vector<Change> all_changes(Statement& select) {
  std::vector<Change> changes;
  while (select.step()) {
    changes.push_back({.table = std::get<std::string>(select.column(0)),
                       .pk = std::get<Blob>(select.column(1)),
                       .column = std::get<std::string>(select.column(2)),
                       .value = select.column(3),
                       .column_version = select.integer(4),
                       .db_version = select.integer(5),
                       .site_id = std::get<Blob>(select.column(6)),
                       .causal_length = select.integer(7),
                       .seq = select.integer(8)});
  }
  select.reset();
  return changes;
}

std::int64_t sync_full(Site& from, Site& to) { return to.merge_all(from.changes()); }

std::size_t sync_news(Site& from, Site& to, std::int64_t& cursor) {
  const std::vector<Change> news = from.changes(cursor, to.id());
  if (news.empty()) return 0;
  to.merge_all(news);
  cursor = news.back().db_version;
  return news.size();
}

std::string describe(const Change& change) {
  return change.table + " " + literal(Value(change.pk)) + " " + change.column + " = " + literal(change.value) +
         " (col_version " + std::to_string(change.column_version) + ", db_version " +
         std::to_string(change.db_version) + ", cl " + std::to_string(change.causal_length) + ", seq " +
         std::to_string(change.seq) + ", site " + literal(Value(change.site_id)).substr(2, 8) + ")";
}

}  // namespace rejoin::test

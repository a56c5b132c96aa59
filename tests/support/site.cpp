#include "support/site.hpp"

namespace rejoin::test {

namespace {

// Both as the clients of the vlcn packages send them (cr-sqlite's own names and quotes).
constexpr const char* kSelectNews =
    R"(SELECT "table", "pk", "cid", "val", "col_version", "db_version", "site_id", "cl", "seq" FROM "crsql_changes" )"
    R"(WHERE "db_version" > ? AND "site_id" IS NOT ?)";
constexpr const char* kInsertChange =
    R"(INSERT INTO "crsql_changes" ("table", "pk", "cid", "val", "col_version", "db_version", "site_id", "cl", "seq") )"
    R"(VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?))";

}  // namespace

Site::Site(std::string name, std::string path) : name_(std::move(name)), path_(std::move(path)) { open(); }

Site::Site(std::string name, const Database& original) : name_(std::move(name)), path_(":memory:") {
  db_ = Database::copy_of(original);
  id_ = db_->blob("SELECT crsql_site_id()");
}

void Site::open() {
  db_.emplace(path_);
  db_->exec("PRAGMA synchronous = OFF");
  id_ = db_->blob("SELECT crsql_site_id()");
}

void Site::reopen() {
  select_.reset();
  insert_.reset();
  impacted_.reset();
  if (const int code = db_->close(); code != SQLITE_OK) throw SqlError(code, "close refused");
  open();
}

std::vector<Change> Site::changes(std::int64_t since, const Blob& not_from) {
  if (!select_) select_.emplace(db_->handle(), kSelectNews);
  select_->bind(1, since);
  if (not_from.empty()) {
    select_->bind(2, Value());
  } else {
    select_->bind(2, not_from);
  }
  std::vector<Change> changes;
  while (select_->step()) {
    changes.push_back({.table = std::get<std::string>(select_->column(0)),
                       .pk = std::get<Blob>(select_->column(1)),
                       .column = std::get<std::string>(select_->column(2)),
                       .value = select_->column(3),
                       .column_version = select_->integer(4),
                       .db_version = select_->integer(5),
                       .site_id = std::get<Blob>(select_->column(6)),
                       .causal_length = select_->integer(7),
                       .seq = select_->integer(8)});
  }
  select_->reset();
  return changes;
}

void Site::merge(const Change& change) {
  if (!insert_) insert_.emplace(db_->handle(), kInsertChange);
  insert_->bind(1, change.table).bind(2, change.pk).bind(3, change.column).bind(4, change.value);
  insert_->bind(5, change.column_version).bind(6, change.db_version).bind(7, change.site_id);
  insert_->bind(8, change.causal_length).bind(9, change.seq);
  insert_->run();
}

std::int64_t Site::rows_impacted() {
  if (!impacted_) impacted_.emplace(db_->handle(), "SELECT crsql_rows_impacted()");
  impacted_->step();
  const std::int64_t count = impacted_->integer(0);
  impacted_->reset();
  return count;
}

std::int64_t Site::merge_all(const std::vector<Change>& changes) {
  db_->exec("BEGIN");
  try {
    for (const Change& change : changes) merge(change);
    const std::int64_t won = rows_impacted();
    db_->exec("COMMIT");
    return won;
  } catch (...) {
    if (db_->in_transaction()) db_->exec("ROLLBACK");
    throw;
  }
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

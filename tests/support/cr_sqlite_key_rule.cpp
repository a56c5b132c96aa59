#include "support/cr_sqlite_key_rule.hpp"

namespace rejoin::test {

namespace {

/// The triggers of the CRRs are off while it lives.
class SyncBit {
 public:
  explicit SyncBit(Database& db) : db_(db) { db_.exec("SELECT crsql_internal_sync_bit(1)"); }
  ~SyncBit() {
    if (db_.error_of("SELECT crsql_internal_sync_bit(0)")) std::terminate();
  }
  SyncBit(const SyncBit&) = delete;
  SyncBit& operator=(const SyncBit&) = delete;

 private:
  Database& db_;
};

std::string number(std::int64_t value) { return std::to_string(value); }

class Mover {
 public:
  Mover(Site& site, const Shape& shape)
      : db_(site.db()),
        shape_(shape),
        clock_(quoted(shape.name + "__crsql_clock")),
        keys_(quoted(shape.name + "__crsql_pks")) {}

  void move(const KeyChange& change) {
    db_.exec("SELECT count(*) FROM crsql_changes");  // what is pending goes to the shadow tables first
    const Key old_key = stored(change.from);
    if (old_key.empty() || change.from == change.to) return;
    {
      const SyncBit bit(db_);
      db_.exec(WriteMaker::update_key(shape_, change));
    }
    const std::int64_t version = db_.integer("SELECT crsql_next_db_version()");
    const std::int64_t from = row_key(old_key);
    const std::int64_t to = row_key(stored(change.to));
    set_sentinel(from, 2, "col_version + 1", version);
    db_.exec("UPDATE OR REPLACE " + clock_ + " SET key = " + number(to) + " WHERE key = " + number(from) +
             " AND col_name <> '-1'");
    const bool moved = db_.integer("SELECT changes()") > 0;
    const bool dead = db_.integer("SELECT count(*) FROM " + clock_ + " WHERE key = " + number(to) +
                                  " AND col_name = '-1' AND col_version % 2 = 0") > 0;
    if (!moved || dead) set_sentinel(to, 1, "col_version + 1 + col_version % 2", version);
  }

 private:
  // The key as the table holds it, after affinity. Empty: there is no such row.
  Key stored(const Key& key) {
    std::string names;
    for (const Column& column : shape_.keys) names += (names.empty() ? "" : ", ") + quoted(column.name);
    Key found;
    const Rows rows =
        db_.query("SELECT " + names + " FROM " + quoted(shape_.name) + " WHERE " + WriteMaker::where(shape_, key));
    for (const Row& row : rows) {
      for (const Value& value : row) found.push_back(literal(value));
    }
    return found;
  }

  std::int64_t row_key(const Key& key) {
    std::string values;
    std::string names;
    for (std::size_t i = 0; i < key.size(); ++i) {
      values += (i == 0 ? "" : ", ") + key[i];
      names += (i == 0 ? "" : ", ") + quoted(shape_.keys[i].name);
    }
    const std::string find = "SELECT __crsql_key FROM " + keys_ + " WHERE " + WriteMaker::where(shape_, key);
    if (db_.query(find).empty()) db_.exec("INSERT INTO " + keys_ + " (" + names + ") VALUES (" + values + ")");
    return db_.integer(find);
  }

  void set_sentinel(std::int64_t key, int first, const std::string& next, std::int64_t version) {
    const std::int64_t seq = db_.integer("SELECT crsql_increment_and_get_seq()");
    db_.exec("INSERT INTO " + clock_ + " (key, col_name, col_version, db_version, site_id, seq) VALUES (" +
             number(key) + ", '-1', " + number(first) + ", " + number(version) + ", 0, " + number(seq) +
             ") ON CONFLICT DO UPDATE SET col_version = " + next + ", db_version = " + number(version) +
             ", site_id = 0, seq = " + number(seq));
  }

  Database& db_;
  const Shape& shape_;
  std::string clock_;
  std::string keys_;
};

}  // namespace

void change_keys_as_cr_sqlite(Site& site, const Write& write) {
  for (const KeyChange& change : write.key_changes) Mover(site, *write.shape).move(change);
}

}  // namespace rejoin::test

#include "support/snapshot.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include "support/merge_model.hpp"

namespace rejoin::test {

namespace {

using CellKey = std::tuple<std::string, Blob, std::string>;

std::string key_list(const Shape& shape, const std::string& prefix) {
  std::string out;
  for (const Column& key : shape.keys) out += (out.empty() ? "" : ", ") + prefix + quoted(key.name);
  return out;
}

std::string row_name(const std::string& table, const Blob& key) { return table + " " + literal(Value(key)); }

[[noreturn]] void fail(const std::string& what) { throw Violation(what); }

}  // namespace

Snapshot take_snapshot(Site& site, const std::vector<Shape>& shapes) {
  Snapshot snapshot;
  for (const Shape& shape : shapes) {
    TableContent& content = snapshot.tables[shape.name];
    std::string select = "SELECT crsql_pack_columns(" + key_list(shape, "") + ")";
    for (const Column& cell : shape.cells) {
      content.cells.push_back(cell.name);
      select += ", " + quoted(cell.name);
    }
    for (Row& row : site.db().query(select + ", * FROM " + quoted(shape.name))) {
      Blob key = std::get<Blob>(row.front());
      row.erase(row.begin());
      if (!content.rows.emplace(std::move(key), std::move(row)).second)
        fail("two rows of " + shape.name + " with one key");
    }
  }
  snapshot.changes = site.changes();
  sort_by_cell(snapshot.changes);
  snapshot.version = site.version();
  return snapshot;
}

void require_same(const Snapshot& before, const Snapshot& after, const std::string& when) {
  if (before.version != after.version)
    fail(when + ": crsql_db_version() went from " + std::to_string(before.version) + " to " +
         std::to_string(after.version));
  for (const auto& [table, content] : before.tables) {
    const auto& now = after.tables.at(table).rows;
    if (content.rows != now) fail(when + ": the rows of " + table + " changed");
  }
  for (std::size_t i = 0; i < std::max(before.changes.size(), after.changes.size()); ++i) {
    if (i >= before.changes.size())
      fail(when + ": a change more: " + describe(after.changes[std::min(i, after.changes.size() - 1)]));
    if (i >= after.changes.size()) fail(when + ": a change less: " + describe(before.changes[i]));
    if (before.changes[i] != after.changes[i])
      fail(when + ": " + describe(before.changes[i]) + " became " + describe(after.changes[i]));
  }
}

namespace {

/// The change of each cell, before and after a transaction.
class CaptureCheck {
 public:
  CaptureCheck(const Snapshot& before, const Snapshot& after, const Blob& own_site)
      : before_(before), after_(after), own_site_(own_site) {
    for (const Change& change : before.changes) was_[{change.table, change.pk, change.column}] = &change;
    for (const Change& change : after.changes) is_[{change.table, change.pk, change.column}] = &change;
  }

  void run() const {
    std::int64_t fresh = 0;
    for (const auto& [key, change] : is_) fresh += check_stamp(key, *change) ? 1 : 0;
    if (after_.version != before_.version + (fresh > 0 ? 1 : 0))
      fail("crsql_db_version() went from " + std::to_string(before_.version) + " to " + std::to_string(after_.version) +
           " with " + std::to_string(fresh) + " fresh changes");
    check_sequence();
    for (const auto& [table, content] : after_.tables) {
      const auto& old_rows = before_.tables.at(table).rows;
      for (const auto& [key, row] : content.rows) {
        const auto old = old_rows.find(key);
        check_row(table, content.cells, key, row, old == old_rows.end() ? nullptr : &old->second);
      }
      for (const auto& [key, row] : old_rows) {
        if (!content.rows.contains(key)) check_gone(table, key);
      }
    }
  }

 private:
  static const Change* find(const std::map<CellKey, const Change*>& in, const CellKey& key) {
    const auto found = in.find(key);
    return found == in.end() ? nullptr : found->second;
  }

  // True: the change is of this transaction. Else it must be the one from before.
  bool check_stamp(const CellKey& key, const Change& change) const {
    if (change.db_version <= before_.version) {
      const Change* old = find(was_, key);
      if (old == nullptr) fail("appeared under an old version: " + describe(change));
      Change expected = *old;
      expected.causal_length = change.causal_length;
      if (change.value != expected.value) fail("written without a new version: " + describe(change));
      if (expected != change) fail("changed under its old version: " + describe(*old) + " to " + describe(change));
      return false;
    }
    if (change.db_version != before_.version + 1) fail("not this transaction's version: " + describe(change));
    if (change.site_id != own_site_) fail("not this site's: " + describe(change));
    const Change* old = find(was_, key);
    if (old != nullptr &&
        std::pair(old->causal_length, old->column_version) >= std::pair(change.causal_length, change.column_version))
      fail("no newer than it was: " + describe(change));
    return true;
  }

  // Each change has a seq of its own. That they are dense is require_dense's business: what is overwritten leaves a
  // hole.
  void check_sequence() const {
    std::set<std::int64_t> seen;
    for (const Change& change : after_.changes) {
      if (change.db_version <= before_.version) continue;
      if (change.seq < 0 || !seen.insert(change.seq).second) fail("seq is not unique: " + describe(change));
    }
  }

  // Every cell that is new or differs carries this transaction's version, and so does every cell of a row in a new
  // life.
  void check_row(const std::string& table, const std::vector<std::string>& cells, const Blob& key, const Row& row,
                 const Row* old) const {
    const auto any = is_.lower_bound({table, key, ""});
    if (any == is_.end() || any->second->table != table || any->second->pk != key)
      fail("no change says that this row exists: " + row_name(table, key) + " " + literal(row));
    const std::int64_t causal_length = any->second->causal_length;
    if (causal_length % 2 != 1) fail("there is a row, but its clock says deleted: " + row_name(table, key));
    const auto before = was_.lower_bound({table, key, ""});
    const bool known = before != was_.end() && before->second->table == table && before->second->pk == key;
    const bool new_life = old == nullptr || !known || before->second->causal_length != causal_length;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (!new_life && (*old)[i] == row[i]) continue;
      const Change* change = find(is_, {table, key, cells[i]});
      if (change == nullptr || change->db_version <= before_.version)
        fail("not stamped: " + cells[i] + " of " + row_name(table, key) + " " + literal(row));
    }
    const Change* sentinel = find(is_, {table, key, kSentinelColumn});
    const bool needs_sentinel = cells.empty() || causal_length > 1;
    const bool fresh = sentinel != nullptr && sentinel->db_version > before_.version;
    if (new_life && (needs_sentinel ? !fresh : sentinel != nullptr))
      fail("the sentinel of a new life is wrong: " + row_name(table, key));
  }

  void check_gone(const std::string& table, const Blob& key) const {
    const Change* now = find(is_, {table, key, kSentinelColumn});
    if (now == nullptr || now->causal_length % 2 == 1 || now->db_version <= before_.version)
      fail("no change says that this row is gone: " + row_name(table, key));
  }

  const Snapshot& before_;
  const Snapshot& after_;
  const Blob& own_site_;
  std::map<CellKey, const Change*> was_;
  std::map<CellKey, const Change*> is_;
};

// What crsql_changes should show for one table, asked of the shadow tables themselves.
std::vector<Change> changes_by_hand(Site& site, const Shape& shape) {
  const std::string clock = quoted(shape.name + "__crsql_clock");
  std::string value = "NULL";
  if (!shape.cells.empty()) {
    value = "CASE c.col_name ";
    for (const Column& cell : shape.cells)
      value += "WHEN " + literal(Value(cell.name)) + " THEN t." + quoted(cell.name) + " ";
    value += "END";
  }
  std::string match;
  for (const Column& key : shape.keys) {
    match += (match.empty() ? "" : " AND ") + ("t." + quoted(key.name)) + " = p." + quoted(key.name);
  }
  Statement select(site.db().handle(),
                   "SELECT crsql_pack_columns(" + key_list(shape, "p.") + "), c.col_name, " + value +
                       ", c.col_version, c.db_version, s.site_id, coalesce((SELECT z.col_version FROM " + clock +
                       " AS z WHERE z.key = c.key AND z.col_name = '-1'), 1), c.seq FROM " + clock + " AS c JOIN " +
                       quoted(shape.name + "__crsql_pks") +
                       " AS p ON p.__crsql_key = c.key JOIN crsql_site_id AS s ON " +
                       "s.ordinal = c.site_id LEFT JOIN " + quoted(shape.name) + " AS t ON " + match);
  std::vector<Change> changes;
  while (select.step()) {
    changes.push_back({shape.name, std::get<Blob>(select.column(0)), std::get<std::string>(select.column(1)),
                       select.column(2), select.integer(3), select.integer(4), std::get<Blob>(select.column(5)),
                       select.integer(6), select.integer(7)});
  }
  return changes;
}

}  // namespace

void require_captured(const Snapshot& before, const Snapshot& after, const Blob& own_site) {
  CaptureCheck(before, after, own_site).run();
}

void require_dense(const Snapshot& after, std::int64_t version) {
  std::set<std::int64_t> seen;
  for (const Change& change : after.changes) {
    if (change.db_version == version) seen.insert(change.seq);
  }
  if (!seen.empty() && (*seen.begin() != 0 || *seen.rbegin() != static_cast<std::int64_t>(seen.size()) - 1))
    fail("the seq of version " + std::to_string(version) + " is not dense from 0");
}

void require_no_fault(Site& site) {
  const std::vector<std::string> faults = site.db().lines("SELECT * FROM rejoin_check");
  if (!faults.empty()) fail(site.name() + " has " + std::to_string(faults.size()) + " faults: " + faults.front());
}

void require_sound(Site& site, const std::vector<Shape>& shapes) {
  require_no_fault(site);
  std::vector<Change> shown = site.changes();
  const auto place = [](const Change& change) { return std::pair(change.db_version, change.seq); };
  if (!std::ranges::is_sorted(shown, {}, place)) fail("crsql_changes is not in (db_version, seq) order");
  std::int64_t highest = 0;
  std::vector<Change> stored;
  for (const Shape& shape : shapes) {
    for (Change& change : changes_by_hand(site, shape)) stored.push_back(std::move(change));
  }
  sort_by_cell(shown);
  sort_by_cell(stored);
  for (const Change& change : stored) highest = std::max(highest, change.db_version);
  if (shown.size() != stored.size())
    fail("crsql_changes shows " + std::to_string(shown.size()) + " of " + std::to_string(stored.size()) +
         " clock rows");
  for (std::size_t i = 0; i < shown.size(); ++i) {
    if (shown[i] != stored[i]) fail("crsql_changes shows " + describe(shown[i]) + " for " + describe(stored[i]));
  }
  if (site.db().in_transaction()) return;
  if (site.version() != highest)
    fail("crsql_db_version() is " + std::to_string(site.version()) + ", but " + std::to_string(highest) + " is stored");
}

namespace {

// A site whose table was nothing but its key wrote sentinels that say 1, which another one left out, having columns.
void forget_needless_sentinels(Snapshot& snapshot) {
  std::erase_if(snapshot.changes, [&](const Change& change) {
    return change.column == kSentinelColumn && change.causal_length == 1 &&
           !snapshot.tables.at(change.table).cells.empty();
  });
}

}  // namespace

void require_equal(Site& left, Site& right, const std::vector<Shape>& shapes, bool sites_too) {
  const std::string who = left.name() + " and " + right.name() + " differ: ";
  Snapshot one = take_snapshot(left, shapes);
  Snapshot other = take_snapshot(right, shapes);
  forget_needless_sentinels(one);
  forget_needless_sentinels(other);
  for (std::size_t i = 0; i < std::min(one.changes.size(), other.changes.size()); ++i) {
    const Change& a = one.changes[i];
    const Change& b = other.changes[i];
    if (std::tie(a.table, a.pk, a.column, a.value, a.column_version, a.causal_length) !=
        std::tie(b.table, b.pk, b.column, b.value, b.column_version, b.causal_length))
      fail(who + describe(a) + " and " + describe(b));
    const bool alive = a.column == kSentinelColumn && a.causal_length % 2 == 1;
    if (sites_too && !alive && a.site_id != b.site_id)
      fail(who + "in the winner of " + describe(a) + " and " + describe(b));
  }
  if (one.changes.size() != other.changes.size())
    fail(who + std::to_string(one.changes.size()) + " and " + std::to_string(other.changes.size()) + " changes");
  for (const auto& [table, content] : one.tables) {
    const auto& others = other.tables.at(table).rows;
    if (content.rows.size() != others.size()) fail(who + "in the number of rows of " + table);
    for (const auto& [key, row] : content.rows) {
      const auto found = others.find(key);
      if (found == others.end()) fail(who + "one lacks " + row_name(table, key));
      if (row != found->second)
        fail(who + row_name(table, key) + " is " + literal(row) + " and " + literal(found->second));
    }
  }
  if (left.db().text("SELECT rejoin_digest()") != right.db().text("SELECT rejoin_digest()"))
    fail(who + "in the digest");
}

}  // namespace rejoin::test

// Random statements and merges under the hosts' listeners: what host_listeners_test.cpp and
// host_listeners_merge_test.cpp say of chosen ones, of any. A run is its seed.
#include <gmock/gmock.h>

#include <map>
#include <set>

#include "crr/host_listeners_fixture.hpp"
#include "support/choices.hpp"
#include "support/link.hpp"
#include "support/merge_model.hpp"
#include "support/writes.hpp"

namespace rejoin::test {
namespace {

using testing::IsEmpty;

bool without_rowid(const Shape& shape) { return shape.create.find("WITHOUT ROWID") != std::string::npos; }

// --- local writes ---

/// But one: a plain table takes NULLs as keys, and a CRR refuses them.
std::vector<Shape> shapes_without_null() {
  std::vector<Shape> shapes = all_shapes();
  std::erase_if(shapes, [](const Shape& shape) { return shape.null_key; });
  return shapes;
}

/// A constraint may refuse what was made up; what was done until then is done.
void try_to(const Database& db, const std::string& sql) { static_cast<void>(db.error_of(sql)); }

/// The triggers of a shape ask whether a merge is under way.
void answer_no_merge(const Database& db) {
  sqlite3_create_function(
      db.handle(), "crsql_internal_sync_bit", 0, SQLITE_UTF8, nullptr,
      [](sqlite3_context* context, int, sqlite3_value**) { sqlite3_result_int(context, 0); }, nullptr, nullptr);
}

void add_triggers(const Database& db, const Shape& shape) {
  for (const char* event : {"INSERT", "UPDATE", "DELETE"}) {
    db.exec("CREATE TRIGGER " + test::quoted(shape.name + event) + " AFTER " + event + " ON " +
            test::quoted(shape.name) + " BEGIN SELECT 1; END");
  }
}

/// A write, or a step of a transaction.
std::string any_step(const std::vector<Shape>& shapes, bool in_transaction, Choices& choices) {
  static const std::vector<std::string> outside = {"BEGIN", "BEGIN IMMEDIATE", "SAVEPOINT a"};
  static const std::vector<std::string> inside = {"COMMIT",        "ROLLBACK",      "SAVEPOINT a", "SAVEPOINT b",
                                                  "ROLLBACK TO a", "ROLLBACK TO b", "RELEASE a",   "RELEASE b"};
  if (choices.chance(20)) return choices.pick(in_transaction ? inside : outside);
  return WriteMaker(choices.pick(shapes), choices).any().sql;
}

/// What is told of `sql`. An UPDATE OR IGNORE or OR REPLACE that ends in an error (a key that is no integer any more)
/// leaves the rows that it came to, inside a transaction, unless the table has a trigger that calls a function: then
/// SQLite undoes it as a whole. So that the databases stay equal it is undone in all of them.
Lines play(Stage& stage, const std::string& sql) {
  if (!sql.starts_with("UPDATE OR IGNORE") && !sql.starts_with("UPDATE OR REPLACE")) return stage.play(sql);
  stage.db.exec("SAVEPOINT whole");
  Lines told = stage.play(sql);
  if (!told.empty() && told.back().starts_with("error")) stage.db.exec("ROLLBACK TO whole");
  stage.db.exec("RELEASE whole");
  return told;
}

class HostsOnWrites : public testing::TestWithParam<int> {};

TEST_P(HostsOnWrites, HearTheSameOfACrr) {
  Choices choices = Choices::seeded(static_cast<std::uint64_t>(GetParam()));
  const HostKind kind = kHosts[GetParam() % 3];
  const std::vector<Shape> shapes = shapes_without_null();
  Stage plain(kind, Engine::kAbsent);
  Stage triggered(kind, Engine::kAbsent);
  Stage crr(kind, Engine::kAttached);
  for (const Shape& shape : shapes) {
    for (Stage* stage : {&plain, &triggered}) {
      answer_no_merge(stage->db);
      stage->db.exec(shape.create);
    }
    add_triggers(triggered.db, shape);
    crr.db.exec(shape.create + "; SELECT crsql_as_crr(" + literal(Value(shape.name)) + ")");
  }
  crr.listening.take();
  std::size_t events = 0;
  for (int step = 0; step < 400; ++step) {
    const std::string sql = any_step(shapes, crr.db.in_transaction(), choices);
    SCOPED_TRACE(sql);
    const Lines of_crr = play(crr, sql);
    ASSERT_EQ(of_crr, play(triggered, sql));
    const Lines of_plain = play(plain, sql);
    const bool empties = sql.starts_with("DELETE") && sql.find(" WHERE ") == sql.npos;
    // As host_listeners_test.cpp says: SQLite takes short cuts where a table has no triggers.
    if (empties && sql.find("RETURNING") == sql.npos) {
      ASSERT_THAT(of_plain, IsEmpty());
    } else if (sql.starts_with("UPDATE") || sql.starts_with("DELETE")) {
      ASSERT_EQ(sorted(of_crr), sorted(of_plain));
    } else {
      ASSERT_EQ(of_crr, of_plain);
    }
    events += of_crr.size();
  }
  EXPECT_GT(events, 100U);
  for (Stage* stage : {&plain, &triggered, &crr}) {
    if (stage->db.in_transaction()) stage->db.exec("COMMIT");
  }
  for (const Shape& shape : shapes) {
    const std::string rows = "SELECT * FROM " + test::quoted(shape.name);
    EXPECT_EQ(sorted(crr.db.lines(rows)), sorted(plain.db.lines(rows))) << shape.name;
  }
  EXPECT_EQ(crr.db.lines("SELECT * FROM rejoin_check"), Lines{});
}

INSTANTIATE_TEST_SUITE_P(Seeds, HostsOnWrites, testing::Range(1, 13));

// --- merges ---

struct Held {
  Row row;
  Blob pk;
};
using HeldRows = std::map<std::int64_t, Held>;  // by rowid

/// How many changes of a row won, by its packed key; as the second merge rule says, not the engine.
using Wins = std::map<Blob, std::size_t>;

/// What an application of op-sqlite's sees of one table.
struct Seen {
  int runs = 0;
  Rows rows;  ///< of its last run, and at first when it began
};

/// The application, and what it is held to. Only merges are told of here: what is written locally, is written before.
class Receiver {
 public:
  explicit Receiver(const std::vector<Shape>& shapes) : shapes_(shapes), host_(db_.handle()) {
    for (const Shape& shape : shapes_) {
      db_.exec(shape.create + "; SELECT crsql_as_crr(" + literal(Value(shape.name)) + ")");
      Seen& seen = seen_[shape.name];
      host_.reactive_execute({rows_of(shape), {}, {{shape.name}}, [&seen](const Rows& rows) {
                                ++seen.runs;
                                seen.rows = rows;
                              }});
    }
    host_.update_hook([this](const OpUpdate& update) {
      if (update.table.find("crsql") == std::string::npos)
        told_[update.table][update.row_id].push_back(update.operation);
    });
  }

  [[nodiscard]] const Database& db() const { return db_; }

  void write(const std::string& sql) {
    try_to(db_, sql);
    host_.flush_pending_reactive_queries();
    told_.clear();
  }

  /// Merges in one transaction, and checks what was told of it.
  void merge(const std::vector<Change>& changes, Route route) {
    std::map<std::string, HeldRows> before;
    for (const Shape& shape : shapes_) {
      before[shape.name] = held(shape);
      seen_[shape.name].runs = 0;
    }
    std::map<std::string, Wins> wins;
    MergeModel model(changes_since(db_, 0), db_.blob("SELECT crsql_site_id()"),
                     db_.integer("SELECT crsql_db_version()"), false);
    model.begin();
    for (const Change& change : changes) {
      if (model.merge(change) > 0) ++wins[change.table][change.pk];
    }
    host_.transaction([&] { merge_by(route, db_, changes); });
    for (const Shape& shape : shapes_) {
      SCOPED_TRACE(shape.name);
      check_told(shape, before[shape.name], wins[shape.name]);
      check_seen(shape);
    }
    told_.clear();
    changes_merged += changes.size();
  }

  std::size_t changes_merged = 0;
  std::size_t events = 0;
  std::size_t quiet = 0;  ///< tables that a merge did not touch

 private:
  static std::string rows_of(const Shape& shape) { return "SELECT * FROM " + test::quoted(shape.name) + " ORDER BY 1"; }

  [[nodiscard]] HeldRows held(const Shape& shape) const {
    HeldRows rows;
    if (without_rowid(shape)) return rows;
    std::string keys;
    for (const Column& key : shape.keys) keys += (keys.empty() ? "" : ", ") + test::quoted(key.name);
    for (Row& row : db_.query("SELECT rowid, crsql_pack_columns(" + keys + "), * FROM " + test::quoted(shape.name))) {
      const auto rowid = std::get<std::int64_t>(row[0]);
      Blob pk = std::get<Blob>(row[1]);
      rows[rowid] = {std::move(row), std::move(pk)};
    }
    return rows;
  }

  /// Points 1 and 2 of host_listeners_merge_test.cpp.
  void check_told(const Shape& shape, const HeldRows& before, const Wins& wins) {
    const HeldRows after = held(shape);
    const auto& told = told_[shape.name];
    if (without_rowid(shape)) {
      EXPECT_TRUE(told.empty());
      return;
    }
    for (const auto& [rowid, operations] : told) {
      SCOPED_TRACE(testing::Message() << "row " << rowid << ": " << testing::PrintToString(operations));
      events += operations.size();
      bool there = before.contains(rowid);
      for (const std::string& operation : operations) {
        EXPECT_EQ(operation == "INSERT", !there);
        there = operation != "DELETE";
      }
      EXPECT_EQ(there, after.contains(rowid));
      EXPECT_LE(operations.size(), wins_of(rowid, before, after, wins));
    }
    for (const HeldRows* rows : {&before, &after}) {
      for (const auto& [rowid, row] : *rows) {
        const auto was = before.find(rowid);
        const auto is = after.find(rowid);
        const bool same = was != before.end() && is != after.end() && was->second.row == is->second.row;
        EXPECT_TRUE(same || told.contains(rowid)) << "nothing was told of row " << rowid;
      }
    }
  }

  /// A row that came and went, between, may be any of those that won.
  static std::size_t wins_of(std::int64_t rowid, const HeldRows& before, const HeldRows& after, const Wins& wins) {
    std::set<Blob> pks;
    if (before.contains(rowid)) pks.insert(before.at(rowid).pk);
    if (after.contains(rowid)) pks.insert(after.at(rowid).pk);
    std::size_t count = 0;
    for (const auto& [pk, won] : wins) count += pks.empty() || pks.contains(pk) ? won : 0;
    return count;
  }

  void check_seen(const Shape& shape) {
    const Seen& seen = seen_[shape.name];
    EXPECT_EQ(seen.runs, told_[shape.name].empty() ? 0 : 1);
    quiet += seen.runs == 0 ? 1 : 0;
    if (!without_rowid(shape)) {
      EXPECT_EQ(seen.rows, db_.query(rows_of(shape)));
    }
  }

  const std::vector<Shape>& shapes_;
  Database db_;
  OpHost host_;
  std::map<std::string, Seen> seen_;
  std::map<std::string, std::map<std::int64_t, Lines>> told_;
};

class HostsOnMerges : public testing::TestWithParam<int> {};

TEST_P(HostsOnMerges, SeeTheRowsThatAreThere) {
  Choices choices = Choices::seeded(static_cast<std::uint64_t>(1000 + GetParam()));
  std::vector<Shape> shapes = all_shapes();
  choices.shuffle(shapes);
  shapes.resize(4);
  Receiver receiver(shapes);
  std::vector<Site> peers;
  for (const char* name : {"one", "two"}) {
    Site& peer = peers.emplace_back(name);
    for (const Shape& shape : shapes) {
      peer.db().exec(shape.create + "; SELECT crsql_as_crr(" + literal(Value(shape.name)) + ")");
    }
  }
  for (int round = 0; round < 60 && !HasFailure(); ++round) {
    SCOPED_TRACE(round);
    Site& peer = peers[choices.index(peers.size())];
    const std::int64_t version = peer.version();
    for (std::size_t left = choices.index(6); left > 0; --left) {
      try_to(peer.db(), WriteMaker(choices.pick(shapes), choices).any().sql);
    }
    if (choices.chance(20)) sync_full(peers[0], peers[1]);
    if (choices.chance(20)) sync_full(peers[1], peers[0]);
    if (choices.chance(50)) receiver.write(WriteMaker(choices.pick(shapes), choices).any().sql);
    const std::int64_t since = choices.chance(70) ? version : 0;
    const LinkFaults faults = choices.chance(50) ? any_faults(choices) : LinkFaults();
    receiver.merge(carry(peer.changes(since), faults, choices), kRoutes[choices.index(3)]);
  }
  EXPECT_EQ(receiver.db().lines("SELECT * FROM rejoin_check"), Lines{});
  EXPECT_GT(receiver.changes_merged, 100U);
  EXPECT_GT(receiver.events, 20U);
  EXPECT_GT(receiver.quiet, 20U);
}

INSTANTIATE_TEST_SUITE_P(Seeds, HostsOnMerges, testing::Range(1, 25));

}  // namespace
}  // namespace rejoin::test

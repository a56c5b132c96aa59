// rejoin merge: files that were written apart become equal.
#include <nlohmann/json.hpp>

#include <filesystem>
#include <sstream>
#include <thread>

#include "cli/tool.hpp"

namespace rejoin::cli_test {
namespace {

using Json = nlohmann::json;

constexpr const char* kPlaces =
    "CREATE TABLE places (id TEXT PRIMARY KEY NOT NULL, name TEXT, stars INTEGER, note TEXT);"
    "SELECT crsql_as_crr('places');";

class MergeTest : public ToolTest {
 protected:
  Json merge_json(const std::vector<std::string>& names, std::vector<std::string> options = {}) const {
    options.push_back("--json");
    const Outcome outcome = merge(names, options);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return Json::parse(outcome.out);
  }

  void expect_no_news(const std::vector<std::string>& names) const {
    const auto before = all_bytes();
    const Outcome outcome = merge(names);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_TRUE(outcome.out.starts_with("No news")) << outcome.out;
    EXPECT_EQ(merge_json(names)["read"], 0);
    EXPECT_EQ(all_bytes(), before) << "a merge without news wrote something";
  }

  // a.db and b.db with the same three rows, which a wrote and b merged.
  void make_two() const {
    make("a.db", std::string(kPlaces) +
                     "INSERT INTO places VALUES ('p', 'Paris', 1, ''), ('l', 'Lisbon', 2, ''),"
                     "('r', 'Rome', 3, '')");
    make("b.db", kPlaces);
    const Outcome outcome = merge({"a.db", "b.db"});
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  }
};

TEST_F(MergeTest, AllKindsOfWritesMeet) {
  make_two();
  sql("a.db",
      "UPDATE places SET stars = 5 WHERE id = 'p'; UPDATE places SET note = 'A' WHERE id = 'l';"
      "DELETE FROM places WHERE id = 'r'; INSERT INTO places VALUES ('o', 'Oslo', NULL, 'fjord');"
      "INSERT INTO places VALUES ('k', 'Kyiv', 1, ''); UPDATE places SET id = 'kyiv' WHERE id = 'k'");
  sql("b.db",
      "UPDATE places SET note = 'tower' WHERE id = 'p'; UPDATE places SET note = 'B' WHERE id = 'l';"
      "UPDATE places SET stars = 9 WHERE id = 'r'; INSERT INTO places VALUES ('o', 'Oslo', 4, NULL)");
  const Outcome outcome = merge({"a.db", "b.db"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(rows_of(path("a.db"), "SELECT * FROM places ORDER BY id"),
            "'kyiv'|'Kyiv'|1|''\n'l'|'Lisbon'|2|'B'\n'o'|'Oslo'|4|'fjord'\n'p'|'Paris'|5|'tower'\n");
  expect_same({"a.db", "b.db"}, "places");
  expect_no_news({"a.db", "b.db"});
  expect_no_news({"b.db", "a.db"});
}

TEST_F(MergeTest, ReportsWhatMovedAndWhatCollided) {
  make_two();
  sql("a.db", "UPDATE places SET note = 'A', stars = 7 WHERE id = 'l'");
  sql("b.db", "UPDATE places SET note = 'B' WHERE id = 'l'; UPDATE places SET stars = 8 WHERE id = 'p'");
  const Json report = merge_json({"a.db", "b.db"});
  ASSERT_EQ(report["pulls"].size(), 2U);
  const Json& to_a = report["pulls"][0];
  EXPECT_EQ(to_a["to"], path("a.db"));
  EXPECT_EQ(to_a["read"], 2);
  EXPECT_EQ(to_a["changes"], 2);
  EXPECT_EQ(to_a["rows"], 2);
  EXPECT_EQ(to_a["tables"], Json::parse(R"([{"table": "places", "changes": 2}])"));
  ASSERT_EQ(to_a["conflicts"], 1);
  EXPECT_EQ(to_a["conflict_list"][0]["cid"], "note");
  EXPECT_EQ(to_a["conflict_list"][0]["incoming"], "B");
  EXPECT_EQ(to_a["conflict_list"][0]["incoming_won"], true);
  const Json& to_b = report["pulls"][1];
  EXPECT_EQ(to_b["to"], path("b.db"));
  EXPECT_EQ(to_b["changes"], 1) << "only stars of Lisbon is news to b";
  EXPECT_EQ(to_b["conflicts"], 0) << "a conflict is counted once";
  EXPECT_EQ(report["changes"], 3);
  EXPECT_EQ(report["rows"], 3);
  EXPECT_EQ(report["conflicts"], 1);
  EXPECT_EQ(report["news"], true);
}

TEST_F(MergeTest, TellsPeopleTheSame) {
  make_two();
  sql("a.db", "UPDATE places SET note = 'A' WHERE id = 'l'");
  sql("b.db", "UPDATE places SET note = 'B' WHERE id = 'l'");
  const Outcome outcome = merge({"a.db", "b.db"});
  EXPECT_NE(outcome.out.find("took 1 change in 1 row from " + path("b.db") + ", 1 conflict decided"), std::string::npos)
      << outcome.out;
  EXPECT_NE(outcome.out.find("places ('l') note: " + path("b.db") + "'s 'B' is kept"), std::string::npos)
      << outcome.out;
  EXPECT_NE(outcome.out.find("Merged 2 files: 1 change in 1 row, 1 conflict"), std::string::npos) << outcome.out;
  EXPECT_EQ(outcome.err, "");
}

TEST_F(MergeTest, OneSidedEditsAreNoConflict) {
  make_two();
  sql("b.db", "UPDATE places SET note = 'B' WHERE id = 'l'; DELETE FROM places WHERE id = 'p'");
  EXPECT_EQ(merge_json({"a.db", "b.db"})["conflicts"], 0);
}

TEST_F(MergeTest, OnlyNewsIsRead) {
  make_two();
  sql("b.db", "UPDATE places SET stars = 8 WHERE id = 'p'");
  const Json report = merge_json({"a.db", "b.db"});
  ASSERT_EQ(report["pulls"].size(), 1U) << "a has nothing new, so b need not read it";
  EXPECT_EQ(report["read"], 1);
  EXPECT_EQ(report["changes"], 1);
}

TEST_F(MergeTest, FourFilesInAnyOrder) {
  const std::vector<std::string> names{"a.db", "b.db", "c.db", "d.db"};
  for (const std::string& name : names) {
    make(name, std::string(kPlaces) + "INSERT INTO places VALUES ('" + name + "', 'own', 1, ''), ('all', '" + name +
                   "', NULL, NULL)");
  }
  ASSERT_EQ(merge(names).exit_code, 0);
  expect_same(names, "places");
  EXPECT_EQ(rows_of(path("c.db"), "SELECT id, name FROM places ORDER BY id"),
            "'a.db'|'own'\n'all'|'d.db'\n'b.db'|'own'\n'c.db'|'own'\n'd.db'|'own'\n");
  expect_no_news(names);
  expect_no_news({"c.db", "a.db"});
  sql("b.db", "UPDATE places SET stars = 3 WHERE id = 'c.db'");
  sql("d.db", "DELETE FROM places WHERE id = 'a.db'");
  ASSERT_EQ(merge({"d.db", "c.db", "b.db", "a.db"}).exit_code, 0);
  expect_same(names, "places");
  expect_no_news(names);
}

TEST_F(MergeTest, ChangesReachFilesThatNeverMet) {
  make("a.db", std::string(kPlaces) + "INSERT INTO places VALUES ('a', 'A', 1, '')");
  make("b.db", kPlaces);
  make("c.db", std::string(kPlaces) + "INSERT INTO places VALUES ('c', 'C', 1, '')");
  ASSERT_EQ(merge({"a.db", "b.db"}).exit_code, 0);
  ASSERT_EQ(merge({"b.db", "c.db"}).exit_code, 0);
  expect_same({"b.db", "c.db"}, "places");
  ASSERT_EQ(merge({"c.db", "a.db"}).exit_code, 0);
  expect_same({"a.db", "c.db", "b.db"}, "places");
  EXPECT_EQ(rows_of(path("a.db"), "SELECT id FROM places ORDER BY id"), "'a'\n'c'\n");
}

TEST_F(MergeTest, SeveralTablesWithOddNames) {
  const std::string tables =
      R"(CREATE TABLE "two words" ("sel""ect" TEXT NOT NULL, "a.b" INTEGER NOT NULL, "it's" BLOB, "ключ" REAL,
           PRIMARY KEY ("a.b", "sel""ect"));
         CREATE TABLE "select" (id INTEGER PRIMARY KEY NOT NULL, "from" TEXT);
         CREATE TABLE "[x,y]" (id INTEGER PRIMARY KEY NOT NULL, v);)";
  for (const char* name : {"a.db", "b.db"}) {
    make(name, tables);
    const Outcome outcome = run_tool({"init", path(name), "two words", "select", "[x,y]"});
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  }
  sql("a.db", R"(INSERT INTO "two words" VALUES ('k', 1, x'00ff', 1.5); INSERT INTO "select" VALUES (1, 'a');
                 INSERT INTO "[x,y]" VALUES (1, 'a'))");
  sql("b.db", R"(INSERT INTO "two words" VALUES ('k', 2, x'', -0.5); INSERT INTO "select" VALUES (2, 'b');
                 INSERT INTO "[x,y]" VALUES (2, 'b'))");
  const Outcome outcome = merge({"a.db", "b.db"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  for (const char* table : {"\"two words\"", "\"select\"", "\"[x,y]\""}) {
    const std::string query = std::string("SELECT * FROM ") + table + " ORDER BY 1, 2";
    EXPECT_EQ(rows_of(path("a.db"), query), rows_of(path("b.db"), query)) << table;
    EXPECT_EQ(rows_of(path("a.db"), std::string("SELECT count(*) FROM ") + table), "2\n");
  }
  EXPECT_EQ(merge({"a.db", "b.db"}, {"--check"}).exit_code, 0);
}

TEST_F(MergeTest, FilesInWriteAheadLogMode) {
  make_two();
  execute_plain(path("a.db"), "PRAGMA journal_mode = WAL");
  sql("a.db", "UPDATE places SET note = 'A' WHERE id = 'p'");
  sql("b.db", "UPDATE places SET note = 'B' WHERE id = 'l'");
  ASSERT_EQ(merge({"b.db", "a.db"}).exit_code, 0);
  expect_same({"a.db", "b.db"}, "places");
  EXPECT_EQ(rows_of(path("a.db"), "PRAGMA journal_mode"), "'wal'\n");
}

TEST_F(MergeTest, WritesOfOtherProgramsBetweenMergesAreFound) {
  make_two();
  for (int i = 0; i < 5; ++i) {
    sql("a.db", "UPDATE places SET stars = " + std::to_string(100 + i) + " WHERE id = 'p'");
    sql("b.db", "UPDATE places SET note = 'n" + std::to_string(i) + "' WHERE id = 'p'");
    const Json report =
        merge_json(i % 2 == 0 ? std::vector<std::string>{"a.db", "b.db"} : std::vector<std::string>{"b.db", "a.db"});
    EXPECT_EQ(report["changes"], 2) << i;
    EXPECT_EQ(report["read"], 2) << i;
    EXPECT_EQ(report["conflicts"], 0) << i;
  }
  expect_same({"a.db", "b.db"}, "places");
}

// Networking code notes in crsql_tracked_peers how far it has received: version and seq, in the middle of a version
// too.
TEST_F(MergeTest, VersionThatWasReceivedInPartIsReadAgain) {
  make_two();
  sql("b.db", "UPDATE places SET stars = 7, note = 'seven' WHERE id = 'p'");
  const Json status = Json::parse(run_tool({"status", "--json", path("b.db")}).out);
  const std::string version = std::to_string(status["db_version"].get<int>());
  Json changes = Json::parse(
      run_tool({"changes", "--json", path("b.db"), "--since", std::to_string(status["db_version"].get<int>() - 1)})
          .out);
  ASSERT_EQ(changes.size(), 2U);
  changes.erase(1);
  ASSERT_EQ(run_tool({"apply", path("a.db")}, {.input = changes.dump()}).exit_code, 0);
  sql("a.db", "UPDATE crsql_tracked_peers SET version = " + version + ", seq = 1 WHERE hex(site_id) = upper('" +
                  status["site_id"].get<std::string>() + "')");
  ASSERT_EQ(merge({"a.db", "b.db"}).exit_code, 0);
  EXPECT_EQ(rows_of(path("a.db"), "SELECT stars, note FROM places WHERE id = 'p'"), "7|'seven'\n");
  expect_no_news({"a.db", "b.db"});
}

// Each of the two waits until the other is done with a file.
TEST_F(MergeTest, TwoMergesAtOnceWaitForEachOther) {
  make_two();
  for (int i = 0; i < 5; ++i) {
    sql("a.db", "UPDATE places SET stars = " + std::to_string(i) +
                    " WHERE id = 'p'; INSERT INTO places (id) VALUES ('a" + std::to_string(i) + "')");
    sql("b.db", "UPDATE places SET note = 'n" + std::to_string(i) + "' WHERE id = 'l'");
    std::vector<Outcome> outcomes(4);
    std::vector<std::thread> runs;
    for (std::size_t k = 0; k < outcomes.size(); ++k) {
      runs.emplace_back([&, k] {
        outcomes[k] =
            k % 2 == 0 ? merge({"a.db", "b.db"}, {"--wait", "60"}) : merge({"b.db", "a.db"}, {"--wait", "60"});
      });
    }
    for (std::thread& run : runs) run.join();
    for (const Outcome& outcome : outcomes) EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    expect_same({"a.db", "b.db"}, "places");
  }
}

// What a file wrote before it was restored from a backup lives on in the others, and comes back to it.
class RestoredTest : public MergeTest, public ::testing::WithParamInterface<std::vector<std::string>> {};

TEST_P(RestoredTest, GetsBackWhatItHadWritten) {
  make_two();
  const std::string backup = read_bytes(path("b.db"));
  sql("b.db", "UPDATE places SET note = 'lost' WHERE id = 'p'");
  sql("b.db", "INSERT INTO places VALUES ('x', 'lost too', 1, '')");
  ASSERT_EQ(merge({"a.db", "b.db"}).exit_code, 0);
  write_bytes(path("b.db"), backup);
  sql("b.db", "INSERT INTO places VALUES ('y', 'since', 2, '')");  // under a version that a has merged already
  const Json report = merge_json(GetParam());
  EXPECT_EQ(report["restored"], Json::array({path("b.db")}));
  expect_same({"a.db", "b.db"}, "places");
  EXPECT_EQ(rows_of(path("b.db"), "SELECT id, name, note FROM places WHERE id IN ('p', 'x', 'y') ORDER BY id"),
            "'p'|'Paris'|'lost'\n'x'|'lost too'|''\n'y'|'since'|''\n");
  expect_no_news(GetParam());
}

INSTANTIATE_TEST_SUITE_P(EitherOrder, RestoredTest,
                         ::testing::Values(std::vector<std::string>{"a.db", "b.db"},
                                           std::vector<std::string>{"b.db", "a.db"}));

TEST_F(MergeTest, RestoredFileAmongThreeOfWhichOneNeverKnewIt) {
  make_two();
  make("c.db", kPlaces);
  const std::string backup = read_bytes(path("b.db"));
  sql("b.db", "INSERT INTO places VALUES ('x', 'lost', 1, '')");
  ASSERT_EQ(merge({"a.db", "b.db"}).exit_code, 0);
  write_bytes(path("b.db"), backup);
  ASSERT_EQ(merge({"c.db", "b.db", "a.db"}).exit_code, 0);
  expect_same({"a.db", "b.db", "c.db"}, "places");
  EXPECT_EQ(rows_of(path("b.db"), "SELECT name FROM places WHERE id = 'x'"), "'lost'\n");
  expect_no_news({"a.db", "b.db", "c.db"});
}

// The fixtures' own folder says how the real cr-sqlite made them, and what it made of them.
class ReferenceTest : public MergeTest {
 protected:
  static std::string fixture(const std::string& name) {
    return read_bytes(std::string(REJOIN_SOURCE_DIR) + "/tests/cli/fixtures/" + name);
  }
  void copy(const std::string& name) const { write_bytes(path(name), fixture(name)); }

  std::string reference_rows(const std::string& name) const {
    std::string rows;
    std::istringstream in(rows_of(path(name), fixture("reference-rows.sql")));
    for (std::string line; std::getline(in, line);) rows += line.substr(1, line.size() - 2) + "\n";
    return rows;
  }
};

TEST_F(ReferenceTest, FilesOfCrSqliteMergeAsCrSqliteMergesThem) {
  for (const auto& order : {std::vector<std::string>{"reference-a.db", "reference-b.db"},
                            std::vector<std::string>{"reference-b.db", "reference-a.db"}}) {
    copy("reference-a.db");
    copy("reference-b.db");
    const Outcome outcome = merge(order);
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_EQ(reference_rows("reference-a.db"), fixture("reference-merged.txt"));
    EXPECT_EQ(reference_rows("reference-b.db"), fixture("reference-merged.txt"));
    EXPECT_EQ(merge(order, {"--check"}).exit_code, 0);
    expect_no_news(order);
  }
}

TEST_F(ReferenceTest, FilesOfCrSqliteMergeWithOurs) {
  copy("reference-a.db");
  copy("reference-b.db");
  make("ours.db",
       "CREATE TABLE odd (k NOT NULL, part TEXT NOT NULL, v, w, PRIMARY KEY (k, part));"
       "CREATE TABLE tags (tag TEXT PRIMARY KEY NOT NULL);"
       "SELECT crsql_as_crr('odd'), crsql_as_crr('tags'); INSERT INTO tags VALUES ('ours')");
  const std::vector<std::string> names{"ours.db", "reference-a.db", "reference-b.db"};
  ASSERT_EQ(merge(names).exit_code, 0);
  std::string expected = fixture("reference-merged.txt");
  const std::string last_tag = "626F7468\n";
  expected.insert(expected.find(last_tag) + last_tag.size(), "6F757273\n");  // 'ours'
  for (const std::string& name : names) EXPECT_EQ(reference_rows(name), expected);
  EXPECT_EQ(merge(names, {"--check"}).exit_code, 0);
}

// cr-sqlite moves the cells of a row whose key changes to the new key without giving them a new version: whoever reads
// only what is newer than its cursor would get rows of NULLs.
TEST_F(ReferenceTest, KeyChangesOfCrSqliteArriveWholeByCursor) {
  for (const auto& order : {std::vector<std::string>{"ours.db", "reference-b.db"}, {"reference-b.db", "ours.db"}}) {
    std::filesystem::remove(path("ours.db"));
    make("ours.db",
         "CREATE TABLE odd (k NOT NULL, part TEXT NOT NULL, v, w, PRIMARY KEY (k, part));"
         "CREATE TABLE tags (tag TEXT PRIMARY KEY NOT NULL); SELECT crsql_as_crr('odd'), crsql_as_crr('tags')");
    copy("reference-b.db");
    ASSERT_EQ(merge(order).exit_code, 0);
    write_bytes(path("reference-b.db"), fixture("reference-b-later.db"));
    const std::string query = "SELECT k, v, w FROM odd WHERE part = 'z' ORDER BY 2";
    const std::string expected = rows_of(path("reference-b.db"), query);
    EXPECT_EQ(expected, "'edited'|1|'from b'\n65536|inf|'with a cell'\n");
    ASSERT_EQ(merge(order).exit_code, 0);
    EXPECT_EQ(rows_of(path("ours.db"), query), expected);
    EXPECT_EQ(rows_of(path("reference-b.db"), query), expected);
    EXPECT_EQ(merge(order, {"--check"}).exit_code, 0);
    expect_no_news(order);
  }
}

}  // namespace
}  // namespace rejoin::cli_test

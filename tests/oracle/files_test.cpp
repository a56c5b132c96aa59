// One database file that the real cr-sqlite and Rejoin write in turn, held beside one that only cr-sqlite writes.

#include <gtest/gtest.h>

#include <iostream>
#include <string>
#include <vector>

#include "oracle/member.hpp"
#include "oracle/ours.hpp"
#include "oracle/reference.hpp"
#include "oracle/schema.hpp"
#include "oracle/seeds.hpp"
#include "oracle/text.hpp"

namespace rejoin::oracle {
namespace {

using test::Choices;

// The file in turn here and there; the twin stays with cr-sqlite.
class Shuttle {
 public:
  Shuttle(Reference& reference, Ours& ours) : reference_(reference), ours_(ours) {}

  void start(bool by_reference) {
    here_ = by_reference ? static_cast<Engine*>(&reference_) : &ours_;
    here_->open_file("file", {});
    reference_.open_file("twin", {});
  }

  void run(const std::string& sql) {
    const Answer left = here_->run("file", sql);
    const Answer right = reference_.run("twin", sql);
    EXPECT_EQ(left.failure.has_value(), right.failure.has_value()) << sql;
  }

  void hand_over() {
    Engine* there = here_ == &ours_ ? static_cast<Engine*>(&reference_) : &ours_;
    const Blob bytes = here_->content("file");
    here_->close("file");
    there->open_file("file", bytes);
    here_ = there;
  }

  void expect_as_twin(const std::string& when) {
    EXPECT_EQ(integrity(*here_, "file"), "ok") << when;
    EXPECT_EQ(difference(agreed_state(*here_, "file"), agreed_state(reference_, "twin")), "") << when << where();
  }

  [[nodiscard]] bool at_reference() const { return here_ == &reference_; }

 private:
  [[nodiscard]] std::string where() const { return at_reference() ? ", with cr-sqlite" : ", with Rejoin"; }

  Reference& reference_;
  Ours& ours_;
  Engine* here_ = nullptr;
};

TEST(Files, GoBackAndForth) {
  REJOIN_NEEDS_REFERENCE();
  Reference reference;
  Ours ours;
  const std::uint64_t count = count_or(20);
  std::size_t rounds = 0;
  for (std::uint64_t seed = first_seed(); seed < first_seed() + count && !HasFailure(); ++seed) {
    SCOPED_TRACE("REJOIN_ORACLE_SEED=" + std::to_string(seed) + " REJOIN_ORACLE_COUNT=1");
    Choices choices = Choices::seeded(seed);
    Shuttle file(reference, ours);
    file.start(choices.chance(50));
    std::vector<Table> tables;
    for (int round = 0; round < 6 && !HasFailure(); ++round, ++rounds) {
      if (tables.size() < 2 && choices.chance(70)) {
        tables.push_back(random_table(random_table_name(tables.size(), choices), choices));
        file.run(tables.back().create);
        file.run("SELECT crsql_as_crr(" + string_literal(tables.back().name) + ");");
      }
      for (int left = 10; left > 0 && !tables.empty(); --left) {
        const Table& table = choices.pick(tables);
        const MadeChange made = random_change(table, choices);
        file.run(choices.chance(75) || made.values.find('{') != std::string::npos
                     ? random_write(table, choices)
                     : "INSERT INTO crsql_changes VALUES (" + made.values + ");");
        if (made.may_fail) reference.run("twin", "SELECT crsql_internal_sync_bit(0)");
        if (made.may_fail && file.at_reference()) reference.run("file", "SELECT crsql_internal_sync_bit(0)");
      }
      file.expect_as_twin("before handing over, round " + std::to_string(round));
      file.hand_over();
      file.expect_as_twin("after handing over, round " + std::to_string(round));
    }
  }
  std::cout << count << " files from seed " << first_seed() << ", " << rounds << " times handed over\n";
  EXPECT_GE(rounds, count * 6);
}

TEST(Files, KeepSiteAndVersions) {
  REJOIN_NEEDS_REFERENCE();
  Reference reference;
  Ours ours;
  reference.open_file("file", {});
  reference.rows(
      "file",
      "CREATE TABLE t (a INTEGER PRIMARY KEY NOT NULL, b); SELECT crsql_as_crr('t'); INSERT INTO t VALUES (1, 1);"
      "UPDATE t SET b = 2; INSERT INTO crsql_changes VALUES ('t', x'010902', 'b', 5, 3, 40, x'11', 1, 2)");
  const std::string ask =
      "SELECT crsql_site_id(), crsql_db_version(), (SELECT value FROM crsql_master WHERE key = "
      "'crsqlite_version')";
  const std::string written = show(reference.rows("file", ask));
  const std::string changes = show(reference.rows("file", "SELECT * FROM crsql_changes"));
  ours.open_file("file", reference.content("file"));
  EXPECT_EQ(show(ours.rows("file", ask)), written);
  EXPECT_EQ(show(ours.rows("file", "SELECT * FROM crsql_changes")), changes);
  ours.rows("file", "UPDATE t SET b = 6 WHERE a = 2");
  reference.open_file("file", ours.content("file"));
  EXPECT_EQ(show(reference.rows("file", "SELECT crsql_db_version()")), "41\n");
  EXPECT_EQ(show(reference.rows("file", "SELECT val, col_version FROM crsql_changes WHERE db_version = 41")), "6|4\n");
}

}  // namespace
}  // namespace rejoin::oracle

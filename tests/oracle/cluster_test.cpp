// Clusters in which Rejoin and the real cr-sqlite sync with each other: all sites end up with the same rows and clocks.
//
// Keys change only where Rejoin writes: a key change made by cr-sqlite does not reach its peers (rule key-change).

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

class Cluster {
 public:
  Cluster(Reference& reference, Ours& ours, std::uint64_t seed) : choices_(Choices::seeded(seed)) {
    for (std::size_t i = 0; i < 1 + choices_.index(2); ++i) {
      tables_.push_back(random_table(random_table_name(i, choices_), choices_));
    }
    const std::size_t size = 2 + choices_.index(3);
    for (std::size_t i = 0; i < size; ++i) {
      Member member;
      member.is_reference = i == 0 || (i > 1 && choices_.chance(40));  // at least one of each
      member.engine = member.is_reference ? static_cast<Engine*>(&reference) : &ours;
      member.db = std::string(1, static_cast<char>('a' + i));
      member.engine->open(member.db);
      member.site = std::get<Blob>(member.engine->rows(member.db, "SELECT crsql_site_id()")[0][0]);
      for (const Table& table : tables_) {
        member.engine->rows(member.db, table.create);
        member.engine->rows(member.db, "SELECT crsql_as_crr(" + string_literal(table.name) + ")");
      }
      members_.push_back(std::move(member));
    }
  }

  void live(std::size_t steps) {
    for (; steps > 0; --steps) {
      Member& member = members_[choices_.index(members_.size())];
      if (choices_.chance(25)) {
        Member& other = members_[choices_.index(members_.size())];
        if (&other != &member) sent_ += sync_news(other, member);
      } else {
        write(member);
      }
    }
  }

  // Everyone asks everyone for news until there is none.
  void settle() {
    for (int round = 0; round < 10; ++round) {
      std::size_t news = 0;
      for (Member& to : members_) {
        for (const Member& from : members_) {
          if (&from != &to) news += sync_news(from, to);
        }
      }
      sent_ += news;
      if (news == 0) return;
    }
    ADD_FAILURE() << "the news never end";
  }

  void expect_agreement() {
    const Rows first = agreed_state(*members_[0].engine, members_[0].db);
    for (std::size_t i = 1; i < members_.size(); ++i) {
      const Rows other = agreed_state(*members_[i].engine, members_[i].db);
      EXPECT_EQ(difference(first, other), "")
          << "left: cr-sqlite; right: " << (members_[i].is_reference ? "cr-sqlite" : "Rejoin") << "\n"
          << log_;
    }
  }

  [[nodiscard]] std::size_t sent() const { return sent_; }

 private:
  void write(Member& member) {
    const Table& table = choices_.pick(tables_);
    const bool change_key = !member.is_reference && choices_.chance(15);
    const bool transaction = choices_.chance(25);
    std::string sql;
    for (std::size_t left = transaction ? 2 + choices_.index(3) : 1; left > 0; --left) {
      sql += change_key ? random_key_change(table, choices_) : random_write(table, choices_);
    }
    log_ += member.db + ": " + sql + "\n";
    // A statement that fails leaves its transaction to be ended.
    if (transaction) sql = "BEGIN;" + sql + "COMMIT;";
    if (!member.engine->run(member.db, sql).autocommit) member.engine->run(member.db, "COMMIT");
  }

  Choices choices_;
  std::vector<Table> tables_;
  std::vector<Member> members_;
  std::size_t sent_ = 0;
  std::string log_;
};

TEST(MixedCluster, Converges) {
  REJOIN_NEEDS_REFERENCE();
  Reference reference;
  Ours ours;
  const std::uint64_t count = count_or(40);
  std::size_t sent = 0;
  for (std::uint64_t seed = first_seed(); seed < first_seed() + count && !HasFailure(); ++seed) {
    SCOPED_TRACE("REJOIN_ORACLE_SEED=" + std::to_string(seed) + " REJOIN_ORACLE_COUNT=1");
    Cluster cluster(reference, ours, seed);
    for (int day = 0; day < 3; ++day) {
      cluster.live(20);
      if (day > 0) cluster.settle();
      if (day > 0) cluster.expect_agreement();
      if (HasFailure()) break;
    }
    sent += cluster.sent();
  }
  std::cout << count << " clusters from seed " << first_seed() << ", " << sent << " changes sent\n";
  EXPECT_GT(sent, count * 10);
}

}  // namespace
}  // namespace rejoin::oracle

// The merge rule over a whole small domain: against the truth table in docs/merge.md, and against the laws that the
// page promises.
#include "crr/merge_rule.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "crr/tiny_replica.hpp"
#include "support/database.hpp"

namespace rejoin::internal {
namespace {

// --- the truth table ---

using Words = std::vector<std::string>;

std::vector<std::string> lines_of_page() {
  std::ifstream in(REJOIN_SOURCE_DIR "/docs/merge.md");
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::string trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" `");
  return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(" `") - first + 1);
}

/// The rows of the table whose first head is `head`, without the two lines that make the head.
std::vector<Words> table_of_page(const std::string& head) {
  std::vector<Words> rows;
  bool inside = false;
  for (const std::string& line : lines_of_page()) {
    if (!inside && !line.starts_with("| " + head + " |")) continue;
    if (inside && !line.starts_with("|")) break;
    inside = true;
    std::istringstream parts(line.substr(1));
    Words& row = rows.emplace_back();
    for (std::string part; std::getline(parts, part, '|');) row.push_back(trimmed(part));
  }
  if (rows.size() > 2) rows.erase(rows.begin(), rows.begin() + 2);
  return rows;
}

/// Whether `fact` is among the words of a field: "a", "a or b", or "any".
bool allows(const std::string& field, const std::string& fact) {
  if (field == "any") return true;
  std::string rest = field;
  for (std::size_t at = 0; (at = rest.find(" or ")) != std::string::npos;) {
    if (rest.substr(0, at) == fact) return true;
    rest.erase(0, at + 4);
  }
  return rest == fact;
}

const std::map<std::string, Decision> kDecisions = {
    {"ignore", Decision::kIgnore},        {"delete", Decision::kDelete},
    {"start life", Decision::kStartLife}, {"start life, then cell", Decision::kNewLifeCell},
    {"first cell", Decision::kFirstCell}, {"cell", Decision::kCell},
    {"sentinel", Decision::kSentinel}};

/// One point of the domain, in numbers and in the words of the table's heads.
struct Point {
  int local_cl, incoming_cl, local_version, incoming_version, order;
  bool about_row, known;

  [[nodiscard]] Words facts() const {
    const auto relation = [](int a, int b) { return a < b ? "lower" : a > b ? "higher" : "same"; };
    return {local_cl == 0 && incoming_cl == 1 ? "first" : relation(incoming_cl, local_cl),
            incoming_cl % 2 == 1 ? "alive" : "dead",
            about_row ? "row" : "cell",
            known ? "known" : "unknown",
            relation(incoming_version, local_version),
            order > 0 ? "greater" : "not greater"};
  }
};

template <typename Visit>
void visit_points(Visit&& visit) {
  for (int local_cl = 0; local_cl <= 5; ++local_cl)
    for (int incoming_cl = 1; incoming_cl <= 6; ++incoming_cl)
      for (const bool about_row : {false, true})
        for (const bool known : {false, true})
          for (int local_version = 0; local_version <= 2; ++local_version)
            for (int incoming_version = 0; incoming_version <= 2; ++incoming_version)
              for (int order = -1; order <= 1; ++order)
                visit(Point{local_cl, incoming_cl, local_version, incoming_version, order, about_row, known});
}

Decision decide_at(const Point& point, int& asked) {
  return decide(point.local_cl, {point.known, point.local_version}, point.incoming_cl, point.about_row,
                point.incoming_version, [&] {
                  ++asked;
                  return point.order <=> 0;
                });
}

TEST(MergeRule, IsTheTruthTableOfTheDocument) {
  const std::vector<Words> table = table_of_page("incoming cl");
  ASSERT_GT(table.size(), 5U);
  std::vector<int> used(table.size());
  visit_points([&](const Point& point) {
    const Words facts = point.facts();
    int matches = 0;
    for (std::size_t row = 0; row < table.size(); ++row) {
      ASSERT_EQ(table[row].size(), facts.size() + 1);
      bool match = true;
      for (std::size_t i = 0; i < facts.size(); ++i) match = match && allows(table[row][i], facts[i]);
      if (!match) continue;
      ++matches;
      ++used[row];
      int asked = 0;
      ASSERT_TRUE(kDecisions.contains(table[row].back())) << table[row].back();
      EXPECT_EQ(decide_at(point, asked), kDecisions.at(table[row].back()))
          << testing::PrintToString(facts) << " against row " << row + 1;
      EXPECT_EQ(asked, table[row][5] == "any" ? 0 : 1) << "compares only where the table looks at values";
    }
    EXPECT_EQ(matches, 1) << "rows of the table for " << testing::PrintToString(facts);
  });
  for (std::size_t row = 0; row < table.size(); ++row) EXPECT_GT(used[row], 0) << "row " << row + 1 << " never applies";
}

TEST(MergeRule, EveryDecisionIsExplainedInTheDocument) {
  std::set<std::string> explained;
  for (const Words& row : table_of_page("decision")) explained.insert(row[0]);
  for (const auto& [name, decision] : kDecisions) EXPECT_TRUE(explained.contains(name)) << name;
  EXPECT_EQ(explained.size(), kDecisions.size());
}

// --- the order of values ---

/// The literals of the page's list, least first.
Words values_in_order() {
  Words values;
  bool inside = false;
  for (const std::string& line : lines_of_page()) {
    if (inside && line.starts_with("```")) break;
    if (line == "```order") {
      inside = true;
      continue;
    }
    if (!inside) continue;
    std::string rest = line + " ";
    for (std::size_t at = 0; (at = rest.find(" < ")) != std::string::npos; rest.erase(0, at + 3)) {
      values.push_back(trimmed(rest.substr(0, at)));
    }
    if (const std::string last = trimmed(rest); !last.empty()) values.push_back(last);
  }
  return values;
}

TEST(OrderOfValues, IsTheListOfTheDocument) {
  const Words literals = values_in_order();
  ASSERT_GT(literals.size(), 15U);
  const test::Database db(":memory:", test::Engine::kAbsent);
  std::vector<sqlite3_stmt*> statements;
  for (const std::string& literal : literals) {
    sqlite3_stmt*& statement = statements.emplace_back(nullptr);
    ASSERT_EQ(sqlite3_prepare_v2(db.handle(), ("SELECT " + literal).c_str(), -1, &statement, nullptr), SQLITE_OK)
        << literal;
    ASSERT_EQ(sqlite3_step(statement), SQLITE_ROW);
  }
  for (std::size_t a = 0; a < literals.size(); ++a) {
    for (std::size_t b = 0; b < literals.size(); ++b) {
      EXPECT_EQ(order_values(ValueView::of_column(statements[a], 0), ValueView::of_column(statements[b], 0)), a <=> b)
          << literals[a] << " and " << literals[b];
    }
  }
  for (sqlite3_stmt* statement : statements) sqlite3_finalize(statement);
}

TEST(OrderOfValues, BothZerosAreOne) {
  ValueView plus;
  ValueView minus;
  plus.type = minus.type = SQLITE_FLOAT;
  minus.real = -0.0;
  EXPECT_EQ(order_values(plus, minus), std::strong_ordering::equal);
}

TEST(OrderOfValues, AnEmptyTextNeedsNoAddress) {
  ValueView empty;
  empty.type = SQLITE_TEXT;
  ValueView other = empty;
  const std::uint8_t byte = 0;
  EXPECT_EQ(order_values(empty, other), std::strong_ordering::equal);
  other.bytes = {&byte, 1};
  EXPECT_EQ(order_values(empty, other), std::strong_ordering::less);
  EXPECT_EQ(order_values(other, empty), std::strong_ordering::greater);
}

// --- the laws ---

/// Every change that is about `cells` cells, lives up to `lives`, versions up to `versions`, two values and two sites.
std::vector<TinyChange> all_changes(int cells, int lives, int versions) {
  std::vector<TinyChange> all;
  for (int cl = 1; cl <= lives; ++cl) {
    for (const int writer : {1, 2}) {
      all.push_back({cl, -1, cl, 0, writer});
      for (int cell = 0; cell < cells; ++cell)
        for (int version = 0; version <= versions; ++version)
          for (const int value : {1, 2}) all.push_back({cl, cell, version, value, writer});
    }
  }
  return all;
}

/// Every state that some sequence of these changes leads to.
std::vector<TinyRow> all_states(const std::vector<TinyChange>& changes, bool equal_values) {
  std::set<TinyRow> seen = {TinyRow()};
  std::vector<TinyRow> open = {TinyRow()};
  while (!open.empty()) {
    const TinyRow state = open.back();
    open.pop_back();
    for (const TinyChange& change : changes) {
      TinyRow next = state;
      merge_tiny(next, change, equal_values);
      if (seen.insert(next).second) open.push_back(next);
    }
  }
  return {seen.begin(), seen.end()};
}

TinyRow merged(TinyRow row, const std::vector<TinyChange>& changes, bool equal_values) {
  for (const TinyChange& change : changes) merge_tiny(row, change, equal_values);
  return row;
}

/// The state as far as the laws are about it. A cell of version 0 or without a clock row is a remnant of an earlier
/// life or a default, which counts for nothing; sites count where equal values have one winner.
TinyRow essence(TinyRow row, bool equal_values) {
  if (row.alive()) {
    row.sentinel = false;
    row.sentinel_writer = 0;
  }
  if (!equal_values) row.sentinel_writer = 0;
  for (TinyCell& cell : row.cells) {
    if (!equal_values) cell.writer = 0;
    if (cell.version == 0) cell = {};
  }
  return row;
}

/// The place of a state in the order that merging climbs: the life first, then each cell by itself.
bool below(const TinyRow& a, const TinyRow& b) {
  if (a.cl != b.cl) return a.cl < b.cl;
  for (std::size_t i = 0; i < a.cells.size(); ++i) {
    const TinyCell& left = a.cells[i];
    const TinyCell& right = b.cells[i];
    if (std::tie(left.known, left.version, left.value) > std::tie(right.known, right.version, right.value))
      return false;
  }
  return true;
}

struct Laws : testing::TestWithParam<bool> {
  bool equal_values = GetParam();
};
INSTANTIATE_TEST_SUITE_P(, Laws, testing::Bool(), [](const auto& equal_values) {
  return equal_values.param ? "EqualValuesHaveOneWinner" : "EqualValuesStay";
});

TEST_P(Laws, AChangeTwiceIsOnceAndNeverCountsAgain) {
  const std::vector<TinyChange> changes = all_changes(2, 4, 1);
  const std::vector<TinyRow> states = all_states(changes, equal_values);
  ASSERT_GT(states.size(), 300U);
  for (const TinyRow& state : states) {
    for (const TinyChange& first : changes) {
      TinyRow after = state;
      merge_tiny(after, first, equal_values);
      for (const TinyChange& second : changes) {
        TinyRow late = after;
        merge_tiny(late, second, equal_values);
        const TinyRow before_replay = late;
        ASSERT_EQ(merge_tiny(late, first, equal_values), Decision::kIgnore) << state << first << second;
        ASSERT_EQ(late, before_replay);
      }
    }
  }
}

TEST_P(Laws, EveryChangeThatWinsLeadsUpwards) {
  const std::vector<TinyChange> changes = all_changes(2, 3, 1);
  for (const TinyRow& state : all_states(changes, equal_values)) {
    for (const TinyChange& change : changes) {
      TinyRow after = state;
      const Decision decision = merge_tiny(after, change, equal_values);
      ASSERT_EQ(decision == Decision::kIgnore, after == state) << state << change;
      ASSERT_TRUE(below(state, after)) << state << change << after;
    }
  }
}

TEST_P(Laws, TheOrderOfTwoChangesDoesNotMatter) {
  const std::vector<TinyChange> changes = all_changes(2, 3, 2);
  for (const TinyRow& state : all_states(changes, equal_values)) {
    for (const TinyChange& a : changes) {
      for (const TinyChange& b : changes) {
        ASSERT_EQ(essence(merged(state, {a, b}, equal_values), equal_values),
                  essence(merged(state, {b, a}, equal_values), equal_values))
            << state << a << b;
      }
    }
  }
}

TEST_P(Laws, MergingWholeReplicasIsCommutativeAssociativeAndIdempotent) {
  const std::vector<TinyRow> states = all_states(all_changes(1, 4, 2), equal_values);
  ASSERT_GT(states.size(), 60U);
  const auto join = [&](const TinyRow& a, const TinyRow& b) { return merged(a, changes_of(b), equal_values); };
  const auto same = [&](const TinyRow& a, const TinyRow& b) {
    return essence(a, equal_values) == essence(b, equal_values);
  };
  for (const TinyRow& a : states) {
    ASSERT_EQ(join(a, a), a);
    for (const TinyRow& b : states) {
      ASSERT_TRUE(same(join(a, b), join(b, a))) << a << "\n" << b;
      for (const TinyRow& c : states) {
        ASSERT_TRUE(same(join(join(a, b), c), join(a, join(b, c)))) << a << "\n" << b << "\n" << c;
      }
    }
  }
}

// Remnants too are equal in the end: what a cell of version 0 holds is sent and weighed like everything else.
TEST_P(Laws, TwoReplicasThatGoOnExchangingBecomeEqualInEverything) {
  const std::vector<TinyRow> states = all_states(all_changes(2, 4, 1), equal_values);
  const auto shown = [&](TinyRow row) {
    if (row.cl == 1) row.sentinel = false;
    if (!equal_values || !row.sentinel) row.sentinel_writer = 0;
    for (TinyCell& cell : row.cells) {
      if (!equal_values) cell.writer = 0;
    }
    return row;
  };
  for (std::size_t i = 0; i < states.size(); ++i) {
    for (std::size_t j = 0; j < states.size(); ++j) {
      TinyRow a = states[i];
      TinyRow b = states[j];
      int rounds = 0;
      for (bool news = true; news; ++rounds) {
        const TinyRow a_before = a;
        const TinyRow b_before = b;
        b = merged(b, changes_of(a), equal_values);
        a = merged(a, changes_of(b), equal_values);
        news = a != a_before || b != b_before;
      }
      ASSERT_EQ(shown(a), shown(b)) << states[i] << "\n" << states[j];
      ASSERT_LE(rounds, 3) << states[i] << "\n" << states[j];
    }
  }
}

// --- whole histories ---

/// What an application can do to its row, as local_recorder stamps it.
void insert(TinyRow& row, int site, int value) {
  if (row.sentinel) {
    row.cl += row.alive() ? 2 : 1;
    row.sentinel_writer = site;
  } else {
    row.cl = 1;
  }
  for (TinyCell& cell : row.cells) cell = {true, cell.version + 1, value, site};
}

void update(TinyRow& row, int site, int value) {
  if (row.alive()) row.cells[0] = {true, row.cells[0].version + 1, value, site};
}

void remove(TinyRow& row, int site) {
  if (row.alive()) row = {row.cl + 1, true, site, {}};
}

// Every history of six steps on two sites: writes, deletes, and deliveries of everything, in either direction. Since a
// life begins with all of its cells, equality is of everything, remnants included, after one exchange.
TEST_P(Laws, EveryShortHistoryOfTwoSitesEndsEqual) {
  constexpr int kActions = 8;
  constexpr int kSteps = 6;
  int total = 1;
  for (int i = 0; i < kSteps; ++i) total *= kActions;
  for (int history = 0; history < total; ++history) {
    std::array<TinyRow, 2> sites;
    int rest = history;
    for (int step = 0; step < kSteps; ++step, rest /= kActions) {
      const std::size_t me = static_cast<std::size_t>(rest % 2);
      const int name = static_cast<int>(me) + 1;
      switch (rest % kActions / 2) {
        case 0:
          if (!sites[me].alive()) insert(sites[me], name, name);
          break;
        case 1:
          update(sites[me], name, 3 - name);
          break;
        case 2:
          remove(sites[me], name);
          break;
        default:
          sites[me] = merged(sites[me], changes_of(sites[1 - me]), equal_values);
      }
    }
    sites[1] = merged(sites[1], changes_of(sites[0]), equal_values);
    sites[0] = merged(sites[0], changes_of(sites[1]), equal_values);
    for (TinyRow& row : sites) {
      if (!equal_values || row.alive()) row.sentinel_writer = 0;
      if (row.alive()) row.sentinel = row.cl > 1;
      for (TinyCell& cell : row.cells) {
        if (!equal_values) cell.writer = 0;
      }
    }
    ASSERT_EQ(sites[0], sites[1]) << "history " << history;
  }
}

}  // namespace
}  // namespace rejoin::internal

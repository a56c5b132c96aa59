#include "support/sync_steps.hpp"

#include <algorithm>

namespace rejoin::test {

namespace {

void require_same_changes(const std::vector<Change>& engine, const std::vector<Change>& model) {
  for (std::size_t i = 0; i < std::max(engine.size(), model.size()); ++i) {
    if (i >= engine.size()) throw Violation("the engine lacks " + describe(model[i]));
    if (i >= model.size()) throw Violation("the model lacks " + describe(engine[i]));
    if (engine[i] != model[i]) {
      throw Violation("merged to " + describe(engine[i]) + ", the model says " + describe(model[i]));
    }
  }
}

/// Merges into one site, in one transaction or in several, and holds the result against the model.
class Delivery {
 public:
  Delivery(World& world, Site& to, Choices& choices)
      : world_(world),
        to_(to),
        choices_(choices),
        before_(to.changes()),
        model_(before_, to.id(), to.version(), world.merge_equal_values) {}

  void run(const std::vector<Change>& changes) {
    world_.tally.deliveries += 1;
    const std::size_t whole = std::max<std::size_t>(changes.size(), 1);
    const std::size_t per_transaction = choices_.chance(70) ? whole : 1 + choices_.index(whole);
    for (std::size_t begin = 0; begin < changes.size(); begin += per_transaction) {
      const std::size_t end = std::min(changes.size(), begin + per_transaction);
      one_transaction(
          {changes.begin() + static_cast<std::ptrdiff_t>(begin), changes.begin() + static_cast<std::ptrdiff_t>(end)});
    }
    if (!world_.strict()) return;
    require_no_fault(to_);
    require_as_model(to_, model_, "the merge");
  }

 private:
  void one_transaction(const std::vector<Change>& changes) {
    if (choices_.chance(4)) {  // all in vain
      to_.db().exec("BEGIN");
      for (const Change& change : changes) to_.merge(change);
      to_.db().exec("ROLLBACK");
    }
    model_.begin();
    std::int64_t won = 0;
    to_.db().exec("BEGIN");
    // Which way they go in follows from what they are, so that no choice is spent on it.
    const bool singly = changes.size() % 3 == 0;
    if (changes.size() % 3 == 1) to_.merge_statement(changes);
    if (changes.size() % 3 == 2) to_.merge_batch(changes);
    for (const Change& change : changes) {
      if (singly) to_.merge(change);
      const int counts = merge_in_model(change);
      won += counts;
      (counts > 0 ? world_.tally.changes_won : world_.tally.changes_lost) += 1;
      const bool told = singly || &change == &changes.back();
      if (world_.strict() && told && to_.rows_impacted() != won) {
        throw Violation("crsql_rows_impacted() is " + std::to_string(to_.rows_impacted()) + ", the model says " +
                        std::to_string(won) + ", after " + describe(change));
      }
    }
    to_.db().exec("COMMIT");
  }

  // Of what the schema lacks, only the end of a row's life can be taken in; the rest is held.
  int merge_in_model(const Change& change) {
    const bool has_table = std::ranges::find(to_.shapes(), change.table, &Shape::name) != to_.shapes().end();
    if (knows(to_, change) || (has_table && change.causal_length % 2 == 0)) return model_.merge(change);
    world_.tally.changes_held += 1;
    return 0;
  }

  World& world_;
  Site& to_;
  Choices& choices_;
  std::vector<Change> before_;
  MergeModel model_;
};

class Exchange {
 public:
  Exchange(World& world, std::size_t from, std::size_t to, Choices& choices)
      : world_(world), from_(from), to_(to), choices_(choices) {}

  void everything() { deliver("everything", sender().changes()); }

  void something() { deliver("something", carry(sender().changes(), any_faults(choices_), choices_)); }

  // As a client polls; the line may break in the middle, or repeat and reorder what is in one batch. A client may keep
  // what came before the break, up to any change, but its cursor stays where nothing is missing below it.
  void news() {
    std::int64_t& cursor = world_.cursors[{to_, from_}];
    std::vector<Change> news = sender().changes(cursor, receiver().id());
    std::int64_t until = sender().version();
    if (choices_.chance(25)) {
      const std::size_t limit = choices_.index(news.size() + 1);
      std::vector<Change> whole = whole_versions(news, limit);
      until = whole.empty() ? cursor : whole.back().db_version;
      choices_.chance(50) ? news.resize(limit) : news.swap(whole);
    } else if (!news.empty() && choices_.chance(50)) {
      until = news.back().db_version;
    }
    if (news.empty()) return;
    const LinkFaults faults{.drop_some = false, .repeat_some = choices_.chance(20), .reorder = choices_.chance(30)};
    deliver("news above " + std::to_string(cursor), carry(std::move(news), faults, choices_));
    if (!choices_.chance(10)) cursor = std::max(cursor, until);  // else: the cursor is lost, they come again
  }

  void post() {
    const std::int64_t since = world_.cursors[{to_, from_}];
    std::vector<Change> news = sender().changes(since, receiver().id());
    if (news.empty()) return;
    const std::int64_t until = news.back().db_version;
    world_.note(sender(), "posts news above " + std::to_string(since) + " to " + receiver().name());
    mask(news);
    world_.messages.push_back({from_, to_, since, until, std::move(news)});
  }

 private:
  [[nodiscard]] Site& sender() const { return *world_.sites[from_]; }
  [[nodiscard]] Site& receiver() const { return *world_.sites[to_]; }

  void mask(std::vector<Change>& changes) const {
    if (!world_.masked) return;
    for (Change& change : changes) change.site_id = sender().id();
  }

  void deliver(const std::string& what, std::vector<Change> changes) {
    mask(changes);
    world_.note(sender(), what + " to " + receiver().name() + ", " + std::to_string(changes.size()) + " changes");
    Delivery(world_, receiver(), choices_).run(changes);
  }

  World& world_;
  std::size_t from_;
  std::size_t to_;
  Choices& choices_;
};

// A batch that was under way arrives: late, again, or after a younger one. The cursor moves only where nothing is
// skipped.
void deliver_message(World& world, Choices& choices) {
  if (world.messages.empty()) return;
  const std::size_t index = choices.index(world.messages.size());
  const Message message = world.messages[index];
  if (choices.chance(70)) world.messages.erase(world.messages.begin() + static_cast<std::ptrdiff_t>(index));
  std::int64_t& cursor = world.cursors[{message.to, message.from}];
  world.note(*world.sites[message.to], "a message of " + world.sites[message.from]->name() + " arrives");
  Delivery(world, *world.sites[message.to], choices).run(message.changes);
  if (message.since <= cursor) cursor = std::max(cursor, message.until);
}

// True: something moved.
bool settle_pair(World& world, std::size_t from, std::size_t to) {
  Site& sender = *world.sites[from];
  Site& receiver = *world.sites[to];
  const bool full = world.settling == Settling::kFull;
  std::int64_t& cursor = world.cursors[{to, from}];
  std::vector<Change> changes = full ? sender.changes() : sender.changes(cursor, receiver.id());
  if (changes.empty()) return false;
  cursor = std::max(cursor, changes.back().db_version);
  for (Change& change : changes) {
    if (world.masked) change.site_id = sender.id();
  }
  const std::int64_t won = receiver.merge_all(changes);
  world.tally.changes_settled += static_cast<std::int64_t>(changes.size());
  return !full || won > 0;
}

}  // namespace

bool knows(Site& site, const Change& change) {
  return std::ranges::any_of(site.shapes(), [&](const Shape& shape) {
    return shape.name == change.table &&
           (change.column == kSentinelColumn ||
            std::ranges::find(shape.cells, change.column, &Column::name) != shape.cells.end());
  });
}

void require_as_model(Site& site, const MergeModel& model, const std::string& after) {
  std::vector<Change> changes = site.changes();
  sort_by_cell(changes);
  require_same_changes(changes, model.changes());
  if (site.version() == model.db_version()) return;
  throw Violation("crsql_db_version() is " + std::to_string(site.version()) + " after " + after + ", the model says " +
                  std::to_string(model.db_version()));
}

void sync_step(World& world, Choices& choices) {
  const auto& [one, other] = choices.pick(world.neighbours);
  const bool forth = choices.chance(50);
  Exchange exchange(world, forth ? one : other, forth ? other : one, choices);
  switch (choices.below(8)) {
    case 0:
      return exchange.everything();
    case 1:
      return exchange.something();
    case 2:
      return exchange.post();
    case 3:
      return deliver_message(world, choices);
    default:
      return exchange.news();
  }
}

void settle(World& world, Choices& choices) {
  std::vector<std::pair<std::size_t, std::size_t>> ways;
  for (const auto& [one, other] : world.neighbours) {
    ways.emplace_back(one, other);
    ways.emplace_back(other, one);
  }
  for (int round = 0; round < 200; ++round) {
    choices.shuffle(ways);
    bool moved = false;
    for (const auto& [from, to] : ways) moved = settle_pair(world, from, to) || moved;
    if (!moved) return;
  }
  throw Violation("the replicas never come to rest");
}

}  // namespace rejoin::test

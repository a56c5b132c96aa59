#include "support/history.hpp"

#include <algorithm>
#include <functional>

#include "support/local_steps.hpp"
#include "support/schema_steps.hpp"
#include "support/sync_steps.hpp"
#include "support/temporary.hpp"

namespace rejoin::test {

namespace {

/// The choices of one step; nothing where the history ends. Step 0 sets up, the last one settles.
using Source = std::function<std::optional<Choices>(int step)>;

void choose_shapes(World& world, Choices& choices) {
  std::vector<Shape> pool = all_shapes();
  choices.shuffle(pool);
  pool.resize(1 + choices.index(3));
  for (Shape& shape : pool) {
    if (!world.evolving) shape.later.clear();
    shape.cells.insert(shape.cells.end(), shape.later.begin(), shape.later.end());
  }
  world.shapes = std::move(pool);
}

// A tree, and a few edges more.
void connect(World& world, Choices& choices) {
  const std::size_t count = world.sites.size();
  for (std::size_t i = 1; i < count; ++i) world.neighbours.emplace_back(choices.index(i), i);
  for (std::size_t extra = choices.index(count + 1); extra > 0; --extra) {
    const std::size_t one = choices.index(count);
    const std::size_t other = choices.index(count);
    if (one != other) world.neighbours.emplace_back(std::min(one, other), std::max(one, other));
  }
  std::ranges::sort(world.neighbours);
  world.neighbours.erase(std::unique(world.neighbours.begin(), world.neighbours.end()), world.neighbours.end());
}

// Where schemas evolve, a site begins with some of the tables, and with some of the columns that came later.
void create_tables(World& world, Site& site, Choices& choices) {
  for (const Shape& shape : world.shapes) {
    if (world.evolving && choices.chance(15) && (&shape != &world.shapes.back() || !site.shapes().empty())) continue;
    create_table(world, site, oldest(shape), true, choices);
  }
  for (std::size_t left = world.evolving ? choices.index(4) : 0; left > 0; --left) alter_step(world, site, choices);
}

// Most sites are in memory. The others live in files, are closed and opened again, and are written by two connections.
Site& add_site(World& world, Choices& choices) {
  const std::string name(1, static_cast<char>('a' + world.sites.size()));
  std::string path = ":memory:";
  if (choices.chance(4)) {
    if (!world.directory) world.directory = std::make_shared<TemporaryDirectory>();
    path = (world.directory->path() / (name + ".db")).string();
  }
  world.sites.push_back(std::make_unique<Site>(name, path));
  Site& site = *world.sites.back();
  if (site.in_file() && choices.chance(50)) site.db().exec("PRAGMA journal_mode = WAL");
  return site;
}

void set_up(World& world, const HistoryOptions& options, Choices& choices) {
  world.key_rule = options.key_rule;
  world.settling = choices.chance(60) ? Settling::kNews : Settling::kFull;
  world.merge_equal_values = choices.chance(35);
  world.masked = choices.chance(20);
  world.evolving = world.strict() && choices.chance(30);
  choose_shapes(world, choices);
  const std::size_t count = options.min_sites + choices.index(options.max_sites - options.min_sites + 1);
  for (std::size_t i = 0; i < count; ++i) {
    Site& site = add_site(world, choices);
    if (world.merge_equal_values) site.db().exec("SELECT crsql_config_set('merge-equal-values', 1)");
    if (world.evolving) site.db().exec("SELECT crsql_config_set('unknown-schema', 'hold')");
    if (choices.chance(40)) {
      world.note(site, "PRAGMA recursive_triggers = ON");
      site.db().exec("PRAGMA recursive_triggers = ON");
    }
    create_tables(world, site, choices);
  }
  connect(world, choices);
}

void finish(World& world, Choices& choices) {
  for (const auto& site : world.sites) bring_up_to_date(world, *site, choices);
  settle(world, choices);
  const bool sites_too = world.merge_equal_values && !world.masked && world.strict();
  for (std::size_t i = 1; i < world.sites.size(); ++i) {
    require_equal(*world.sites[0], *world.sites[i], world.shapes, sites_too);
  }
  if (!world.strict()) return;
  for (const auto& site : world.sites) require_sound(*site, world.shapes);
}

void play(World& world, const HistoryOptions& options, const Source& source) {
  std::optional<Choices> choices = source(0);
  set_up(world, options, *choices);
  for (int step = 1; step <= options.steps; ++step) {
    choices = source(step);
    if (!choices || choices->exhausted()) continue;
    Site& site = *choices->pick(world.sites);
    if (world.evolving && choices->chance(8)) {
      alter_step(world, site, *choices);
    } else if (choices->chance(55)) {
      local_step(world, site, *choices);
    } else {
      sync_step(world, *choices);
    }
  }
  choices = source(0);
  finish(world, *choices);
}

HistoryResult run(const HistoryOptions& options, const Source& source, bool tracing) {
  World world;
  world.tracing = tracing;
  HistoryResult result;
  try {
    play(world, options, source);
  } catch (const std::exception& error) {
    result.failure = error.what();
  }
  result.trace = std::move(world.trace);
  result.tally = world.tally;
  return result;
}

}  // namespace

Tally& Tally::operator+=(const Tally& other) {
  writes += other.writes;
  failed_writes += other.failed_writes;
  transactions += other.transactions;
  rollbacks += other.rollbacks;
  deliveries += other.deliveries;
  alters += other.alters;
  changes_held += other.changes_held;
  changes_won += other.changes_won;
  changes_lost += other.changes_lost;
  changes_settled += other.changes_settled;
  return *this;
}

std::string describe(const Tally& tally) {
  const auto count = [](std::int64_t number, const char* what) { return std::to_string(number) + " " + what; };
  return count(tally.writes, "write statements (") + count(tally.failed_writes, "failed), ") +
         count(tally.transactions, "transactions (") + count(tally.rollbacks, "rolled back), ") +
         count(tally.alters, "schema changes, ") + count(tally.deliveries, "deliveries, ") +
         count(tally.changes_won, "changes won, ") + count(tally.changes_lost, "lost, ") +
         count(tally.changes_held, "held, ") + count(tally.changes_settled, "merged while settling");
}

HistoryResult run_history(std::uint64_t seed, const HistoryOptions& options, const std::set<int>& left_out,
                          bool tracing) {
  const Source source = [&](int step) -> std::optional<Choices> {
    if (left_out.contains(step)) return std::nullopt;
    Choices mixer = Choices::seeded(seed * 1000003 + static_cast<std::uint64_t>(step));
    return Choices::seeded(mixer.below(UINT64_MAX));
  };
  return run(options, source, tracing);
}

HistoryResult run_history(std::span<const std::uint8_t> bytes, const HistoryOptions& options, bool tracing) {
  const Source source = [&bytes](int) -> std::optional<Choices> { return Choices::from_bytes(&bytes); };
  return run(options, source, tracing);
}

std::string explain_failure(std::uint64_t seed, const HistoryOptions& options) {
  std::set<int> left_out;
  for (int size = options.steps / 2; size > 0; size /= 2) {
    for (int begin = 1; begin <= options.steps; begin += size) {
      std::set<int> more = left_out;
      for (int step = begin; step < begin + size; ++step) more.insert(step);
      if (more.size() > left_out.size() && run_history(seed, options, more).failure) left_out = std::move(more);
    }
  }
  const HistoryResult result = run_history(seed, options, left_out, true);
  std::string text = "history " + std::to_string(seed) + ": " + result.failure.value_or("fails only now and then");
  for (const std::string& line : result.trace) text += "\n  " + line;
  return text;
}

}  // namespace rejoin::test

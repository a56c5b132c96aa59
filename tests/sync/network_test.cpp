// Whole networks of replicas, in thousands of seeded runs: lines that lose, delay, repeat, reorder and are cut,
// programs that end at any moment, files that are restored from backups. In the end all replicas are equal.
//   REJOIN_NETWORKS=n plays n networks of each kind instead of 150, REJOIN_NETWORK_SEED=s only the one of that seed.
#include <gtest/gtest.h>

#include <cstdlib>

#include "sync/simulation.hpp"

namespace rejoin::test {
namespace {

std::uint64_t number_from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

struct Kind {
  const char* name;
  bool bad_lines;  // that lose, repeat and reorder
  bool restores;
  bool repairs;
};

class Network {
 public:
  Network(std::uint64_t seed, const Kind& kind) : kind_(kind), choices_(Choices::seeded(seed)) {
    const std::size_t count = 2 + choices_.index(3);
    for (std::size_t i = 0; i < count; ++i) {
      devices_.push_back(std::make_unique<Device>(Database()));
      devices_[i]->db.exec(
          "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, a, b); CREATE TABLE u (k TEXT NOT NULL, n "
          "INTEGER NOT NULL, x, PRIMARY KEY (k, n)) WITHOUT ROWID; SELECT crsql_as_crr('t'); "
          "SELECT crsql_as_crr('u')");
      backups_.emplace_back();
      // A tree that holds all together, and some lines beside it.
      if (i > 0) connect(choices_.index(i), i);
      if (i > 1 && choices_.chance(30)) connect(0, i);
    }
  }

  void play() {
    const std::size_t steps = 100 + choices_.index(200);
    for (std::size_t i = 0; i < steps; ++i) step();
    for (int round = 0; round < 40; ++round) {
      for (auto& line : lines_) {
        if (!line.line->up()) line.line->join();
        settle(*line.line, choices_);
        if (testing::Test::HasFatalFailure()) return;
      }
      if (equal()) return;
    }
    FAIL() << "the replicas do not become equal";
  }

  void expect_sound() {
    for (const auto& device : devices_) {
      const auto faults = device->replica.check();
      for (const Fault& fault : faults.value()) ADD_FAILURE() << fault.table << ": " << fault.text;
    }
  }

 private:
  struct Connection {
    std::size_t a;
    std::size_t b;
    std::unique_ptr<Line> line;
  };

  void connect(std::size_t a, std::size_t b) {
    LineFaults faults;
    if (kind_.bad_lines)
      faults = {static_cast<unsigned>(choices_.below(30)), static_cast<unsigned>(choices_.below(30)),
                choices_.chance(50)};
    sync::SessionOptions options;
    options.message_bytes = std::size_t{64} << choices_.below(8);
    options.window = options.message_bytes * (1 + choices_.below(8));
    options.repair = kind_.repairs && choices_.chance(50);
    lines_.push_back({a, b, std::make_unique<Line>(*devices_[a], *devices_[b], faults, options)});
  }

  void step() {
    const std::uint64_t what = choices_.below(100);
    if (what < 35) {
      write(*devices_[choices_.index(devices_.size())]);
    } else if (what < 85) {
      Connection& connection = lines_[choices_.index(lines_.size())];
      if (!connection.line->up()) connection.line->join();
      for (std::uint64_t left = choices_.below(20); left > 0 && connection.line->up(); --left)
        connection.line->step(choices_);
      if (connection.line->up()) connection.line->tick(static_cast<std::int64_t>(choices_.below(3000)));
    } else if (what < 92) {
      lines_[choices_.index(lines_.size())].line->cut();
    } else if (what < 95 && kind_.restores) {
      const std::size_t device = choices_.index(devices_.size());
      backups_[device] = std::make_unique<Database>(Database::copy_of(devices_[device]->db));
    } else {
      const std::size_t device = choices_.index(devices_.size());
      cut_lines_of(device);  // its program ends
      if (!backups_[device] || choices_.chance(50)) return;
      restore(device);  // and goes on under versions that it has used before
      for (std::uint64_t writes = choices_.below(6); writes > 0; --writes) write(*devices_[device]);
    }
  }

  void write(Device& device) {
    const std::string id = std::to_string(choices_.below(30));
    const std::string value = choices_.chance(10) ? "hex(randomblob(150))" : std::to_string(choices_.below(50));
    switch (choices_.below(7)) {
      case 0:
        return device.db.exec("DELETE FROM t WHERE id = " + id);
      case 1:
        return device.db.exec("UPDATE t SET a = " + value + " WHERE id > " + id);
      case 2:
        return device.db.exec("INSERT INTO u VALUES ('k', " + id + ", 'x') ON CONFLICT DO UPDATE SET x = " + value);
      case 3:
        return device.db.exec("UPDATE OR IGNORE u SET n = n + 1");
      case 4:
        return device.db.exec("BEGIN; DELETE FROM u WHERE n = " + id + "; INSERT INTO t VALUES (" + id +
                              ", 1, 2) ON CONFLICT DO NOTHING; "
                              "UPDATE t SET b = " +
                              value + "; COMMIT");
      default:
        return device.db.exec("INSERT INTO t VALUES (" + id + ", " + value +
                              ", 'b') ON CONFLICT DO UPDATE SET a = excluded.a");
    }
  }

  void cut_lines_of(std::size_t device) {
    for (auto& line : lines_) {
      if (line.a == device || line.b == device) line.line->cut();
    }
    devices_[device]->timeline = sync::make_timeline();  // opened again
  }

  void restore(std::size_t device) {
    Device& here = *devices_[device];
    here.db = Database::copy_of(*backups_[device]);
    here.replica = *Replica::on(here.db.handle());
  }

  bool equal() const {
    const Digest first = *devices_[0]->replica.digest();
    for (const auto& device : devices_) {
      if (!(*device->replica.digest() == first)) return false;
    }
    return true;
  }

  Kind kind_;
  Choices choices_;
  std::vector<std::unique_ptr<Device>> devices_;
  std::vector<std::unique_ptr<Database>> backups_;
  std::vector<Connection> lines_;
};

class Networks : public testing::TestWithParam<Kind> {};

TEST_P(Networks, EndEqual) {
  const std::uint64_t only = number_from_environment("REJOIN_NETWORK_SEED", 0);
  const std::uint64_t count = number_from_environment("REJOIN_NETWORKS", 150);
  for (std::uint64_t seed = only == 0 ? 1 : only; seed <= (only == 0 ? count : only); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Network network(seed, GetParam());
    network.play();
    network.expect_sound();
    if (HasFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(All, Networks,
                         testing::Values(Kind{"Cuts", false, false, false}, Kind{"BadLines", true, false, false},
                                         Kind{"Restores", false, true, false}, Kind{"All", true, true, true}),
                         [](const auto& kind) { return std::string(kind.param.name); });

}  // namespace
}  // namespace rejoin::test

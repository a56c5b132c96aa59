// A named piece of work that runs on several engines, and what it should cost.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "database.hpp"

namespace bench {

/// Told when the work itself begins and ends: what is before, between and after is not measured.
class Meter {
 public:
  virtual ~Meter() = default;
  virtual void start() = 0;
  virtual void stop() = 0;
};

class NoMeter : public Meter {
  void start() override {}
  void stop() override {}
};

/// A bound from the issue "speed". `value` is compared with what `kind` says about Rejoin.
struct Target {
  enum class Kind { kTimesLimit, kTimesPlain, kPerSecond, kMicroseconds, kMebibytes, kTimesOther };
  Kind kind = Kind::kTimesLimit;
  double value = 0;
  std::string other = {};  ///< kTimesOther: the workload that it is compared with, for each item
};

struct Workload {
  std::string name;    ///< "insert/one_transaction/integer/5"
  std::string family;  ///< what is made for one of a family is kept for the next one
  int items = 1;       ///< how many rows, changes or polls one run has
  std::string item;    ///< "row"
  std::vector<Target> targets = {};
  bool on_plain = true;
  bool on_other = true;
  std::vector<Engine::Way> limit_ways = {};  ///< none: there is no limit to compare with
  bool in_memory = false;                    ///< what is measured is memory: run() returns bytes
  /// One run. Returns bytes where in_memory, else nothing of interest.
  std::function<double(const Engine&, Meter&)> run = {};
  /// Gives up where the limit has not written what the engine writes.
  std::function<void(const Engine& limit, const Engine& engine)> verify = {};
};

/// How large everything is.
struct Sizes {
  int rows = 100000;        // of the default table
  int cells = 250000;       // of the other shapes' tables, as far as rows go
  int small = 20000;        // transactions of a row each
  int merged_rows = 20000;  // whose changes are merged
  int tables = 1000;        // CRRs of the database with many
  int table_rows = 1000;    // rows in each of them
  std::vector<int> growth = {50000, 500000};
  int growth_work = 10000;  // rows that are written in a table of each of these sizes

  static Sizes full();
  static Sizes quick();
  /// For counting instructions.
  static Sizes counted();
};

void add_local_workloads(const Sizes& sizes, bool default_shape_only, std::vector<Workload>& workloads);
void add_change_workloads(const Sizes& sizes, std::vector<Workload>& workloads);
void add_growth_workloads(const Sizes& sizes, std::vector<Workload>& workloads);

/// All changes of a database as hand-written SQL reads them, but for the packing of keys.
std::string limit_read_sql(const Shape& shape);
/// Reads to the end, each value too; returns how many rows there were.
int read_rows(Prepared& read, std::int64_t since);

/// Gives up where table and shadow tables of two databases differ.
void compare_databases(const std::string& what, Database& limit, Database& engine, const Shape& shape);

}  // namespace bench

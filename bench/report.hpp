// What was measured, as a table, JSON and charts.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "workload.hpp"

namespace bench {

/// The runs of one workload on one engine: seconds, or bytes, for each item.
struct Samples {
  std::vector<double> values;
  [[nodiscard]] double median() const;
};

struct Measured {
  const Workload* workload = nullptr;
  std::map<std::string, Samples> engines;  // by Engine::name()

  [[nodiscard]] bool has(const std::string& engine) const { return engines.contains(engine); }
  /// Per item; 0 where it did not run.
  [[nodiscard]] double of(const std::string& engine) const;
  /// The best way of writing the limit, "" where there is none.
  [[nodiscard]] std::string best_limit() const;
};

/// The figures of one workload as they are shown: ratios are to plain SQLite, or where that does not apply to the
/// limit.
struct Row {
  std::string name, plain, limit, way, rejoin, other, to_limit, cost, targets;
};

/// A target and what was measured against it.
struct Verdict {
  std::string text;     // "<= 1.25 x limit"
  double measured = 0;  // in the target's own unit
  bool known = false;   // false: what it is compared with was not measured
  bool met = false;
};

class Report {
 public:
  void add(Measured measured) { all_.push_back(std::move(measured)); }
  [[nodiscard]] const std::vector<Measured>& all() const { return all_; }
  [[nodiscard]] const Measured* find(const std::string& workload) const;
  [[nodiscard]] Verdict verdict(const Measured& measured, const Target& target) const;

  static void print_heading(const std::string& context);
  void print_row(const Measured& measured) const;
  /// How many targets are met and which are not.
  void print_summary() const;
  /// The table as Markdown, for docs/performance.md.
  void write_markdown(const std::filesystem::path& file, const std::string& context) const;
  void write_json(const std::filesystem::path& file, const std::map<std::string, std::string>& context) const;

 private:
  [[nodiscard]] Row row_of(const Measured& measured) const;
  std::vector<Measured> all_;
};

/// Draws docs/charts.
void draw_charts(const Report& report, const std::filesystem::path& directory);

}  // namespace bench

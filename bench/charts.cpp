// Bar charts for the documents: SVG, readable on light and dark pages.
#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>

#include "report.hpp"

namespace bench {

namespace {

struct Bar {
  std::string label;
  std::string series;  // a class of the style sheet: plain, limit, rejoin, other
  double value = 0;
};

struct Group {
  std::string label;
  std::vector<Bar> bars;
};

std::string number(double value) {
  std::array<char, 32> text{};
  const char* format = value >= 1000 ? "%.0f" : value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : "%.2f";
  std::snprintf(text.data(), text.size(), format, value);
  return text.data();
}

constexpr const char* kStyle = R"(<style>
text { font: 12px system-ui, sans-serif; fill: #24292f }
.title { font-weight: 600; font-size: 14px }
.plain { fill: #8c959f } .limit { fill: #54aeff } .rejoin { fill: #0969da } .other { fill: #bc4c00 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .plain { fill: #6e7681 } .limit { fill: #79c0ff } .rejoin { fill: #1f6feb } .other { fill: #f0883e }
}
</style>
)";

std::string text_at(int x, int y, const std::string& text, const std::string& more = "") {
  return "<text x=\"" + std::to_string(x) + "\" y=\"" + std::to_string(y) + "\"" + more + ">" + text + "</text>\n";
}

void draw(const std::filesystem::path& file, const std::string& title, const std::vector<Group>& groups) {
  constexpr int kWidth = 760, kLeft = 230, kBar = 14, kGap = 10, kTop = 40;
  double most = 0;
  int bars = 0;
  for (const Group& group : groups) {
    for (const Bar& bar : group.bars) most = std::max(most, bar.value);
    bars += static_cast<int>(group.bars.size());
  }
  if (bars == 0) return;
  const int height = kTop + bars * kBar + static_cast<int>(groups.size()) * kGap + 10;
  std::ofstream out(file);
  out << "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " << kWidth << ' ' << height << "\" width=\""
      << kWidth << "\" height=\"" << height << "\" role=\"img\">\n<title>" << title << "</title>\n"
      << kStyle << text_at(10, 22, title, " class=\"title\"");
  int y = kTop;
  for (const Group& group : groups) {
    out << text_at(kLeft - 8, y + 11, group.label, " text-anchor=\"end\"");
    for (const Bar& bar : group.bars) {
      const int width = std::max(1, static_cast<int>(bar.value / most * (kWidth - kLeft - 150)));
      out << "<rect class=\"" << bar.series << "\" x=\"" << kLeft << "\" y=\"" << y << "\" width=\"" << width
          << "\" height=\"" << kBar - 2 << "\"/>\n"
          << text_at(kLeft + width + 6, y + 11, number(bar.value) + " " + bar.label);
      y += kBar;
    }
    y += kGap;
  }
  out << "</svg>\n";
  if (!out.flush()) give_up("cannot write " + file.string());
}

/// Limit, Rejoin and the other engine, each as `show` says.
template <typename Show>
std::vector<Bar> bars_of(const Measured& measured, Show&& show) {
  std::vector<Bar> bars;
  for (const std::string& engine : {measured.best_limit(), std::string("rejoin"), std::string("other")}) {
    if (!measured.has(engine)) continue;
    const std::string series = engine.substr(0, engine.find('_'));
    bars.push_back({series == "limit" ? "limit of the format" : series, series, show(measured.of(engine))});
  }
  return bars;
}

/// Local writes to the default table, as multiples of plain SQLite.
std::vector<Group> local_groups(const Report& report, const std::string& transactions) {
  std::vector<Group> groups;
  for (const Measured& measured : report.all()) {
    const std::string& name = measured.workload->name;
    const std::string ending = "/" + transactions + "/integer/5";
    const double plain = measured.of("plain");
    if (!name.ends_with(ending) || plain <= 0) continue;
    groups.push_back(
        {name.substr(0, name.size() - ending.size()), bars_of(measured, [&](double value) { return value / plain; })});
  }
  return groups;
}

std::vector<Group> rate_groups(const Report& report) {
  std::vector<Group> groups;
  for (const Measured& measured : report.all()) {
    if (measured.workload->item != "change") continue;
    groups.push_back({measured.workload->name, bars_of(measured, [](double value) { return 1e-3 / value; })});
  }
  return groups;
}

std::vector<Group> growth_groups(const Report& report) {
  std::vector<Group> groups;
  for (const Measured& measured : report.all()) {
    const std::string& name = measured.workload->name;
    if (!name.starts_with("grow/") || name.find("/tail") != std::string::npos) continue;
    groups.push_back({name.substr(5), bars_of(measured, [](double value) { return value * 1e6; })});
  }
  std::stable_sort(groups.begin(), groups.end(), [](const Group& a, const Group& b) {
    return a.label.substr(0, a.label.find('/')) < b.label.substr(0, b.label.find('/'));
  });
  return groups;
}

}  // namespace

void draw_charts(const Report& report, const std::filesystem::path& directory) {
  std::filesystem::create_directories(directory);
  draw(directory / "local-one-transaction.svg", "Local writes, one transaction: times plain SQLite (less is better)",
       local_groups(report, "one_transaction"));
  draw(directory / "local-transaction-a-row.svg",
       "Local writes, a transaction a row: times plain SQLite (less is better)",
       local_groups(report, "transaction_a_row"));
  draw(directory / "changes.svg", "Reading and merging: thousand changes a second (more is better)",
       rate_groups(report));
  draw(directory / "growth.svg", "Writes to a table of so many rows: microseconds a row (less is better)",
       growth_groups(report));
}

}  // namespace bench

#include "report.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>

namespace bench {

namespace {

template <typename... Values>
std::string formatted(const char* format, Values... values) {
  std::array<char, 96> text{};
  std::snprintf(text.data(), text.size(), format, values...);
  return text.data();
}

std::string rate(double per_second) {
  if (per_second >= 1e6) return formatted("%.2f M/s", per_second / 1e6);
  return per_second >= 1e3 ? formatted("%.0f k/s", per_second / 1e3) : formatted("%.1f /s", per_second);
}

std::string amount(double value, bool memory) {
  if (memory) return formatted("%.2f MiB", value / 1048576);
  return value < 1e-3 ? formatted("%.2f us", value * 1e6) : formatted("%.2f ms", value * 1e3);
}

std::string target_text(const Target& target) {
  switch (target.kind) {
    case Target::Kind::kTimesLimit:
      return formatted("<= %.2f x limit", target.value);
    case Target::Kind::kTimesPlain:
      return formatted("<= %.1f x plain", target.value);
    case Target::Kind::kPerSecond:
      return ">= " + rate(target.value);
    case Target::Kind::kMicroseconds:
      return formatted("<= %.0f us", target.value);
    case Target::Kind::kMebibytes:
      return formatted("<= %.0f MiB", target.value);
    default:
      return formatted("<= %.1f x ", target.value) + target.other;
  }
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) >= 0x20) out += c;
  }
  return out + "\"";
}

std::string engines_json(const Measured& measured) {
  std::string out;
  for (const auto& [name, samples] : measured.engines) {
    const auto [least, most] = std::minmax_element(samples.values.begin(), samples.values.end());
    out += (out.empty() ? "" : ", ") + quoted(name) + ": " +
           formatted("{\"median\": %.9g, \"min\": %.9g, \"max\": %.9g, \"runs\": %zu}", samples.median(), *least, *most,
                     samples.values.size());
  }
  return "{" + out + "}";
}

}  // namespace

double Samples::median() const {
  if (values.empty()) return 0;
  std::vector<double> sorted = values;
  std::sort(sorted.begin(), sorted.end());
  const std::size_t middle = sorted.size() / 2;
  return sorted.size() % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

double Measured::of(const std::string& engine) const {
  const auto found = engines.find(engine);
  return found == engines.end() ? 0 : found->second.median();
}

std::string Measured::best_limit() const {
  std::string best;
  for (const auto& [name, samples] : engines) {
    if (name.starts_with("limit") && (best.empty() || samples.median() < of(best))) best = name;
  }
  return best;
}

const Measured* Report::find(const std::string& workload) const {
  for (const Measured& measured : all_) {
    if (measured.workload->name == workload) return &measured;
  }
  return nullptr;
}

Verdict Report::verdict(const Measured& measured, const Target& target) const {
  Verdict verdict{target_text(target)};
  const double own = measured.of("rejoin");
  double other = 1;
  if (target.kind == Target::Kind::kTimesLimit) other = measured.of(measured.best_limit());
  if (target.kind == Target::Kind::kTimesPlain) other = measured.of("plain");
  if (target.kind == Target::Kind::kMicroseconds) other = 1e-6;
  if (target.kind == Target::Kind::kMebibytes) other = 1048576;
  if (target.kind == Target::Kind::kTimesOther) {
    const Measured* base = find(target.other);
    other = base == nullptr ? 0 : base->of("rejoin");
  }
  verdict.known = own > 0 && other > 0;
  if (!verdict.known) return verdict;
  const bool at_least = target.kind == Target::Kind::kPerSecond;
  verdict.measured = at_least ? 1 / own : own / other;
  verdict.met = at_least ? verdict.measured >= target.value : verdict.measured <= target.value;
  return verdict;
}

void Report::print_heading(const std::string& context) {
  std::printf("%s\n\n", context.c_str());
  std::printf("%-44s %10s %7s %-5s %7s %7s %7s %10s  %s\n", "workload, for each item", "plain", "limit", "", "rejoin",
              "other", "rejoin/", "rejoin", "targets");
  std::printf("%-44s %10s %7s %-5s %7s %7s %7s %10s\n", "", "", "x plain", "", "x plain", "x plain", "limit", "");
}

Row Report::row_of(const Measured& measured) const {
  const bool memory = measured.workload->in_memory;
  const double plain = measured.of("plain");
  const double own = measured.of("rejoin");
  const std::string limit = measured.best_limit();
  const auto ratio = [](double a, double b) { return a > 0 && b > 0 ? formatted("%.2f", a / b) : std::string("-"); };
  const double unit = plain > 0 ? plain : limit.empty() ? own : measured.of(limit);
  Row row;
  row.name = measured.workload->name;
  row.plain = plain > 0 ? amount(plain, memory) : "-";
  row.limit = ratio(measured.of(limit), unit);
  row.way = limit.empty() ? "" : limit.substr(6);
  row.rejoin = ratio(own, unit);
  row.other = ratio(measured.of("other"), unit);
  row.to_limit = ratio(own, measured.of(limit));
  row.cost = own <= 0 ? "-" : measured.workload->item == "change" ? rate(1 / own) : amount(own, memory);
  for (const Target& target : measured.workload->targets) {
    const Verdict result = verdict(measured, target);
    row.targets += row.targets.empty() ? "" : "; ";
    row.targets += result.text + (!result.known ? " ?" : result.met ? " met" : " NOT MET");
  }
  return row;
}

void Report::print_row(const Measured& measured) const {
  const Row row = row_of(measured);
  std::printf("%-44s %10s %7s %-5s %7s %7s %7s %10s  %s\n", row.name.c_str(), row.plain.c_str(), row.limit.c_str(),
              row.way.c_str(), row.rejoin.c_str(), row.other.c_str(), row.to_limit.c_str(), row.cost.c_str(),
              row.targets.c_str());
  std::fflush(stdout);
}

void Report::write_markdown(const std::filesystem::path& file, const std::string& context) const {
  std::ofstream out(file);
  bool any_other = false;
  for (const Measured& measured : all_) any_other = any_other || measured.has("other");
  out << context << "\n\n| workload | plain | limit, x plain | Rejoin, x plain |"
      << (any_other ? " other, x plain |" : "")
      << " Rejoin / limit | Rejoin's cost or rate | target |\n| --- | --- | --- | --- |" << (any_other ? " --- |" : "")
      << " --- | --- | --- |\n";
  for (const Measured& measured : all_) {
    const Row row = row_of(measured);
    out << "| `" << row.name << "` | " << row.plain << " | " << row.limit << ' ' << row.way << " | " << row.rejoin
        << " | " << (any_other ? row.other + " | " : "") << row.to_limit << " | " << row.cost << " | " << row.targets
        << " |\n";
  }
  if (!out.flush()) give_up("cannot write " + file.string());
}

void Report::print_summary() const {
  int met = 0;
  int missed = 0;
  for (const Measured& measured : all_) {
    for (const Target& target : measured.workload->targets) {
      const Verdict result = verdict(measured, target);
      if (!result.known) continue;
      (result.met ? met : missed) += 1;
    }
  }
  std::printf("\n%d of %d targets met\n", met, met + missed);
}

void Report::write_json(const std::filesystem::path& file, const std::map<std::string, std::string>& context) const {
  std::filesystem::create_directories(file.parent_path().empty() ? "." : file.parent_path());
  std::ofstream out(file);
  out << "{\n  \"context\": {";
  const char* comma = "";
  for (const auto& [name, value] : context) {
    out << comma << quoted(name) << ": " << quoted(value);
    comma = ", ";
  }
  out << "},\n  \"workloads\": [";
  comma = "";
  for (const Measured& measured : all_) {
    const Workload& work = *measured.workload;
    out << comma << "\n    {\"name\": " << quoted(work.name) << ", \"item\": " << quoted(work.item)
        << ", \"items\": " << work.items << ", \"unit\": " << quoted(work.in_memory ? "bytes" : "seconds")
        << ",\n     \"engines\": " << engines_json(measured) << ",\n     \"limit\": " << quoted(measured.best_limit())
        << ", \"targets\": [";
    const char* between = "";
    for (const Target& target : work.targets) {
      const Verdict result = verdict(measured, target);
      out << between << "{\"target\": " << quoted(result.text);
      if (result.known) {
        out << ", \"measured\": " << formatted("%.6g", result.measured)
            << ", \"met\": " << (result.met ? "true" : "false");
      }
      out << "}";
      between = ", ";
    }
    out << "]}";
    comma = ",";
  }
  out << "\n  ]\n}\n";
  if (!out.flush()) give_up("cannot write " + file.string());
}

}  // namespace bench

#include <cli/table_printer.hpp>

#include <cli/text.hpp>

#include <algorithm>
#include <ostream>
#include <utility>

namespace rejoin::cli {

TablePrinter::TablePrinter(std::ostream& out, const std::vector<std::string>& headings) : out_(out) {
  for (const std::string& heading : headings) headings_.push_back({printable(heading), false});
}

void TablePrinter::row(std::vector<TableCell> cells) {
  ++rows_;
  if (!widths_.empty()) return print(cells);
  kept_.push_back(std::move(cells));
  if (kept_.size() == kRowsForWidths) settle_widths();
}

void TablePrinter::finish() {
  if (widths_.empty()) settle_widths();
}

void TablePrinter::settle_widths() {
  for (std::size_t i = 0; i < headings_.size(); ++i) {
    std::size_t width = std::max<std::size_t>(1, display_width(headings_[i].text));
    bool numbers = !kept_.empty();
    for (const auto& row : kept_) {
      width = std::max(width, display_width(row[i].text));
      numbers &= row[i].right || row[i].text == "NULL";
    }
    widths_.push_back(width);
    headings_[i].right = numbers;
  }
  std::vector<TableCell> rule;
  for (const std::size_t width : widths_) {
    rule.push_back({});
    for (std::size_t i = 0; i < width; ++i) rule.back().text += "─";
  }
  print(headings_);
  print(rule);
  for (const auto& row : kept_) print(row);
  kept_.clear();
}

void TablePrinter::print(const std::vector<TableCell>& cells) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::size_t width = display_width(cells[i].text);
    const std::string gap(widths_[i] > width ? widths_[i] - width : 0, ' ');
    line += i > 0 ? "  " : "";
    line += cells[i].right ? gap + cells[i].text : cells[i].text + gap;
  }
  line.erase(line.find_last_not_of(' ') + 1);
  out_ << line << '\n';
}

}  // namespace rejoin::cli

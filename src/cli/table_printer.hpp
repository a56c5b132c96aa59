// Rows as an aligned table on standard output.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

namespace rejoin::cli {

struct TableCell {
  std::string text;    ///< printable
  bool right = false;  ///< numbers stand at the right
};

/// Column widths come from the first rows; the rest is printed as it comes, so memory does not grow with it.
class TablePrinter {
 public:
  TablePrinter(std::ostream& out, const std::vector<std::string>& headings);
  void row(std::vector<TableCell> cells);
  void finish();
  std::int64_t rows() const { return rows_; }

 private:
  void settle_widths();
  void print(const std::vector<TableCell>& cells);

  static constexpr std::size_t kRowsForWidths = 500;
  std::ostream& out_;
  std::vector<TableCell> headings_;
  std::vector<std::vector<TableCell>> kept_;
  std::vector<std::size_t> widths_;
  std::int64_t rows_ = 0;
};

}  // namespace rejoin::cli

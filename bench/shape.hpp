// The tables that workloads run on: how many columns, what key, and what is in a row of a given number.
#pragma once

#include <sqlite3.h>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace bench {

enum class KeyKind { kInteger, kText, kComposite, kBlob, kWithoutRowid };

/// One key column's value of one row; text and blobs are short and of a fixed size.
struct KeyPart {
  int type = SQLITE_INTEGER;
  std::int64_t number = 0;
  std::array<char, 16> bytes{};
  int size = 0;

  /// The value is not copied: this must outlive the statement's run.
  void bind(sqlite3_stmt* statement, int index) const;
  void result(sqlite3_context* context) const;
};
using Key = std::array<KeyPart, 2>;

/// A table `t` with a key and some cells, whose types go round: text, integer, real, text, blob.
struct Shape {
  KeyKind key = KeyKind::kInteger;
  int columns = 5;

  [[nodiscard]] std::string name() const;  // "integer/5"
  [[nodiscard]] std::vector<std::string> key_names() const;
  [[nodiscard]] std::vector<std::string> cell_names() const;
  /// The cell that updates of one column write.
  [[nodiscard]] int updated_cell() const { return columns > 1 ? 1 : 0; }
  [[nodiscard]] std::string create_sql(const std::string& table) const;
  [[nodiscard]] Key key_of(int row) const;
};

/// Binds the values of a row's cells. They differ from round to round: a later round changes each of them.
class CellValues {
 public:
  CellValues();
  void bind(sqlite3_stmt* statement, int first_index, const Shape& shape, int row, int round);

 private:
  std::string text_;
  std::string more_;
  std::array<char, 8> blob_{};
};

/// `x1, x2, x3` with `each` written for every name; "$" stands for the name, "#" for its number from `first` on.
std::string listed(const std::vector<std::string>& names, const std::string& each, int first = 1,
                   const std::string& between = ", ");

}  // namespace bench

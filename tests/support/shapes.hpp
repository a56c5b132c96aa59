// The tables that random histories are played on, and the values that are put into them.
#pragma once

#include <string>
#include <vector>

#include "support/choices.hpp"

namespace rejoin::test {

/// What a column takes.
enum class Kind { kInteger, kText, kReal, kBlob, kAny, kChecked };

struct Column {
  std::string name;
  Kind kind = Kind::kAny;
  std::string added_as = {};  ///< of a column of a later schema: what ALTER TABLE … ADD COLUMN says
};

struct Shape {
  std::string name;
  std::string create;              ///< all SQL that makes the table, without upgrading it to a CRR
  std::vector<Column> keys;        ///< in the order of the primary key
  std::vector<Column> cells;       ///< columns that are tracked; generated ones are not among them
  bool strict = false;             ///< takes no value of a foreign type
  bool null_key = false;           ///< the declaration does not keep NULL out of the key
  std::vector<Column> later = {};  ///< columns that later schemas add to `cells`, in this order
};

/// Every shape once.
const std::vector<Shape>& all_shapes();

/// A SQL literal for a column of `kind`: often small, sometimes odd, rarely of a type that the column does not expect
/// (never where `strict`).
std::string any_value(Kind kind, bool strict, Choices& choices);

/// A SQL literal for a key column, out of so few that sites meet.
std::string any_key_value(Kind kind, Choices& choices);

}  // namespace rejoin::test

// The tables of random scripts, and random statements that write them.
#pragma once

#include <string>
#include <vector>

#include "oracle/values.hpp"
#include "support/choices.hpp"

namespace rejoin::oracle {

struct Column {
  std::string name;  ///< as it is, not quoted
  Kind kind = Kind::kAny;
  bool checked = false;  ///< CHECK (… IS NOT 300)
  bool not_null = false;
};

struct Table {
  std::string name;
  std::vector<Column> keys;
  std::vector<Column> cells;
  bool strict = false;
  std::string create;  ///< the statement that makes it
  bool altered = false;
  bool keeps_columns = false;  ///< a trigger of the application writes them
};

/// `name` as an SQL identifier; `text` as an SQL string.
std::string identifier(const std::string& name);
std::string string_literal(const std::string& text);

Table random_table(const std::string& name, test::Choices& choices);

/// A table name that the reference can take, odd ones among them.
std::string random_table_name(std::size_t number, test::Choices& choices);

/// One local write that changes no key; may fail by a constraint.
std::string random_write(const Table& table, test::Choices& choices);

/// A write that gives a row another key, perhaps one that is taken.
std::string random_key_change(const Table& table, test::Choices& choices);

/// An alter of `table`, from BEGIN to COMMIT or ROLLBACK, as one script: a column comes or goes, or the table is built
/// anew. Where it commits, `table` is what it will be.
std::string random_alter(Table& table, test::Choices& choices);

/// The values of one key, with commas.
std::string random_key(const Table& table, test::Choices& choices);

/// `k0 = … AND k1 = …`, for a random key.
std::string where_key(const Table& table, test::Choices& choices);

/// A made-up, honest change as the values of an INSERT INTO crsql_changes.
struct MadeChange {
  std::string values;
  bool may_fail = false;
};
MadeChange random_change(const Table& table, test::Choices& choices);

}  // namespace rejoin::oracle

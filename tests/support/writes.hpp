// Random local writes: every kind of statement by which an application changes rows.
#pragma once

#include <string>
#include <vector>

#include "support/choices.hpp"
#include "support/shapes.hpp"

namespace rejoin::test {

/// The key columns' values, as SQL literals.
using Key = std::vector<std::string>;

/// A change of one row's key from a value to another.
struct KeyChange {
  Key from;
  Key to;
};

struct Write {
  std::string sql;  ///< one statement, or a few
  /// Not empty: `sql` is exactly these changes of keys, in this order.
  std::vector<KeyChange> key_changes = {};
  const Shape* shape = nullptr;
  /// No cell is written twice by it.
  bool writes_once = false;
};

class WriteMaker {
 public:
  WriteMaker(const Shape& shape, Choices& choices) : shape_(shape), choices_(choices) {}

  Write any();

  /// `k1 IS … AND k2 IS …`
  static std::string where(const Shape& shape, const Key& key, const std::string& prefix = {});

  /// `UPDATE t SET k1 = …, k2 = … WHERE …`
  static std::string update_key(const Shape& shape, const KeyChange& change, const std::string& verb = "UPDATE");

 private:
  Key key();
  std::string table() const;
  std::string value_of(const Column& column);
  std::string row(const std::vector<Column>& columns);
  std::string columns_text(const std::vector<Column>& columns) const;
  std::string assignments(const std::vector<Column>& columns);
  std::vector<Column> some_cells();
  std::vector<Column> insert_columns(bool all);
  std::string conflict_verb(const std::string& verb);
  std::string returning();

  Write insert();
  Write insert_many();
  Write insert_with_conflict_in_the_middle();
  Write insert_from_select();
  Write upsert();
  Write replace();
  Write update_row();
  Write update_all_rows();
  Write update_nothing();
  Write update_from();
  Write erase();
  Write erase_some();
  Write change_key();
  Write change_key_over_another();
  Write shift_keys();
  Write swap_keys();

  const Shape& shape_;
  Choices& choices_;
};

}  // namespace rejoin::test

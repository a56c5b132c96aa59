// The merge rule again, written from section 6 of the contract and from nothing else, over maps: what the engine is
// held to.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <rejoin/change.hpp>

namespace rejoin::test {

/// -1, 0 or 1: NULL < BLOB < TEXT < REAL < INTEGER, then by value.
int compare_values(const Value& left, const Value& right);

class MergeModel {
 public:
  /// A database that holds `changes` (all of its crsql_changes), whose site is `own_site`.
  MergeModel(const std::vector<Change>& changes, Blob own_site, std::int64_t db_version, bool merge_equal_values);

  /// A new transaction: what is merged from here on gets a new version.
  void begin() { next_ = db_version_ + 1; }

  /// How much it counts in crsql_rows_impacted(): 0 where it loses, 1 where it wins, 2 where a cell also begins a life.
  int merge(const Change& change);

  [[nodiscard]] std::int64_t db_version() const { return db_version_; }

  /// What crsql_changes would show, ordered by table, key and column.
  [[nodiscard]] std::vector<Change> changes() const;

 private:
  struct Clock {
    Value value;
    std::int64_t column_version = 0;
    std::int64_t db_version = 0;
    Blob site_id;
    std::int64_t seq = 0;
  };
  struct LiveRow {
    std::optional<Clock> sentinel;
    std::map<std::string, Clock> cells;
    [[nodiscard]] std::int64_t causal_length() const { return sentinel ? sentinel->column_version : 1; }
  };

  Clock stamp(const Change& change, Value value, std::int64_t column_version);
  void revive(LiveRow& row, const Change& change);
  int merge_equal_life(LiveRow& row, const Change& change);
  bool cell_wins(const LiveRow& row, const Change& change) const;

  std::map<std::pair<std::string, Blob>, LiveRow> rows_;
  Blob own_site_;
  std::int64_t db_version_;
  std::int64_t next_;
  bool merge_equal_values_;
};

/// Orders by table, key and column: crsql_changes without its history.
void sort_by_cell(std::vector<Change>& changes);

}  // namespace rejoin::test

// The part of the check that looks at every row: clock rows, key rows and rows of one CRR against each other.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <rejoin/replica.hpp>
#include <rejoin/status.hpp>

#include "crr/engine.hpp"

namespace rejoin::internal {

/// What all tables have in common.
struct CheckBounds {
  std::optional<std::set<std::int64_t>> sites;  ///< the ordinals of crsql_site_id; none where it cannot be read
  std::int64_t highest_version = 0;             ///< what no db_version may be above
};

/// For a table whose shadow tables have the engine's columns.
class RowCheck {
 public:
  RowCheck(Engine& engine, const Table& table, const CheckBounds& bounds, std::vector<Fault>& faults)
      : engine_(engine), table_(table), bounds_(bounds), faults_(faults) {}

  /// `keyed`: the clock table has its primary key. `unique`: the key table has its index.
  Status run(bool keyed, bool unique);

 private:
  Status check_clock_rows();
  Status begin_row();
  void check_clock_row();
  [[nodiscard]] std::string wrong_type() const;
  [[nodiscard]] std::string wrong_value(bool sentinel) const;
  void end_row();
  Status report(Purpose purpose, const char* sql, const char* fault);
  Status lend(Purpose purpose, const char* sql, Lease& lease);
  void add(std::string text) { faults_.push_back({table_.name, key_, std::move(text)}); }

  Engine& engine_;
  const Table& table_;
  const CheckBounds& bounds_;
  std::vector<Fault>& faults_;
  Lease scan_;
  Lease row_;

  // Of the row whose clock rows are being read.
  bool begun_ = false;
  std::int64_t number_ = 0;
  bool has_key_row_ = false;
  Blob key_;  // packed; empty without a key row
  bool has_cells_ = false;
  std::int64_t causal_length_ = 0;
  std::optional<std::string> column_;  // of the clock row before
};

}  // namespace rejoin::internal

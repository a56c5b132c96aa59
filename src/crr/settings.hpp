// The settings of a database: crsql_config_set and crsql_config_get, kept in crsql_master as 'config.<name>'.
//
//   merge-equal-values   0 or 1         1: where two sites wrote equal values, or deleted one row, the greater site id
//   wins unknown-schema       error or hold  hold: changes for unknown tables and columns are kept until the schema has
//   them
#pragma once

#include <string>
#include <string_view>

#include <rejoin/status.hpp>

#include "crr/clock.hpp"

namespace rejoin::internal {

class Settings {
 public:
  explicit Settings(Clock& clock) : clock_(clock) {}

  [[nodiscard]] bool merge_equal_values() const { return merge_equal_values_; }
  [[nodiscard]] bool hold_unknown() const { return hold_unknown_; }

  /// Reads the settings where they are not known to be the present ones.
  Status load();
  void forget() { known_ = false; }

  Status get(std::string_view name, MasterValue& value);
  Status set(std::string_view name, const ValueView& value);

 private:
  Clock& clock_;
  bool known_ = false;
  std::uint64_t epoch_ = 0;
  bool merge_equal_values_ = false;
  bool hold_unknown_ = false;
};

}  // namespace rejoin::internal

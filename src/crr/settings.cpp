#include "crr/settings.hpp"

#include "crr/format.hpp"
#include "sqlite/error.hpp"
#include "sqlite/sql_text.hpp"

namespace rejoin::internal {

namespace {

constexpr std::string_view kEqualValues = "merge-equal-values";
constexpr std::string_view kUnknownSchema = "unknown-schema";

std::string key_of(std::string_view name) { return compose("%s%s", {kConfigPrefix, name}); }

}  // namespace

Status Settings::load() {
  if (known_ && epoch_ == clock_.epoch()) return {};
  MasterValue value;
  REJOIN_TRY(clock_.read_master(key_of(kEqualValues), value));
  merge_equal_values_ = value.integer == 1;
  REJOIN_TRY(clock_.read_master(key_of(kUnknownSchema), value));
  hold_unknown_ = value.text == "hold";
  known_ = true;
  epoch_ = clock_.epoch();
  return {};
}

Status Settings::get(std::string_view name, MasterValue& value) {
  if (name != kEqualValues && name != kUnknownSchema) return invalid("unknown setting %t", {name});
  REJOIN_TRY(clock_.read_master(key_of(name), value));
  if (name == kUnknownSchema && value.text.empty()) value.text = "error";
  return {};
}

Status Settings::set(std::string_view name, const ValueView& value) {
  known_ = false;
  if (name == kEqualValues) {
    if (value.type != SQLITE_INTEGER || (value.integer != 0 && value.integer != 1)) {
      return invalid("setting %t takes 0 or 1", {name});
    }
    return clock_.write_master(key_of(name), value);
  }
  if (name == kUnknownSchema) {
    const std::string_view text(reinterpret_cast<const char*>(value.bytes.data), value.bytes.size);
    if (value.type != SQLITE_TEXT || (text != "hold" && text != "error")) {
      return invalid("setting %t takes 'hold' or 'error'", {name});
    }
    return clock_.write_master(key_of(name), value);
  }
  return invalid("unknown setting %t", {name});
}

}  // namespace rejoin::internal

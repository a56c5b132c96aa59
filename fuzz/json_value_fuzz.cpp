// Any bytes as a line of `rejoin apply`: a change or a refusal; what is read is written and read again the same.
#include <cstdint>

#include <cli/json_value.hpp>

#include "fuzz/target.hpp"

namespace rejoin::fuzz {
namespace {

using cli::BadJson;
using cli::Json;

/// Through text and back, as another program would see it.
Json told(const Json& json) { return Json::parse(json.dump()); }

void run(const std::string& line) {
  const Json json = Json::parse(line, nullptr, false);
  if (json.is_discarded()) return;
  try {
    const Value value = cli::value_from_json(json);
    require(cli::value_from_json(told(cli::to_json(value))) == value, "a value comes back as another one");
  } catch (const BadJson& error) {
    require(*error.what() != 0, "a refusal without a reason");
  }
  try {
    const Change change = cli::change_from_json(json);
    const Json once = cli::to_json(change);
    require(cli::to_json(cli::change_from_json(told(once))) == once, "a change comes back as another one");
  } catch (const BadJson& error) {
    require(*error.what() != 0, "a refusal without a reason");
  }
}

}  // namespace
}  // namespace rejoin::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return rejoin::fuzz::run_target([&] { rejoin::fuzz::run(std::string(reinterpret_cast<const char*>(data), size)); });
}

// Values and changes as JSON, without loss (docs/cli.md, "Values in JSON").
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include <rejoin/change.hpp>

namespace rejoin::cli {

using Json = nlohmann::ordered_json;

/// JSON that is no value or no change; the message names the field.
class BadJson : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A string, or {"text": "hex"} where the bytes are no UTF-8.
Json text_to_json(std::string_view text);

/// null, a number, a string, {"blob": "hex"}, {"text": "hex"}, {"integer": "digits"} beyond 2^53, {"real": "inf"}.
Json to_json(const Value& value);
Json to_json(const Change& change);

Value value_from_json(const Json& json);
Change change_from_json(const Json& json);

}  // namespace rejoin::cli

#include <cli/json_value.hpp>

#include <cli/text.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>

namespace rejoin::cli {
namespace {

// Programs whose numbers are doubles, such as JavaScript's, read integers exactly up to here.
constexpr std::int64_t kExactInDouble = (std::int64_t{1} << 53) - 1;

constexpr std::array<const char*, 9> kFields = {"table",      "pk",      "cid", "val", "col_version",
                                                "db_version", "site_id", "cl",  "seq"};

std::string bytes_of(const Json& json, const char* what) {
  std::string bytes;
  if (!json.is_string() || !parse_hex(json.get_ref<const std::string&>(), bytes)) {
    throw BadJson(cat(what, " must be a string of pairs of hexadecimal digits"));
  }
  return bytes;
}

Blob blob_of(const Json& json, const char* what) {
  const std::string bytes = bytes_of(json, what);
  return Blob(bytes.begin(), bytes.end());
}

std::int64_t integer_of(const Json& json, const char* what) {
  if (json.is_number_unsigned() && json.get<std::uint64_t>() <= std::numeric_limits<std::int64_t>::max()) {
    return static_cast<std::int64_t>(json.get<std::uint64_t>());
  }
  if (json.is_number_integer() && !json.is_number_unsigned()) return json.get<std::int64_t>();
  if (json.is_object() && json.size() == 1 && json.contains("integer") && json["integer"].is_string()) {
    const auto& digits = json["integer"].get_ref<const std::string&>();
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error == std::errc() && end == digits.data() + digits.size()) return value;
  }
  throw BadJson(cat(what, " must be a whole number of 64 bits"));
}

std::string text_of(const Json& json, const char* what) {
  if (json.is_string()) return json.get<std::string>();
  if (json.is_object() && json.size() == 1 && json.contains("text")) return bytes_of(json["text"], what);
  throw BadJson(cat(what, " must be a string, or {\"text\": \"hex\"}"));
}

Value value_from_object(const Json& json) {
  if (json.size() == 1) {
    const std::string& kind = json.begin().key();
    const Json& inner = json.begin().value();
    if (kind == "blob") return blob_of(inner, "blob");
    if (kind == "text") return bytes_of(inner, "text");
    if (kind == "integer") return integer_of(json, "integer");
    if (kind == "real" && inner == "inf") return std::numeric_limits<double>::infinity();
    if (kind == "real" && inner == "-inf") return -std::numeric_limits<double>::infinity();
  }
  throw BadJson(R"(an object must be one of {"blob": "hex"}, {"text": "hex"}, {"integer": "digits"}, {"real": "inf"},)"
                R"( {"real": "-inf"})");
}

}  // namespace

Json text_to_json(std::string_view text) {
  if (is_utf8(text)) return std::string(text);
  return Json{{"text", to_hex(text)}};
}

Json to_json(const Value& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    if (*integer >= -kExactInDouble && *integer <= kExactInDouble) return *integer;
    return Json{{"integer", std::to_string(*integer)}};
  }
  if (const auto* real = std::get_if<double>(&value)) {
    if (std::isinf(*real)) return Json{{"real", *real < 0 ? "-inf" : "inf"}};
    return *real;
  }
  if (const auto* text = std::get_if<std::string>(&value)) return text_to_json(*text);
  if (const auto* blob = std::get_if<Blob>(&value)) return Json{{"blob", to_hex(*blob)}};
  return nullptr;
}

Json to_json(const Change& change) {
  return Json{{"table", text_to_json(change.table)},
              {"pk", to_hex(change.pk)},
              {"cid", text_to_json(change.column)},
              {"val", to_json(change.value)},
              {"col_version", to_json(change.column_version)},
              {"db_version", to_json(change.db_version)},
              {"site_id", to_hex(change.site_id)},
              {"cl", to_json(change.causal_length)},
              {"seq", to_json(change.seq)}};
}

Value value_from_json(const Json& json) {
  switch (json.type()) {
    case Json::value_t::null:
      return std::monostate();
    case Json::value_t::number_integer:
    case Json::value_t::number_unsigned:
      return integer_of(json, "a number without a point");
    case Json::value_t::number_float:
      return json.get<double>();
    case Json::value_t::string:
      return json.get<std::string>();
    case Json::value_t::object:
      return value_from_object(json);
    default:
      throw BadJson("is no value of a column: null, a number, a string or an object is");
  }
}

Change change_from_json(const Json& json) {
  for (const char* field : kFields) {
    if (!json.contains(field)) throw BadJson(cat("field '", field, "' is missing"));
  }
  for (const auto& [name, value] : json.items()) {
    if (std::find(kFields.begin(), kFields.end(), name) == kFields.end()) {
      throw BadJson(cat("field '", printable(name), "' is unknown"));
    }
  }
  Change change;
  change.table = text_of(json["table"], "field 'table'");
  change.pk = blob_of(json["pk"], "field 'pk'");
  change.column = text_of(json["cid"], "field 'cid'");
  try {
    change.value = value_from_json(json["val"]);
  } catch (const BadJson& error) {
    throw BadJson(cat("field 'val': ", error.what()));
  }
  change.column_version = integer_of(json["col_version"], "field 'col_version'");
  change.db_version = integer_of(json["db_version"], "field 'db_version'");
  if (!json["site_id"].is_null()) change.site_id = blob_of(json["site_id"], "field 'site_id'");
  change.causal_length = integer_of(json["cl"], "field 'cl'");
  change.seq = integer_of(json["seq"], "field 'seq'");
  return change;
}

}  // namespace rejoin::cli

#include "sync/partykit_changes.hpp"

#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/try.hpp"

namespace rejoin::sync::partykit {

using Json = nlohmann::json;

namespace {

// A set is three levels deep, and a blob as an object in a value two more.
constexpr int kDeepest = 8;
constexpr std::int64_t kExactInDouble = (std::int64_t{1} << 53) - 1;

Status refused(std::string text) { return {ErrorCode::kInvalidArgument, "change set: " + std::move(text)}; }

// --- reading ---

/// Whether brackets are nested no deeper than a set needs, by which the parser's memory is in proportion to the text.
Status check_depth(std::string_view text) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') ++i;
      quoted = c != '"';
    } else if (c == '"') {
      quoted = true;
    } else if (c == '[' || c == '{') {
      if (++depth > kDeepest) return refused("byte " + std::to_string(i) + " is nested too deep");
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return {};
}

Status parse(std::string_view text, Json& json) {
  REJOIN_TRY(check_depth(text));
  try {
    json = Json::parse(text.begin(), text.end());
  } catch (const Json::parse_error& error) {
    return refused("no JSON at byte " + std::to_string(error.byte));
  } catch (const Json::exception&) {
    return refused("a number that no double holds");
  }
  return {};
}

std::optional<std::uint8_t> digit_of(char c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<std::uint8_t>(c - 'A' + 10);
  return std::nullopt;
}

/// Pairs of hexadecimal digits, or the literal X'…' of quote().
std::optional<Blob> bytes_of_text(std::string_view text) {
  if (text.size() >= 3 && (text[0] == 'X' || text[0] == 'x') && text[1] == '\'' && text.back() == '\'') {
    text = text.substr(2, text.size() - 3);
  }
  if (text.size() % 2 != 0) return std::nullopt;
  Blob bytes;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const auto high = digit_of(text[i]);
    const auto low = digit_of(text[i + 1]);
    if (!high.has_value() || !low.has_value()) return std::nullopt;
    bytes.push_back(static_cast<std::uint8_t>(*high << 4 | *low));
  }
  return bytes;
}

bool append_byte(const Json& json, Blob& bytes) {
  if (!json.is_number_unsigned() || json.get<std::uint64_t>() > 0xFF) return false;
  bytes.push_back(static_cast<std::uint8_t>(json.get<std::uint64_t>()));
  return true;
}

/// What JSON.stringify makes of bytes: an array of them; of a Uint8Array {"0": …, "1": …}; of Node's Buffer an object
/// with the array in it.
std::optional<Blob> bytes_of_numbers(const Json& json) {
  if (json.is_object() && json.size() == 2 && json.contains("data") && json.value("type", Json()) == "Buffer") {
    return json["data"].is_array() ? bytes_of_numbers(json["data"]) : std::nullopt;
  }
  Blob bytes;
  for (std::size_t i = 0; i < json.size(); ++i) {
    if (json.is_array()) {
      if (!append_byte(json[i], bytes)) return std::nullopt;
    } else {
      const auto found = json.find(std::to_string(i));
      if (found == json.end() || !append_byte(*found, bytes)) return std::nullopt;
    }
  }
  return bytes;
}

std::optional<Blob> bytes_of(const Json& json) {
  if (json.is_string()) return bytes_of_text(json.get_ref<const std::string&>());
  if (json.is_array() || json.is_object()) return bytes_of_numbers(json);
  return std::nullopt;
}

std::optional<std::int64_t> integer_of(const Json& json) {
  if (!json.is_number_integer()) return std::nullopt;
  if (json.is_number_unsigned() &&
      json.get<std::uint64_t>() > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    return std::nullopt;
  }
  return json.get<std::int64_t>();
}

std::optional<Value> value_of(const Json& json) {
  if (json.is_null()) return Value();
  if (json.is_boolean()) return Value(std::int64_t{json.get<bool>() ? 1 : 0});
  if (const auto integer = integer_of(json); integer.has_value()) return Value(*integer);
  if (json.is_number()) return Value(json.get<double>());
  if (json.is_string()) return Value(json.get<std::string>());
  auto bytes = bytes_of_numbers(json);
  return bytes.has_value() ? std::optional<Value>(std::move(*bytes)) : std::nullopt;
}

/// One field of a row after another. The first that is not as it must be is what error() tells of.
class RowReader {
 public:
  RowReader(const Json& json, std::size_t number) : json_(json), number_(number) {}

  [[nodiscard]] bool has(const char* field) const { return json_.contains(field); }

  void text(const char* field, std::string& out) {
    take(field, "a text", [&](const Json& json) {
      if (json.is_string()) out = json.get<std::string>();
      return json.is_string();
    });
  }
  void integer(const char* field, std::int64_t& out) {
    take(field, "a whole number", [&](const Json& json) { return assign(integer_of(json), out); });
  }
  void bytes(const char* field, Blob& out) {
    take(field, "bytes: X'…', hexadecimal digits or an array",
         [&](const Json& json) { return assign(bytes_of(json), out); });
  }
  void site(const char* field, Blob& out) {
    if (has(field) && json_[field].is_null()) return;
    bytes(field, out);
  }
  void value(const char* field, Value& out) {
    take(field, "null, a number, a text or bytes", [&](const Json& json) { return assign(value_of(json), out); });
  }

  [[nodiscard]] const Status& error() const { return error_; }

 private:
  template <typename T>
  static bool assign(std::optional<T> from, T& to) {
    if (from.has_value()) to = std::move(*from);
    return from.has_value();
  }

  template <typename Take>
  void take(const char* field, const char* wanted, Take&& body) {
    if (!error_.ok()) return;
    const std::string where = "row " + std::to_string(number_) + ": " + field;
    if (!has(field)) {
      error_ = refused(where + " is missing");
    } else if (!body(json_[field])) {
      error_ = refused(where + " is not " + wanted);
    }
  }

  const Json& json_;
  std::size_t number_;
  Status error_;
};

Status read_row(const Json& json, std::size_t number, Row& row) {
  if (!json.is_object()) return refused("row " + std::to_string(number) + " is no object");
  RowReader reader(json, number);
  Change& change = row.change;
  reader.text("table", change.table);
  reader.bytes("pk", change.pk);
  reader.text("cid", change.column);
  reader.value("val", change.value);
  reader.integer("col_version", change.column_version);
  reader.integer("db_version", change.db_version);
  reader.site("site_id", change.site_id);
  row.has_life = reader.has("cl") && !json["cl"].is_null();
  if (row.has_life) reader.integer("cl", change.causal_length);
  // The seven columns have no seq either. Its place in the set keeps a row before those that came behind it, for
  // clients that merge one after another.
  change.seq = static_cast<std::int64_t>(number - 1);
  if (reader.has("seq") && !json["seq"].is_null()) reader.integer("seq", change.seq);
  return reader.error();
}

// --- writing ---

std::string as_json(std::string_view text) { return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace); }

void append_bytes(const Blob& blob, std::string& out) {
  out += '[';
  for (std::size_t i = 0; i < blob.size(); ++i) {
    if (i > 0) out += ',';
    out += std::to_string(blob[i]);
  }
  out += ']';
}

void append_value(const Value& value, std::string& out) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    const bool exact = *integer >= -kExactInDouble && *integer <= kExactInDouble;
    out += exact ? std::to_string(*integer) : as_json(std::to_string(*integer));
  } else if (const auto* real = std::get_if<double>(&value)) {
    // JSON has no infinity, but JavaScript reads what is too large as one.
    out += std::isinf(*real) ? (*real < 0 ? "-9e999" : "9e999") : Json(*real).dump();
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    out += as_json(*text);
  } else if (const auto* blob = std::get_if<Blob>(&value)) {
    append_bytes(*blob, out);
  } else {
    out += "null";
  }
}

}  // namespace

Status read_change_set(std::string_view text, std::vector<Row>& rows) {
  Json json;
  REJOIN_TRY(parse(text, json));
  if (!json.is_array() || json.empty() || !json[0].is_object() || !json[0].contains("rows")) {
    return refused("it is not [{\"rows\": […]}]");
  }
  const Json& list = json[0]["rows"];
  if (!list.is_array()) return refused("its rows are no array");
  rows.clear();
  rows.reserve(list.size());
  for (std::size_t i = 0; i < list.size(); ++i) REJOIN_TRY(read_row(list[i], i + 1, rows.emplace_back()));
  return {};
}

void append_row(const Change& change, std::string& out) {
  constexpr const char* kDigits = "0123456789ABCDEF";
  out += "{\"table\":";
  out += as_json(change.table);
  out += ",\"pk\":\"X'";
  for (const std::uint8_t byte : change.pk) {
    out += kDigits[byte >> 4];
    out += kDigits[byte & 0xF];
  }
  out += "'\",\"cid\":";
  out += as_json(change.column);
  out += ",\"val\":";
  append_value(change.value, out);
  out += ",\"col_version\":";
  out += std::to_string(change.column_version);
  out += ",\"db_version\":";
  out += std::to_string(change.db_version);
  out += ",\"site_id\":null}";
}

}  // namespace rejoin::sync::partykit

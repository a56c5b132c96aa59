// Texts of HTTP requests and of WebSocket closes: names, tokens, encodings.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rejoin::net {

/// The arguments after each other.
template <typename... Parts>
std::string cat(const Parts&... parts) {
  std::string text;
  (text.append(parts), ...);
  return text;
}

/// Whether `name` may be a room: it becomes the name of a file.
bool is_room_name(std::string_view name);

/// The bytes that `text` encodes, without its padding; nothing where it is no base64.
std::optional<std::string> base64_decoded(std::string_view text);

/// Latin-1 as UTF-8: what a browser's btoa() was given.
std::string utf8_of_latin1(std::string_view text);

/// The bytes of a URL's part; a lone % stands for itself.
std::string percent_decoded(std::string_view text);
std::string percent_encoded(std::string_view text);

/// The path and the query (without the question mark) of a request's target.
std::string_view path_of(std::string_view target);
std::string_view query_of(std::string_view target);

/// The decoded value of `key` in a query; empty: it is not there.
std::string query_value(std::string_view query, std::string_view key);

/// The parts of a header's list, trimmed; empty ones are left out.
std::vector<std::string> list_of(std::string_view header);

/// `text` for HTML.
std::string html_escaped(std::string_view text);

/// `text` as UTF-8 without broken characters, cut to at most `bytes`.
std::string utf8_cut(std::string_view text, std::size_t bytes);

/// What a WebSocket's close frame can hold of `text` beside its code.
inline std::string close_reason(std::string_view text) { return utf8_cut(text, 123); }

}  // namespace rejoin::net

#include <net/url.hpp>

#include <net/text.hpp>

#include <algorithm>

namespace rejoin::net {
namespace {

Status refused(std::string_view text, std::string_view why) {
  return {ErrorCode::kInvalidArgument, cat("\"", utf8_cut(text, 200), "\" is no address of a room: ", why)};
}

bool is_port(std::string_view text) {
  if (text.empty() || text.size() > 5) return false;
  int number = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
    number = number * 10 + (c - '0');
  }
  return number > 0 && number < 65536;
}

bool is_plain(char c) { return c > ' ' && c < 0x7F; }

}  // namespace

Result<Url> parse_url(std::string_view text) {
  Url url;
  std::string_view rest = text;
  if (rest.starts_with("ws://")) {
    rest.remove_prefix(5);
  } else if (rest.starts_with("wss://")) {
    rest.remove_prefix(6);
    url.tls = true;
  } else {
    return refused(text, "it must begin with ws:// or wss://");
  }
  if (!std::all_of(rest.begin(), rest.end(), is_plain)) return refused(text, "it has characters that no address has");
  rest = rest.substr(0, rest.find('#'));
  const std::size_t slash = std::min(rest.find_first_of("/?"), rest.size());
  std::string_view authority = rest.substr(0, slash);
  url.target = rest.substr(slash);
  if (!url.target.starts_with('/')) url.target.insert(0, "/");
  if (!is_room_name(path_of(url.target).substr(1))) {
    return refused(text, "behind the host comes the room, 1 to 128 of A-Z a-z 0-9 . _ -");
  }
  if (authority.find('@') != authority.npos) return refused(text, "a token is given apart from it");
  url.authority = authority;
  std::string_view port;
  if (authority.starts_with('[')) {
    const std::size_t end = authority.find(']');
    if (end == authority.npos) return refused(text, "a bracket is not closed");
    url.host = authority.substr(1, end - 1);
    port = authority.substr(end + 1);
  } else {
    const std::size_t colon = std::min(authority.find(':'), authority.size());
    url.host = authority.substr(0, colon);
    port = authority.substr(colon);
  }
  if (url.host.empty()) return refused(text, "it names no host");
  if (port.empty()) {
    url.port = url.tls ? "443" : "80";
  } else if (port[0] == ':' && is_port(port.substr(1))) {
    url.port = port.substr(1);
  } else {
    return refused(text, "the port is none");
  }
  return url;
}

}  // namespace rejoin::net

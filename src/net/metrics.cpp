#include <net/metrics.hpp>

#include <net/text.hpp>

#include <algorithm>
#include <string_view>

namespace rejoin::net {
namespace {

struct Line {
  const char* name;
  const char* kind;
  const char* help;
  const Counter Metrics::*counter;
};

constexpr std::array kLines = {
    Line{"rejoin_sockets", "gauge", "Open sockets", &Metrics::sockets},
    Line{"rejoin_sockets_accepted_total", "counter", "Sockets accepted", &Metrics::accepted},
    Line{"rejoin_rooms_open", "gauge", "Rooms whose database is open", &Metrics::rooms},
    Line{"rejoin_http_requests_total", "counter", "Requests answered without an upgrade", &Metrics::requests},
    Line{"rejoin_refused_total", "counter", "Connections and upgrades refused", &Metrics::refused},
    Line{"rejoin_unauthorized_total", "counter", "Upgrades refused for want of a token", &Metrics::unauthorized},
    Line{"rejoin_messages_in_total", "counter", "Messages received", &Metrics::messages_in},
    Line{"rejoin_messages_out_total", "counter", "Messages sent", &Metrics::messages_out},
    Line{"rejoin_bytes_in_total", "counter", "Bytes of messages received", &Metrics::bytes_in},
    Line{"rejoin_bytes_out_total", "counter", "Bytes of messages sent", &Metrics::bytes_out},
    Line{"rejoin_changes_in_total", "counter", "Changes received and merged", &Metrics::changes_in},
    Line{"rejoin_changes_won_total", "counter", "Received changes that were news", &Metrics::changes_won},
    Line{"rejoin_changes_out_total", "counter", "Changes sent", &Metrics::changes_out},
    Line{"rejoin_peer_errors_total", "counter", "Conversations that ended with an error", &Metrics::peer_errors},
    Line{"rejoin_internal_errors_total", "counter", "Errors of the hub itself", &Metrics::internal_errors},
};

std::string number(const Counter& counter) { return std::to_string(counter.load(std::memory_order_relaxed)); }

std::size_t count_of(const std::vector<Protocol>& protocols) {
  return std::min(protocols.size(), Metrics::kMostProtocols);
}

}  // namespace

std::string metrics_text(const Metrics& metrics, const std::vector<Protocol>& protocols) {
  std::string text = "# HELP rejoin_connections Open WebSockets by protocol\n# TYPE rejoin_connections gauge\n";
  for (std::size_t i = 0; i < count_of(protocols); ++i) {
    text += cat("rejoin_connections{protocol=\"", protocols[i].name, "\"} ", number(metrics.connections[i]), "\n");
  }
  for (const Line& line : kLines) {
    text += cat("# HELP ", line.name, " ", line.help, "\n# TYPE ", line.name, " ", line.kind, "\n");
    text += cat(line.name, " ", number(metrics.*line.counter), "\n");
  }
  return text;
}

std::string status_page(const Metrics& metrics, const std::vector<Protocol>& protocols) {
  std::string rows;
  const auto row = [&](std::string_view what, const Counter& counter) {
    rows += cat("<tr><td>", html_escaped(what), "</td><td>", number(counter), "</td></tr>\n");
  };
  for (std::size_t i = 0; i < count_of(protocols); ++i) {
    row(cat("Open WebSockets, ", protocols[i].name), metrics.connections[i]);
  }
  for (const Line& line : kLines) row(line.help, metrics.*line.counter);
  return cat(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Rejoin hub</title>\n"
      "<style>body{font-family:sans-serif;margin:2em}td{padding:.2em 1em .2em "
      "0}td+td{text-align:right}</style></head>\n"
      "<body><h1>Rejoin hub</h1>\n<p>Version ",
      html_escaped(REJOIN_VERSION), ". Numbers for programs: <a href=\"/metrics\">/metrics</a>.</p>\n<table>\n", rows,
      "</table></body></html>\n");
}

}  // namespace rejoin::net

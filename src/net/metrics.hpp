// What the hub has done so far, for those who watch it.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <net/protocol.hpp>

namespace rejoin::net {

using Counter = std::atomic<std::int64_t>;

/// Counted from all threads.
struct Metrics {
  static constexpr std::size_t kMostProtocols = 8;

  std::array<Counter, kMostProtocols> connections{};  ///< open now, by the protocol's place in the table
  Counter sockets{};                                  ///< open now, WebSocket or not
  Counter accepted{};                                 ///< sockets in all
  Counter rooms{};                                    ///< open now
  Counter requests{};                                 ///< HTTP requests answered without an upgrade
  Counter refused{};                                  ///< connections and upgrades that were refused
  Counter unauthorized{};                             ///< those of them for want of a token
  Counter messages_in{}, messages_out{};
  Counter bytes_in{}, bytes_out{};  ///< of messages
  Counter changes_in{}, changes_won{}, changes_out{};
  Counter peer_errors{};  ///< conversations that ended with an error, a merge's for one
  Counter internal_errors{};
};

/// In Prometheus' text format.
std::string metrics_text(const Metrics& metrics, const std::vector<Protocol>& protocols);

/// As a page for people.
std::string status_page(const Metrics& metrics, const std::vector<Protocol>& protocols);

}  // namespace rejoin::net

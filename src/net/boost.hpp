// Boost as this layer uses it: its own sources are compiled once, in boost.cpp.
#pragma once

#include <chrono>
#include <cstdint>
// Boost 1.74 uses std::exchange without asking for it.
#include <utility>

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>

namespace rejoin::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

/// The time as a Peer wants it.
inline std::int64_t milliseconds_now() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

}  // namespace rejoin::net

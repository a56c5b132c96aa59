#include "net/sockets.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <thread>
#include <utility>

namespace rejoin::net_test {
namespace {

constexpr int kPatience = 60;  // seconds; only who fails waits for so long

}  // namespace

Socket::Socket(std::uint16_t port, int receive_buffer) : descriptor_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  if (receive_buffer > 0) setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof(receive_buffer));
  const timeval patience{kPatience, 0};
  setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    throw std::runtime_error("no connection to port " + std::to_string(port));
  }
}

Socket::~Socket() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Socket::Socket(Socket&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), ahead_(std::move(other.ahead_)) {}

bool Socket::write(const std::string& bytes) {
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t sent = ::send(descriptor_, bytes.data() + done, bytes.size() - done, MSG_NOSIGNAL);
    if (sent <= 0) return false;
    done += static_cast<std::size_t>(sent);
  }
  return true;
}

std::string Socket::read_some() {
  if (!ahead_.empty()) return std::exchange(ahead_, "");
  std::array<char, 65536> buffer{};
  ssize_t got = 0;
  do {
    got = recv(descriptor_, buffer.data(), buffer.size(), 0);
  } while (got < 0 && errno == EINTR);  // a command of the hub has ended
  return got > 0 ? std::string(buffer.data(), static_cast<std::size_t>(got)) : "";
}

std::string Socket::read_all() {
  std::string all;
  for (std::string some; !(some = read_some()).empty();) all += some;
  return all;
}

std::string Socket::read(std::size_t size) {
  std::string bytes;
  while (bytes.size() < size) {
    const std::string some = read_some();
    if (some.empty()) return bytes;
    bytes += some;
  }
  ahead_ = bytes.substr(size);
  bytes.resize(size);
  return bytes;
}

std::string Socket::read_header() {
  std::string bytes;
  while (bytes.find("\r\n\r\n") == std::string::npos) {
    const std::string some = read_some();
    if (some.empty()) return bytes;
    bytes += some;
  }
  const std::size_t end = bytes.find("\r\n\r\n") + 4;
  ahead_ = bytes.substr(end);
  bytes.resize(end);
  return bytes;
}

void Socket::shut() { shutdown(descriptor_, SHUT_WR); }

int Frame::code() const {
  if (opcode != 8 || payload.size() < 2) return 0;
  return static_cast<std::uint8_t>(payload[0]) * 256 + static_cast<std::uint8_t>(payload[1]);
}

std::string frame_of(int opcode, const std::string& payload, bool masked, bool final) {
  std::string frame(1, static_cast<char>((final ? 0x80 : 0) | opcode));
  const std::size_t size = payload.size();
  const int mask = masked ? 0x80 : 0;
  const int bytes = size < 126 ? 0 : size < 65536 ? 2 : 8;
  frame += static_cast<char>(mask | (bytes == 0 ? static_cast<int>(size) : bytes == 2 ? 126 : 127));
  for (int i = bytes - 1; i >= 0; --i) frame += static_cast<char>((size >> (8 * i)) & 0xFF);
  const std::string key = "k\x01\xffZ";
  if (!masked) return frame + payload;
  frame += key;
  for (std::size_t i = 0; i < size; ++i) frame += static_cast<char>(payload[i] ^ key[i % 4]);
  return frame;
}

std::string upgrade_request(const std::string& target, const std::string& more_fields) {
  return "GET " + target +
         " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
         more_fields + "\r\n";
}

WebSocket::WebSocket(std::uint16_t port, const std::string& target, const std::string& fields, int receive_buffer)
    : socket_(port, receive_buffer) {
  socket_.write(upgrade_request(target, fields));
  header_ = socket_.read_header();
}

int WebSocket::status() const { return header_.size() > 12 ? std::stoi(header_.substr(9, 3)) : 0; }

Frame WebSocket::read() {
  for (;;) {
    const std::string head = socket_.read(2);
    if (head.size() < 2) return {};
    std::size_t size = static_cast<std::uint8_t>(head[1]) & 0x7F;
    if (size >= 126) {
      const std::string more = socket_.read(size == 126 ? 2 : 8);
      size = 0;
      for (const char byte : more) size = size * 256 + static_cast<std::uint8_t>(byte);
    }
    Frame frame{static_cast<std::uint8_t>(head[0]) & 0x0F, socket_.read(size)};
    if (frame.opcode != 9) return frame;
    send(10, frame.payload);
  }
}

std::string http_get(std::uint16_t port, const std::string& target) {
  Socket socket(port);
  socket.write("GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
  return socket.read_all();
}

std::int64_t metric(const net::Hub& hub, const std::string& name) {
  const std::string text = "\n" + hub.metrics();
  const std::size_t place = text.find("\n" + name + " ");
  return place == std::string::npos ? -1 : std::stoll(text.substr(place + name.size() + 2));
}

void sleep_for_a_moment() { std::this_thread::sleep_for(std::chrono::milliseconds(10)); }

}  // namespace rejoin::net_test

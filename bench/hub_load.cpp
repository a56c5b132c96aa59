// Puts load on a hub: so many clients in so many rooms, each of which writes a row from time to time, and tells how
// long it takes from one client's commit to that of every other one in its room. Clients are real replicas, in memory,
// and all in this process, so that one clock serves both ends.
//   rejoin_hub_load --port P [--clients 1000] [--rooms 100] [--seconds 30] [--every MILLISECONDS] [--pid HUB]
// With --pid it also tells the hub's memory for each idle client, and its share of the processor.
#include <sqlite3.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <rejoin/replica.hpp>
#include <rejoin/sync/session.hpp>

namespace {

namespace asio = boost::asio;
namespace websocket = boost::beast::websocket;
using Clock = std::chrono::steady_clock;
using rejoin::sync::Message;

struct Load {
  unsigned short port = 0;
  int clients = 1000;
  int rooms = 100;
  int seconds = 30;
  int every = 1000;  // milliseconds from one write of a client to its next
  long pid = 0;
};

std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now().time_since_epoch()).count();
}

[[noreturn]] void give_up(const std::string& why) { throw std::runtime_error(why); }

struct Totals {
  std::vector<std::int64_t> delays;  // nanoseconds
  std::int64_t written = 0;
  bool measuring = false;
  bool over = false;
};

constexpr const char* kTable =
    "CREATE TABLE event (id INTEGER PRIMARY KEY NOT NULL, client INTEGER, at INTEGER, note TEXT);"
    "SELECT crsql_as_crr('event')";

std::vector<rejoin::sync::TableSpec> table_spec() {
  return {{"event",
           false,
           false,
           {{"id", "INTEGER", true, 1, ""},
            {"client", "INTEGER", false, 0, ""},
            {"at", "INTEGER", false, 0, ""},
            {"note", "TEXT", false, 0, ""}}}};
}

class Client {
 public:
  Client(asio::io_context& io, const Load& load, Totals& totals, int number)
      : load_(load), totals_(totals), number_(number), socket_(io), timer_(io), tick_(io) {
    sqlite3* db = nullptr;
    if (sqlite3_open(":memory:", &db) != SQLITE_OK) give_up("no memory for a database");
    db_.reset(db);
    auto replica = rejoin::Replica::on(db);
    if (!replica.ok()) give_up(replica.status().message());
    replica_.emplace(*replica);
    run(kTable);
    sqlite3_update_hook(db, note_row, this);
    if (sqlite3_prepare_v2(db, "INSERT INTO event VALUES (?1, ?2, ?3, 'a note of some words')", -1, &insert_,
                           nullptr) != 0 ||
        sqlite3_prepare_v2(db, "SELECT client, at FROM event WHERE id = ?1", -1, &select_, nullptr) != 0) {
      give_up(sqlite3_errmsg(db));
    }
  }
  ~Client() {
    sqlite3_finalize(insert_);
    sqlite3_finalize(select_);
    session_.reset();
  }

  void begin() {
    const asio::ip::tcp::endpoint hub(asio::ip::address_v4::loopback(), load_.port);
    socket_.next_layer().async_connect(hub, [this](auto error) {
      if (error) give_up("connecting: " + error.message());
      socket_.next_layer().socket().set_option(asio::ip::tcp::no_delay(true));
      socket_.set_option(websocket::stream_base::decorator([](websocket::request_type& request) {
        request.set(boost::beast::http::field::sec_websocket_protocol, rejoin::sync::kProtocol);
      }));
      socket_.binary(true);
      socket_.read_message_max(16 << 20);
      const std::string room = "/room" + std::to_string(number_ % load_.rooms);
      socket_.async_handshake("127.0.0.1", room, [this](auto failed) {
        if (failed) give_up("shaking hands: " + failed.message());
        begin_session();
      });
    });
  }

  [[nodiscard]] bool settled() const { return session_ && session_->settled(); }

  void begin_writing(std::mt19937& random) {
    wait(std::chrono::milliseconds(std::uniform_int_distribution<int>(0, load_.every)(random)));
  }

 private:
  void run(const char* sql) {
    if (sqlite3_exec(db_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) give_up(sqlite3_errmsg(db_.get()));
  }

  static void note_row(void* self, int, const char*, const char* table, sqlite3_int64 row) {
    if (std::string_view(table) == "event") static_cast<Client*>(self)->rows_.push_back(row);
  }

  void begin_session() {
    rejoin::sync::SessionOptions options;
    options.describe = [] { return rejoin::Result(table_spec()); };
    auto session = rejoin::sync::Session::begin(*replica_, options);
    if (!session.ok()) give_up(session.status().message());
    session_ = std::move(session).value();
    read();
    pump();
    tick();
  }

  void tick() {
    tick_.expires_after(std::chrono::seconds(1));
    tick_.async_wait([this](auto error) {
      if (error || totals_.over) return;
      if (!session_->tick(now_ns() / 1'000'000).ok()) give_up("the session failed");
      pump();
      tick();
    });
  }

  void read() {
    socket_.async_read(in_, [this](auto error, std::size_t) {
      if (totals_.over) return;
      if (error) give_up("reading: " + error.message());
      const auto bytes = in_.cdata();
      const auto status = session_->receive({static_cast<const std::uint8_t*>(bytes.data()), bytes.size()}, false);
      if (!status.ok()) give_up("merging: " + status.message());
      in_.consume(in_.size());
      take_delays();
      pump();
      read();
    });
  }

  // The rows that were just committed here, and when they were committed where they were written.
  void take_delays() {
    const std::int64_t now = now_ns();
    for (const std::int64_t row : rows_) {
      sqlite3_bind_int64(select_, 1, row);
      if (sqlite3_step(select_) == SQLITE_ROW && sqlite3_column_int(select_, 0) != number_ && totals_.measuring) {
        totals_.delays.push_back(now - sqlite3_column_int64(select_, 1));
      }
      sqlite3_reset(select_);
    }
    rows_.clear();
  }

  void pump() {
    if (writing_) return;
    const auto more = session_->next(out_);
    if (!more.ok()) give_up(more.status().message());
    if (!*more) return;
    writing_ = true;
    socket_.async_write(asio::buffer(out_.bytes), [this](auto error, std::size_t) {
      if (totals_.over) return;
      if (error) give_up("writing: " + error.message());
      writing_ = false;
      pump();
    });
  }

  void wait(std::chrono::milliseconds time) {
    timer_.expires_after(time);
    timer_.async_wait([this](auto error) {
      if (error || totals_.over) return;
      write();
      wait(std::chrono::milliseconds(load_.every));
    });
  }

  void write() {
    sqlite3_bind_int64(insert_, 1, std::int64_t{number_} * 1'000'000 + ++written_);
    sqlite3_bind_int(insert_, 2, number_);
    sqlite3_bind_int64(insert_, 3, now_ns());
    if (sqlite3_step(insert_) != SQLITE_DONE) give_up(sqlite3_errmsg(db_.get()));
    sqlite3_reset(insert_);
    rows_.clear();
    if (totals_.measuring) ++totals_.written;
    pump();
  }

  struct Close {
    void operator()(sqlite3* db) const { sqlite3_close_v2(db); }
  };
  const Load& load_;
  Totals& totals_;
  int number_;
  std::unique_ptr<sqlite3, Close> db_;
  std::optional<rejoin::Replica> replica_;
  sqlite3_stmt* insert_ = nullptr;
  sqlite3_stmt* select_ = nullptr;
  std::int64_t written_ = 0;
  std::vector<std::int64_t> rows_;
  websocket::stream<boost::beast::tcp_stream> socket_;
  asio::steady_timer timer_;
  asio::steady_timer tick_;
  boost::beast::flat_buffer in_;
  Message out_;
  bool writing_ = false;
  std::unique_ptr<rejoin::sync::Session> session_;
};

long memory_kb(long pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::strtol(line.c_str() + 6, nullptr, 10);
  }
  return 0;
}

double processor_seconds(long pid) {
  std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
  std::string word;
  double ticks = 0;
  for (int i = 1; i <= 15 && stat >> word; ++i) {
    if (i >= 14) ticks += std::strtod(word.c_str(), nullptr);
  }
  return ticks / 100;
}

double milliseconds(const std::vector<std::int64_t>& sorted, double part) {
  if (sorted.empty()) return 0;
  return static_cast<double>(sorted[static_cast<std::size_t>(part * static_cast<double>(sorted.size() - 1))]) / 1e6;
}

void measure(const Load& load) {
  asio::io_context io(1);
  Totals totals;
  const long before = load.pid != 0 ? memory_kb(load.pid) : 0;
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < load.clients; ++i) {
    clients.push_back(std::make_unique<Client>(io, load, totals, i));
    clients.back()->begin();
    io.run_for(std::chrono::milliseconds(2));
  }
  const auto all_settled = [&] {
    return std::all_of(clients.begin(), clients.end(), [](const auto& client) { return client->settled(); });
  };
  for (int i = 0; i < 300 && !all_settled(); ++i) io.run_for(std::chrono::milliseconds(100));
  if (!all_settled()) give_up("not all clients have settled");
  const long idle = load.pid != 0 ? memory_kb(load.pid) : 0;

  std::mt19937 random(1);
  for (auto& client : clients) client->begin_writing(random);
  io.run_for(std::chrono::seconds(3));
  totals.measuring = true;
  const double hub_before = load.pid != 0 ? processor_seconds(load.pid) : 0;
  io.run_for(std::chrono::seconds(load.seconds));
  const double hub_after = load.pid != 0 ? processor_seconds(load.pid) : 0;
  totals.over = true;
  std::sort(totals.delays.begin(), totals.delays.end());
  std::printf("{\"clients\": %d, \"rooms\": %d, \"seconds\": %d, \"writes\": %lld, \"deliveries\": %zu,\n",
              load.clients, load.rooms, load.seconds, static_cast<long long>(totals.written), totals.delays.size());
  std::printf(" \"p50_ms\": %.2f, \"p90_ms\": %.2f, \"p99_ms\": %.2f, \"p999_ms\": %.2f, \"max_ms\": %.2f,\n",
              milliseconds(totals.delays, 0.5), milliseconds(totals.delays, 0.9), milliseconds(totals.delays, 0.99),
              milliseconds(totals.delays, 0.999), milliseconds(totals.delays, 1));
  std::printf(" \"hub_kb_per_idle_client\": %.1f, \"hub_processor_share\": %.2f}\n",
              static_cast<double>(idle - before) / load.clients, (hub_after - hub_before) / load.seconds);
}

}  // namespace

int main(int argc, char** argv) {
  Load load;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    const long value = std::strtol(argv[i + 1], nullptr, 10);
    if (name == "--port") load.port = static_cast<unsigned short>(value);
    if (name == "--clients") load.clients = static_cast<int>(value);
    if (name == "--rooms") load.rooms = static_cast<int>(value);
    if (name == "--seconds") load.seconds = static_cast<int>(value);
    if (name == "--every") load.every = static_cast<int>(value);
    if (name == "--pid") load.pid = value;
  }
  try {
    measure(load);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "rejoin_hub_load: %s\n", error.what());
    return 1;
  }
  return 0;
}

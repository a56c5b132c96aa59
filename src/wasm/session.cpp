// The C++ interface, as far as SQL does not have it: digests, and conversations in Rejoin's own protocol, for the
// JavaScript that has the socket (package/talk.js).
#include <rejoin/sync/session.hpp>

#include <net/schema.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <rejoin/replica.hpp>

namespace {

/// A session with what it said last.
struct Talk {
  std::unique_ptr<rejoin::sync::Session> session;
  rejoin::sync::Message message;
  std::string error;
};

/// What the replica of a connection knows of its own past.
struct Past {
  std::shared_ptr<rejoin::sync::Timeline> timeline;
};

constexpr int kError = -1;
constexpr int kBusy = -2;

int told(Talk& talk, const rejoin::Status& status) {
  if (status.ok()) return 0;
  talk.error = status.message();
  return status.code() == rejoin::ErrorCode::kBusy ? kBusy : kError;
}

}  // namespace

extern "C" {

/// The digest of that CRR, of all where `table` is empty, as 32 hexadecimal digits; "!" and a message where it cannot
/// be told. Until the next call.
const char* replica_digest(sqlite3* db, const char* table) {
  static std::string text;
  auto replica = rejoin::Replica::on(db);
  const auto digest = replica.ok() ? replica->digest(table) : rejoin::Result<rejoin::Digest>(replica.status());
  if (!digest.ok()) {
    text = "!" + digest.status().message();
    return text.c_str();
  }
  text.clear();
  for (const std::uint64_t half : {digest->high, digest->low}) {
    for (int shift = 60; shift >= 0; shift -= 4) text += "0123456789abcdef"[(half >> shift) & 15];
  }
  return text.c_str();
}

/// What a connection's sessions share; it goes before the connection does.
Past* past_begin() { return new Past{rejoin::sync::make_timeline()}; }
void past_end(Past* past) { delete past; }

/// A conversation about that connection's replica; session_error() says whether it could begin. It ends with
/// session_end(), before the connection is closed.
Talk* session_begin(sqlite3* db, const Past* past, int repair) {
  auto talk = std::make_unique<Talk>();
  auto replica = rejoin::Replica::on(db);
  if (!replica.ok()) {
    told(*talk, replica.status());
    return talk.release();
  }
  rejoin::sync::SessionOptions options;
  options.describe = [replica = *replica] { return rejoin::net::describe_schema(replica); };
  options.adopt = [replica = *replica](const std::vector<rejoin::sync::TableSpec>& tables) mutable {
    return rejoin::net::adopt_schema(replica, tables);
  };
  options.timeline = past->timeline;
  options.repair = repair != 0;
  auto session = rejoin::sync::Session::begin(*replica, std::move(options));
  if (session.ok()) {
    talk->session = std::move(session).value();
  } else {
    told(*talk, session.status());
  }
  return talk.release();
}

void session_end(Talk* talk) { delete talk; }

/// The last error's message; empty: there was none.
const char* session_error(const Talk* talk) { return talk->error.c_str(); }

/// 0; -1: it is over, session_error() says why; -2: a transaction is open, give it again later.
int session_receive(Talk* talk, const std::uint8_t* bytes, int size) {
  return told(*talk, talk->session->receive({bytes, static_cast<std::size_t>(size)}, false));
}

/// 1: there is a message to send, of session_size() bytes at session_bytes(); 0: there is none now; -1: it is over.
int session_next(Talk* talk) {
  const auto more = talk->session->next(talk->message);
  return more.ok() ? static_cast<int>(*more) : told(*talk, more.status());
}

const std::uint8_t* session_bytes(const Talk* talk) { return talk->message.bytes.data(); }
int session_size(const Talk* talk) { return static_cast<int>(talk->message.bytes.size()); }

/// `now` in milliseconds.
int session_tick(Talk* talk, double now) { return told(*talk, talk->session->tick(static_cast<std::int64_t>(now))); }

int session_settled(const Talk* talk) { return talk->session->settled() ? 1 : 0; }

}  // extern "C"

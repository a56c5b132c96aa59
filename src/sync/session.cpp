#include <rejoin/sync/session.hpp>

#include <new>
#include <optional>
#include <utility>

#include "base/try.hpp"
#include "sync/comparison.hpp"
#include "sync/guard.hpp"
#include "sync/inbox.hpp"
#include "sync/link.hpp"
#include "sync/message.hpp"
#include "sync/outbox.hpp"
#include "sync/refusal.hpp"
#include "sync/timeline.hpp"

namespace rejoin::sync {

std::shared_ptr<Timeline> make_timeline() noexcept { return std::shared_ptr<Timeline>(new (std::nothrow) Timeline()); }

// A conversation:
//   hello both ways; then each side says what of the other it has (resume), and is sent what is behind it (changes). A
//   resume that is of another past, or the wish to repair, makes a doubt of one side both sides': then they compare all
//   rows, send those that differ, and go on from the version at which they compared.
struct Session::State {
  State(const Replica& copied, SessionOptions wishes)
      : replica(copied),
        options(std::move(wishes)),
        link({options.message_bytes, options.window, options.largest, options.reliable}),
        outbox(options.message_bytes) {}
  ~State() {
    if (options.timeline) options.timeline->remove(outbox);
  }

  Status begin();
  Status receive(ByteView frame);
  Result<bool> next(Bytes& frame);

  Status take(const Arrival& arrival);
  Status take_hello(ByteView body);
  Status take_resume(ByteView body);
  Status take_changes(ByteView body);
  Status take_compare(ByteView body);

  Result<bool> say();  // hands the link a message, if there is one to send
  Status say_hello();
  Result<bool> say_compare();
  Result<bool> say_changes();
  Status begin_comparison();
  void send(MessageType type, const Bytes& body) { last_frame = link.send(static_cast<std::uint8_t>(type), body); }

  [[nodiscard]] bool repairing() const { return doubt_said || doubt_heard; }

  Replica replica;
  SessionOptions options;
  Link link;
  Outbox outbox;
  Inbox inbox;
  Blob site;
  Blob peer;  // empty until its hello
  std::int64_t now = 0;
  std::int64_t seen_version = 0;
  std::uint64_t last_frame = 0;
  Traffic traffic;
  Status failed;  // what ended it

  bool hello_said = false;
  bool resume_said = false;
  bool resume_heard = false;
  bool peer_at_end = false;  // it has told all that it had
  bool doubt = false;        // this side has reason to
  bool doubt_said = false;
  bool doubt_heard = false;
  std::optional<Comparison> comparison;
  bool my_turn = false;
  bool compared = false;
  std::int64_t compared_at = 0;
};

Status Session::State::begin() {
  if (options.message_bytes == 0 || options.window == 0 || options.largest == 0) {
    return {ErrorCode::kInvalidArgument, "a session's limits must be above 0"};
  }
  Result<Blob> own = replica.site_id();
  if (!own.ok()) return own.status();
  site = std::move(own).value();
  if (!options.timeline) options.timeline = make_timeline();
  if (!options.timeline) return {ErrorCode::kNoMemory, std::string()};
  options.timeline->add(outbox);
  return {};
}

// --- what arrives ---

Status Session::State::receive(ByteView frame) {
  REJOIN_TRY(link.receive(frame));
  Arrival arrival;
  while (true) {
    const Result<bool> more = link.take(arrival);
    if (!more.ok() || !*more) return more.status();
    REJOIN_TRY(take(arrival));
  }
}

Status Session::State::take(const Arrival& arrival) {
  const ByteView body = internal::view_of(arrival.body);
  const auto type = static_cast<MessageType>(arrival.type);
  if (type == MessageType::kHello) return take_hello(body);
  if (peer.empty()) return bad_message("its hello is missing");
  switch (type) {
    case MessageType::kResume:
      return take_resume(body);
    case MessageType::kDoubt:
      doubt_heard = true;
      return {};
    case MessageType::kChanges:
      return take_changes(body);
    case MessageType::kCompare:
      return take_compare(body);
    default:
      return bad_message("it is of no known type");
  }
}

Status Session::State::take_hello(ByteView body) {
  if (!peer.empty()) return bad_message("a second hello");
  Hello hello;
  REJOIN_TRY(decode(body, hello));
  if (hello.site == site) {
    return {ErrorCode::kInvalidArgument,
            "both databases have the same site id: one is a copy of the other, and needs a "
            "site id of its own (rejoin status --new-site-id)"};
  }
  options.timeline->let_go();
  if (options.adopt && !hello.tables.empty()) REJOIN_TRY(options.adopt(hello.tables));
  REJOIN_TRY(inbox.open(replica, hello.site));
  peer = hello.site;
  doubt = doubt || hello.repair || options.repair;
  return {};
}

Status Session::State::take_resume(ByteView body) {
  if (resume_heard) return bad_message("a second resume");
  Resume resume;
  REJOIN_TRY(decode(body, resume));
  resume_heard = true;
  outbox.resume(resume);
  if (!resume.known) return {};
  const Result<bool> ours = Timeline::knows(replica, resume.epoch, resume.cursor.db_version);
  if (!ours.ok()) return ours.status();
  doubt = doubt || !*ours;
  return {};
}

Status Session::State::take_changes(ByteView body) {
  ChangesHead head;
  ByteView batch;
  REJOIN_TRY(decode(body, head, batch));
  options.timeline->let_go();
  Inbox::Outcome outcome;
  REJOIN_TRY(inbox.take(replica, *options.timeline, head, batch, outcome));
  traffic.changes_in += outcome.merged.changes;
  traffic.changes_won += outcome.merged.won;
  if (outcome.merged.won > 0 && outcome.only_theirs) outbox.came_from_peer(outcome.before, outcome.merged.db_version);
  peer_at_end = head.end && !head.repair;
  return {};
}

Status Session::State::begin_comparison() {
  const Result<std::int64_t> version = replica.db_version();
  if (!version.ok()) return version.status();
  compared_at = *version;
  Result<RowIndex> index = RowIndex::of(replica);
  if (!index.ok()) return index.status();
  comparison.emplace(std::move(index).value());
  return {};
}

Status Session::State::take_compare(ByteView body) {
  if (compared) return bad_message("the comparison is over");
  if (comparison && my_turn) return bad_message("a comparison out of turn");
  Compare theirs;
  REJOIN_TRY(decode(body, theirs));
  doubt_heard = true;
  if (!comparison) REJOIN_TRY(begin_comparison());
  REJOIN_TRY(comparison->take(theirs));
  peer_at_end = false;  // until it has told what differs
  my_turn = !comparison->finished();
  return {};
}

// --- what is said ---

Status Session::State::say_hello() {
  Hello hello;
  hello.site = site;
  hello.repair = options.repair;
  if (options.describe) {
    Result<std::vector<TableSpec>> tables = options.describe();
    if (!tables.ok()) return tables.status();
    hello.tables = std::move(tables).value();
  }
  send(MessageType::kHello, encode(hello));
  hello_said = true;
  return {};
}

Result<bool> Session::State::say_compare() {
  if (!comparison && site < peer) {  // one of the two begins
    REJOIN_TRY(begin_comparison());
    comparison->begin();
    my_turn = true;
  }
  if (!comparison) return false;
  if (my_turn) {
    send(MessageType::kCompare, encode(comparison->answer()));
    my_turn = false;
    if (!comparison->finished()) return true;
  }
  if (!comparison->finished()) return false;
  outbox.repair(comparison->take_rows(), compared_at);
  comparison.reset();
  compared = true;
  return true;
}

Result<bool> Session::State::say_changes() {
  const Result<std::int64_t> version = replica.db_version();
  if (!version.ok()) return version.status();
  if (*version < seen_version) {
    return Status(ErrorCode::kInvalidArgument, "the file was put back to an earlier state while it was synced");
  }
  seen_version = *version;
  if (outbox.idle(*version, {now, peer_at_end})) return false;
  if (!outbox.walking()) options.timeline->let_go();
  REJOIN_TRY(options.timeline->tell(replica, *version));
  ChangesHead head;
  Bytes batch;
  const Result<bool> more = outbox.next(replica, *version, head, batch);
  if (!more.ok() || !*more) return more;
  head.epoch = options.timeline->epoch();
  Bytes body = encode(head);
  internal::append_bytes(body, internal::view_of(batch));
  send(MessageType::kChanges, body);
  return true;
}

Result<bool> Session::State::say() {
  if (!hello_said) {
    REJOIN_TRY(say_hello());
    return true;
  }
  if (peer.empty()) return false;
  if (!resume_said) {
    send(MessageType::kResume, encode(inbox.resume()));
    resume_said = true;
    return true;
  }
  if (doubt && !doubt_said) {
    send(MessageType::kDoubt, {});
    doubt_said = true;
    return true;
  }
  if (!resume_heard) return false;
  if (repairing() && !compared) return say_compare();
  return say_changes();
}

Result<bool> Session::State::next(Bytes& frame) {
  while (link.ready()) {
    const Result<bool> said = say();
    if (!said.ok()) return said;
    if (!*said) break;
  }
  const bool more = link.next(frame);
  if (!more) outbox.let_go();  // it is the peer's turn
  return more;
}

// --- the public face ---

Session::Session(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
Session::~Session() = default;

Result<std::unique_ptr<Session>> Session::begin(const Replica& replica, SessionOptions options) noexcept {
  return guarded([&]() -> Result<std::unique_ptr<Session>> {
    auto state = std::make_unique<State>(replica, std::move(options));
    REJOIN_TRY(state->begin());
    return std::unique_ptr<Session>(new Session(std::move(state)));
  });
}

Status Session::receive(std::span<const std::uint8_t> bytes, bool text) noexcept {
  return guarded([&]() -> Status {
    REJOIN_TRY(state_->failed);
    if (state_->replica.in_transaction()) {
      return Status(ErrorCode::kBusy,
                    "a transaction is open on the session's connection: give it the message again later");
    }
    state_->failed = text ? bad_message("text, where bytes are spoken") : state_->receive({bytes.data(), bytes.size()});
    return state_->failed;
  });
}

Result<bool> Session::next(Message& message) noexcept {
  return guarded([&]() -> Result<bool> {
    REJOIN_TRY(state_->failed);
    if (state_->replica.in_transaction()) return false;  // what is not committed is not to be told
    message.text = false;
    Result<bool> more = state_->next(message.bytes);
    if (!more.ok()) state_->failed = more.status();
    return more;
  });
}

Status Session::tick(std::int64_t now) noexcept {
  return guarded([&]() -> Status {
    state_->now = now;
    state_->outbox.let_go();  // a slow peer holds up no checkpoint
    state_->link.tick(now);
    return state_->failed;
  });
}

Traffic Session::traffic() const noexcept {
  Traffic traffic = state_->traffic;
  traffic.changes_out = state_->outbox.changes();
  return traffic;
}

bool Session::settled() const noexcept {
  const State& state = *state_;
  return state.failed.ok() && state.resume_heard && state.peer_at_end && state.link.acked() >= state.last_frame &&
         (!state.repairing() || state.compared) && state.outbox.told_all(state.replica);
}

Blob Session::peer_site() const noexcept { return state_->peer; }

}  // namespace rejoin::sync

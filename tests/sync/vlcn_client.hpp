// A vlcn client as its packages are written (ws-client, ws-browserdb), on a replica of its own: what peers.md says it
// sends, and what it does with what it gets.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <rejoin/replica.hpp>

#include "support/database.hpp"
#include "sync/vlcn_message.hpp"
#include "sync/vlcn_peer.hpp"

namespace rejoin::sync::test {

using rejoin::test::Database;
using vlcn::RowForm;

class VlcnClient {
 public:
  explicit VlcnClient(const std::string& schema, RowForm form = RowForm::kNineFields) : form_(form) {
    db_.exec(schema);
  }

  Database& db() { return db_; }
  Blob site() { return *replica_.site_id(); }
  std::int64_t seen(const Blob& hub) { return *replica_.cursor(hub); }

  /// `rows`: of the snapshot that it took when it began.
  Blob announce(const std::string& schema_name = "s", std::int64_t schema_version = 1) {
    vlcn::AnnouncePresence message{site(), {}, schema_name, schema_version};
    for (const auto& row : db_.query("SELECT site_id, version, seq FROM crsql_tracked_peers")) {
      message.last_seens.push_back(
          {std::get<Blob>(row[0]), {std::get<std::int64_t>(row[1]), std::get<std::int64_t>(row[2])}});
    }
    return encoded(message);
  }

  /// What it says to a message of the hub's; empty: nothing. Whatever it would throw at is a failure of the test.
  std::vector<Blob> take(const Blob& bytes) {
    vlcn::Message message;
    const Status status = vlcn::decode({bytes.data(), bytes.size()}, form_, message);
    EXPECT_TRUE(status.ok()) << status.message();
    if (const auto* start = std::get_if<vlcn::StartStreaming>(&message)) {
      EXPECT_EQ(start->exclude_sites.size(), 1U);
      EXPECT_FALSE(start->local_only);
      exclude_ = start->exclude_sites.at(0);
      sent_ = start->since.version;
      streaming_ = true;
      return pull();
    }
    const auto* changes = std::get_if<vlcn::Changes>(&message);
    EXPECT_NE(changes, nullptr) << "uncaught: Unexpected event";
    if (changes == nullptr || changes->rows.empty()) return {};
    EXPECT_EQ(static_cast<int>(changes->form), static_cast<int>(form_));
    EXPECT_EQ(changes->since.seq, 0);
    if (changes->since > vlcn::Cursor{seen(changes->sender), 0}) {
      ++gaps;
      return {encoded(vlcn::RejectChanges{changes->sender, {seen(changes->sender), 0}})};
    }
    merge(*changes);
    return {};
  }

  /// What it sends after a change of its database; nothing where it has no news.
  std::vector<Blob> pull() {
    if (!streaming_) return {};
    vlcn::Changes message{site(), {sent_, 0}, {}, form_};
    const Status status = replica_.visit_changes(sent_, exclude_, [&](const Change& change) {
      Change row = change;
      row.site_id.clear();
      if (const auto* integer = std::get_if<std::int64_t>(&row.value)) {
        constexpr std::int64_t kExact = std::int64_t{1} << 53;
        if (*integer >= -kExact && *integer <= kExact) row.value = static_cast<double>(*integer);
      }
      message.rows.push_back(row);
      return Status();
    });
    EXPECT_TRUE(status.ok());
    if (message.rows.empty()) return {};
    sent_ = message.rows.back().db_version;
    return {encoded(message)};
  }

  /// The socket is gone.
  void disconnect() { streaming_ = false; }

  static Blob encoded(const vlcn::Message& message) {
    Blob bytes;
    vlcn::encode(message, bytes);
    return bytes;
  }

  int gaps = 0;
  std::size_t messages = 0;
  std::vector<std::vector<Change>> received;

 private:
  void merge(const vlcn::Changes& changes) {
    std::vector<Change> rows = changes.rows;
    received.push_back(rows);
    ++messages;
    for (Change& row : rows) {
      EXPECT_TRUE(row.site_id.empty());
      row.site_id = changes.sender;
      if (const auto* number = std::get_if<double>(&row.value)) {
        if (std::trunc(*number) == *number && std::abs(*number) < 2147483648.0) {
          row.value = static_cast<std::int64_t>(*number);
        }
      }
    }
    const std::int64_t reached = std::max(seen(changes.sender), rows.back().db_version);
    const Status status = replica_.in_transaction([&]() -> Status {
      const auto merged = replica_.merge(rows);
      return merged.ok() ? replica_.set_cursor(changes.sender, reached) : merged.status();
    });
    EXPECT_TRUE(status.ok()) << "poisoned: " << status.message();
  }

  RowForm form_;
  Database db_;
  Replica replica_ = std::move(Replica::on(db_.handle())).value();
  Blob exclude_;
  std::int64_t sent_ = 0;
  bool streaming_ = false;
};

/// Both say what they have to say until both are silent. False: the hub closed the socket, for `error`.
inline bool talk(VlcnClient& client, VlcnPeer& peer, std::vector<Blob> to_hub, std::string* error = nullptr) {
  Message message;
  for (int turns = 0; turns < 10000; ++turns) {
    for (const Blob& bytes : to_hub) {
      const Status status = peer.receive(bytes, false);
      if (!status.ok()) {
        if (error != nullptr) *error = status.message();
        return false;
      }
    }
    to_hub = client.pull();
    const Result<bool> said = peer.next(message);
    if (!said.ok()) {
      if (error != nullptr) *error = said.status().message();
      return false;
    }
    if (*said) {
      EXPECT_FALSE(message.text);
      for (Blob& answer : client.take(message.bytes)) to_hub.push_back(std::move(answer));
    } else if (to_hub.empty()) {
      return true;
    }
  }
  ADD_FAILURE() << "they never fall silent";
  return false;
}

}  // namespace rejoin::sync::test

// What the tests of a hub's side of the vlcn protocol share: a room, and what a peer of it says.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sync/vlcn_client.hpp"

namespace rejoin::sync::test {

inline const std::string kSchema =
    "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, a, b); SELECT crsql_as_crr('t');"
    "CREATE TABLE k (id TEXT PRIMARY KEY NOT NULL, i INTEGER, r REAL, x TEXT, z BLOB); SELECT crsql_as_crr('k')";

struct VlcnPeerTest : testing::Test {
  VlcnPeerTest() {
    hub.exec(kSchema);
    options.require_schema = [this](const std::string& name, std::int64_t version) {
      asked.push_back(name + "/" + std::to_string(version));
      return schema;
    };
  }

  VlcnPeer peer() { return VlcnPeer(replica, options); }
  Blob hub_site() { return *replica.site_id(); }

  /// All that the hub has to say now.
  std::vector<vlcn::Message> said(VlcnPeer& peer, RowForm form = RowForm::kNineFields) {
    std::vector<vlcn::Message> all;
    Message message;
    for (;;) {
      const Result<bool> more = peer.next(message);
      EXPECT_TRUE(more.ok()) << more.status().message();
      if (!more.ok() || !*more) return all;
      const Status status = vlcn::decode({message.bytes.data(), message.bytes.size()}, form, all.emplace_back());
      EXPECT_TRUE(status.ok()) << status.message();
    }
  }

  static std::string refusal(VlcnPeer& peer, const vlcn::Message& message) {
    return peer.receive(VlcnClient::encoded(message), false).message();
  }

  static vlcn::Changes changes_of(const Blob& site, std::int64_t since, std::vector<Change> rows) {
    return {site, {since, 0}, std::move(rows), RowForm::kNineFields};
  }

  Change cell(std::string column, Value value, std::int64_t version, std::string table = "t") {
    const std::string key = table == "t" ? "1" : "'1'";
    return {std::move(table),
            hub.blob("SELECT crsql_pack_columns(" + key + ")"),
            std::move(column),
            std::move(value),
            version,
            version,
            {},
            1,
            0};
  }

  Database hub;
  Replica replica = std::move(Replica::on(hub.handle())).value();
  VlcnOptions options;
  Status schema;
  std::vector<std::string> asked;
  const Blob site_a = Blob(16, 0xaa);
};

}  // namespace rejoin::sync::test

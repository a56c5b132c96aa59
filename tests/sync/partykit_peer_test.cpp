// A room of Expo's first to-do example: its JSON, and clients that do what the example does.
#include "sync/partykit_peer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

#include "support/database.hpp"

namespace rejoin::sync::test {
namespace {

using rejoin::test::Database;
using rejoin::test::Statement;
using testing::ElementsAre;
using testing::HasSubstr;
using Json = nlohmann::ordered_json;

const std::string kSchema =
    "CREATE TABLE IF NOT EXISTS \"todo\" (\"id\" PRIMARY KEY, \"text\", \"completed\" INTEGER DEFAULT 0);"
    "SELECT crsql_as_crr('todo')";

/// The example's client, on an engine that has the seven-column INSERT.
struct ExpoClient {
  ExpoClient() { db.exec(kSchema); }

  std::string all_changes() {
    Json rows = Json::array();
    for (const auto& row : db.query("SELECT \"table\", quote(pk) as pk, cid, val, col_version, db_version, site_id "
                                    "FROM crsql_changes where db_version > -1")) {
      Json json;
      json["table"] = std::get<std::string>(row[0]);
      json["pk"] = std::get<std::string>(row[1]);
      json["cid"] = std::get<std::string>(row[2]);
      json["val"] = nullptr;
      if (const auto* text = std::get_if<std::string>(&row[3])) json["val"] = *text;
      if (const auto* integer = std::get_if<std::int64_t>(&row[3])) json["val"] = *integer;
      if (const auto* real = std::get_if<double>(&row[3])) json["val"] = *real;
      json["col_version"] = std::get<std::int64_t>(row[4]);
      json["db_version"] = std::get<std::int64_t>(row[5]);
      json["site_id"] = nullptr;
      rows.push_back(json);
    }
    return Json::array({Json{{"rows", rows}, {"rowsAffected", 0}}}).dump();
  }

  void apply(const std::string& text) {
    const Json set = Json::parse(text);
    EXPECT_EQ(set.size(), 1U);
    for (const Json& row : set[0]["rows"]) {
      std::vector<std::string> names;
      for (const auto& [name, value] : row.items()) names.push_back(name);
      EXPECT_THAT(names, ElementsAre("table", "pk", "cid", "val", "col_version", "db_version", "site_id"))
          << "it binds the values in the order of the keys";
      ++applied;
      Statement insert(db.handle(),
                       "INSERT INTO crsql_changes (\"table\", 'pk', 'cid', 'val', 'col_version', 'db_version', "
                       "'site_id') VALUES (?, " +
                           row["pk"].get<std::string>() + ", ?, ?, ?, ?, ?)");
      insert.bind(1, row["table"].get<std::string>()).bind(2, row["cid"].get<std::string>());
      const Json& value = row["val"];
      if (value.is_string()) insert.bind(3, value.get<std::string>());
      if (value.is_number_integer()) insert.bind(3, value.get<std::int64_t>());
      if (value.is_number_float()) insert.bind(3, Value(value.get<double>()));
      insert.bind(4, row["col_version"].get<std::int64_t>()).bind(5, row["db_version"].get<std::int64_t>());
      insert.run();
    }
  }

  Database db;
  std::size_t applied = 0;
};

struct PartykitPeerTest : testing::Test {
  PartykitPeerTest() { room.exec(kSchema); }

  static Status tell(PartykitPeer& peer, const std::string& text) {
    return peer.receive({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}, true);
  }

  static std::vector<std::string> said(PartykitPeer& peer) {
    std::vector<std::string> all;
    Message message;
    for (;;) {
      const Result<bool> more = peer.next(message);
      EXPECT_TRUE(more.ok()) << more.status().message();
      if (!more.ok() || !*more) return all;
      EXPECT_TRUE(message.text);
      all.emplace_back(message.bytes.begin(), message.bytes.end());
    }
  }

  std::string refusal(const std::string& text) {
    PartykitPeer peer(replica);
    const std::string before = room.text("SELECT count(*) || ' ' || crsql_db_version() FROM todo");
    const Status status = tell(peer, text);
    EXPECT_EQ(room.text("SELECT count(*) || ' ' || crsql_db_version() FROM todo"), before);
    return status.message();
  }

  static std::string set_of(const std::string& rows) { return "[{\"rows\":[" + rows + "]}]"; }
  /// A row for the key 'a', as JSON.
  static std::string row_of(const std::string& cid, const std::string& val, int col_version, int db_version,
                            const std::string& site = "null") {
    return "{\"table\":\"todo\",\"pk\":\"X'010B0161'\",\"cid\":\"" + cid + "\",\"val\":" + val +
           ",\"col_version\":" + std::to_string(col_version) + ",\"db_version\":" + std::to_string(db_version) +
           ",\"site_id\":" + site + "}";
  }

  std::vector<std::string> rows() { return room.lines("SELECT * FROM todo ORDER BY id"); }

  Database room;
  Replica replica = std::move(Replica::on(room.handle())).value();
};

TEST_F(PartykitPeerTest, InitIsAnsweredWithEverythingOrNothing) {
  PartykitPeer peer(replica);
  EXPECT_TRUE(tell(peer, "init").ok());
  EXPECT_TRUE(said(peer).empty());
  room.exec("INSERT INTO todo VALUES ('a', 'milk', 0)");
  const std::string expected =
      R"([{"rows":[{"table":"todo","pk":"X'010B0161'","cid":"text","val":"milk","col_version":1,"db_version":1,)"
      R"("site_id":null},{"table":"todo","pk":"X'010B0161'","cid":"completed","val":0,"col_version":1,"db_version":1,)"
      R"("site_id":null}]}])";
  EXPECT_THAT(said(peer), ElementsAre(expected)) << "what is new comes by itself";
  EXPECT_TRUE(said(peer).empty());
  EXPECT_TRUE(tell(peer, "init").ok());
  EXPECT_THAT(said(peer), ElementsAre(expected));
  PartykitPeer late(replica);
  EXPECT_TRUE(said(late).empty()) << "who has not said init hears what is new";
  room.exec("UPDATE todo SET completed = 1");
  EXPECT_THAT(said(late), ElementsAre(HasSubstr("\"cid\":\"completed\",\"val\":1,\"col_version\":2")));
  EXPECT_EQ(late.traffic().changes_out, 1);
  EXPECT_TRUE(late.tick(0).ok());
}

TEST_F(PartykitPeerTest, EveryoneGetsWhatIsNewTheSenderToo) {
  ExpoClient one;
  ExpoClient two;
  PartykitPeer to_one(replica);
  PartykitPeer to_two(replica);
  EXPECT_TRUE(tell(to_one, "init").ok());
  EXPECT_TRUE(tell(to_two, "init").ok());
  const auto turn = [&](ExpoClient& client, PartykitPeer& peer) {
    EXPECT_TRUE(tell(peer, client.all_changes()).ok());
    for (const std::string& text : said(to_one)) one.apply(text);
    for (const std::string& text : said(to_two)) two.apply(text);
  };
  one.db.exec("INSERT INTO todo VALUES ('a', 'milk', 0), ('b', 'bread', 0)");
  turn(one, to_one);
  EXPECT_EQ(one.applied, 4U) << "as the original room sends it back";
  two.db.exec("UPDATE todo SET completed = 1 WHERE id = 'a'; INSERT INTO todo VALUES ('c', 'é\"\\', 2.5)");
  turn(two, to_two);
  one.db.exec("DELETE FROM todo WHERE id = 'b'");
  turn(one, to_one);
  EXPECT_THAT(rows(), ElementsAre("'a'|'milk'|1", "'c'|'é\"\\'|2.5"));
  two.db.exec("INSERT INTO todo VALUES ('b', 'bread again', 0)");
  turn(two, to_two);
  one.db.exec("UPDATE todo SET text = 'more bread' WHERE id = 'b'");
  turn(one, to_one);
  EXPECT_THAT(rows(), ElementsAre("'a'|'milk'|1", "'b'|'more bread'|0", "'c'|'é\"\\'|2.5"));
  EXPECT_EQ(room.integer("SELECT count(*) FROM crsql_changes"),
            room.integer("SELECT count(*) FROM (SELECT DISTINCT db_version, seq FROM crsql_changes)"))
      << "in an order of their own";
  EXPECT_EQ(one.db.lines("SELECT * FROM todo ORDER BY id"), rows());
  EXPECT_EQ(two.db.lines("SELECT * FROM todo ORDER BY id"), rows());
  const std::size_t applied = one.applied;
  turn(two, to_two);
  turn(one, to_one);
  EXPECT_EQ(one.applied, applied) << "no news";
  EXPECT_GT(to_one.traffic().changes_in, to_one.traffic().changes_won);
  // The room remembers: a third one, later.
  ExpoClient three;
  PartykitPeer to_three(replica);
  EXPECT_TRUE(tell(to_three, "init").ok());
  for (const std::string& text : said(to_three)) three.apply(text);
  EXPECT_EQ(three.db.lines("SELECT * FROM todo ORDER BY id"), rows());
}

TEST_F(PartykitPeerTest, CellsBelongToTheLifeThatTheSetNamesOrThePresentOne) {
  PartykitPeer peer(replica);
  room.exec("INSERT INTO todo VALUES ('a', 'first', 0); DELETE FROM todo");
  EXPECT_TRUE(tell(peer, set_of(row_of("text", "\"stale\"", 9, 9))).ok());
  EXPECT_TRUE(rows().empty()) << "the row is deleted here";
  room.exec("INSERT INTO todo VALUES ('a', 'third', 0)");
  EXPECT_TRUE(tell(peer, set_of(row_of("text", "\"edit\"", 9, 9))).ok());
  EXPECT_THAT(rows(), ElementsAre("'a'|'edit'|0")) << "of no life that is named: of the present one";
  EXPECT_TRUE(tell(peer, set_of(row_of("-1", "null", 2, 3) + "," + row_of("text", "\"gone\"", 11, 4))).ok());
  EXPECT_THAT(rows(), ElementsAre("'a'|'edit'|0")) << "an older life, and a cell that is dead in the set";
  EXPECT_TRUE(tell(peer, set_of(row_of("text", "\"old\"", 20, 3) + "," + row_of("-1", "null", 5, 7) + "," +
                                row_of("text", "\"fifth\"", 1, 7)))
                  .ok());
  EXPECT_THAT(rows(), ElementsAre("'a'|'fifth'|0")) << "a cell under an older version is of an older life";
  EXPECT_TRUE(tell(peer, set_of(row_of("-1", "null", 6, 8))).ok());
  EXPECT_TRUE(rows().empty());
}

TEST_F(PartykitPeerTest, ClLikeSeqIsTakenWhereItIsSaid) {
  PartykitPeer peer(replica);
  std::string row = row_of("text", "\"x\"", 1, 1);
  row.insert(row.size() - 1, ",\"cl\":3,\"seq\":4");
  EXPECT_TRUE(tell(peer, set_of(row)).ok());
  EXPECT_EQ(room.lines("SELECT cid, cl, seq FROM crsql_changes WHERE cid = 'text'"),
            std::vector<std::string>{"'text'|3|4"});
  row = row_of("text", "\"y\"", 2, 2);
  row.insert(row.size() - 1, ",\"cl\":null,\"seq\":null");
  EXPECT_TRUE(tell(peer, set_of(row)).ok());
  EXPECT_THAT(rows(), ElementsAre("'a'|'y'|0"));
}

TEST_F(PartykitPeerTest, OldDeletesEndThePresentLife) {
  room.exec("INSERT INTO todo VALUES ('a', 'x', 0); DELETE FROM todo; INSERT INTO todo VALUES ('a', 'y', 0)");
  PartykitPeer peer(replica);
  EXPECT_TRUE(tell(peer, set_of(row_of("__crsql_del", "null", 1, 5))).ok());
  EXPECT_TRUE(rows().empty());
  EXPECT_THAT(said(peer), ElementsAre(AllOf(HasSubstr("\"__crsql_del\""), Not(HasSubstr("\"-1\"")))));
  EXPECT_TRUE(tell(peer, set_of(row_of("__crsql_del", "null", 1, 5))).ok());
  EXPECT_TRUE(said(peer).empty()) << "once is enough";
}

TEST_F(PartykitPeerTest, SitesAndKeysInEveryFormThatJsonGivesThem) {
  PartykitPeer peer(replica);
  int version = 0;
  const auto site_of = [&](const std::string& site) {
    ++version;
    const Status status = tell(peer, set_of(row_of("text", std::to_string(version), version, version, site)));
    EXPECT_TRUE(status.ok()) << status.message();
    return room.lines("SELECT site_id FROM crsql_changes WHERE cid = 'text'").at(0);
  };
  const std::string own = room.lines("SELECT crsql_site_id()").at(0);
  EXPECT_EQ(site_of("null"), own);
  EXPECT_EQ(site_of("\"\""), own);
  EXPECT_EQ(site_of("\"0aFF\""), "x'0aff'");
  EXPECT_EQ(site_of("\"X'0AFE'\""), "x'0afe'");
  EXPECT_EQ(site_of("[1,255]"), "x'01ff'");
  EXPECT_EQ(site_of("{\"0\":2,\"1\":255}"), "x'02ff'");
  EXPECT_EQ(site_of("{\"type\":\"Buffer\",\"data\":[3,255]}"), "x'03ff'");
  EXPECT_TRUE(tell(peer,
                   "[{\"rows\":[{\"table\":\"todo\",\"pk\":[1,11,1,98],\"cid\":\"text\",\"val\":1,\"col_version\":1,"
                   "\"db_version\":1}]},\"more\"]")
                  .message()
                  .find("site_id is missing") != std::string::npos);
}

TEST_F(PartykitPeerTest, ValuesGoBothWays) {
  PartykitPeer peer(replica);
  int version = 0;
  const auto stored = [&](const std::string& json) {
    ++version;
    const Status status = tell(peer, set_of(row_of("text", json, version, version)));
    EXPECT_TRUE(status.ok()) << status.message();
    const std::string text = said(peer).at(0);
    const Json back = Json::parse(text)[0]["rows"][0]["val"];
    return room.lines("SELECT text FROM todo").at(0) + " " + back.dump();
  };
  EXPECT_EQ(stored("null"), "NULL null");
  EXPECT_EQ(stored("-7"), "-7 -7");
  EXPECT_EQ(stored("true"), "1 1");
  EXPECT_EQ(stored("2.5"), "2.5 2.5");
  EXPECT_THAT(stored("1e300"), HasSubstr(" 1e+300"));
  EXPECT_EQ(stored("9007199254740993"), "9007199254740993 \"9007199254740993\"") << "or JavaScript rounds it";
  EXPECT_THAT(stored("18446744073709551615"), HasSubstr(" 1.8446744073709552e+19"));
  EXPECT_EQ(stored(R"("a\u0000\n\ud83d\ude00")"), "CAST(x'61000af09f9880' AS TEXT) \"a\\u0000\\n😀\"");
  EXPECT_EQ(stored("[0,255]"), "x'00ff' [0,255]");
  EXPECT_EQ(stored("{}"), "x'' []");
  room.exec("UPDATE todo SET text = 9e999");
  EXPECT_THAT(said(peer).at(0), HasSubstr("\"val\":9e999,"));
  room.exec("UPDATE todo SET text = CAST(x'ff' AS TEXT)");
  EXPECT_THAT(said(peer).at(0), HasSubstr("\"val\":\"\xef\xbf\xbd\","));
}

TEST_F(PartykitPeerTest, ManyRowsGoInSeveralMessages) {
  room.exec(
      "WITH n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 2000) INSERT INTO todo SELECT i, 't' || i, 0 "
      "FROM n");
  PartykitOptions options;
  options.message_bytes = 50000;
  PartykitPeer peer(replica, options);
  EXPECT_TRUE(tell(peer, "init").ok());
  ExpoClient client;
  const auto messages = said(peer);
  EXPECT_GT(messages.size(), 4U);
  for (const std::string& text : messages) {
    EXPECT_LT(text.size(), 100000U);
    client.apply(text);
  }
  EXPECT_EQ(client.db.lines("SELECT * FROM todo ORDER BY id"), rows());
  EXPECT_EQ(peer.traffic().changes_out, 4000);
}

TEST_F(PartykitPeerTest, WhatIsNoChangeSetIsRefusedWithTheReason) {
  PartykitPeer peer(replica);
  EXPECT_THAT(peer.receive(Blob{'i'}, false).message(), HasSubstr("a binary frame"));
  EXPECT_EQ(refusal(""), "change set: no JSON at byte 1");
  EXPECT_EQ(refusal("[{\"rows\":[}]"), "change set: no JSON at byte 11");
  EXPECT_EQ(refusal("\"\xff\""), "change set: no JSON at byte 2");
  EXPECT_EQ(refusal(std::string(100000, '[')), "change set: byte 8 is nested too deep");
  EXPECT_EQ(refusal("[1e999]"), "change set: a number that no double holds");
  for (const char* shape : {"1", "\"init \"", "{}", "[]", "[1]", "[{}]"}) {
    EXPECT_EQ(refusal(shape), "change set: it is not [{\"rows\": […]}]") << shape;
  }
  EXPECT_EQ(refusal("[{\"rows\":{}}]"), "change set: its rows are no array");
  const std::string good = row_of("text", "1", 1, 1);
  EXPECT_EQ(refusal(set_of(good + ",7")), "change set: row 2 is no object");
  EXPECT_EQ(refusal(set_of("{}")), "change set: row 1: table is missing");
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string row = good;
    row.replace(row.find(from), from.size(), to);
    return refusal(set_of(good + "," + row));
  };
  EXPECT_EQ(with("\"todo\"", "7"), "change set: row 2: table is not a text");
  EXPECT_THAT(with("\"X'010B0161'\"", "\"X'010B016'\""), HasSubstr("row 2: pk is not bytes"));
  EXPECT_THAT(with("\"X'010B0161'\"", "\"X'010B016g'\""), HasSubstr("row 2: pk is not bytes"));
  EXPECT_THAT(with("\"X'010B0161'\"", "[1,256]"), HasSubstr("row 2: pk is not bytes"));
  EXPECT_THAT(with("\"X'010B0161'\"", "{\"1\":1}"), HasSubstr("row 2: pk is not bytes"));
  EXPECT_THAT(with("\"X'010B0161'\"", "\"X''\""), HasSubstr("pk"));
  EXPECT_THAT(with("\"val\":1", "\"val\":{\"a\":1}"), HasSubstr("row 2: val is not"));
  EXPECT_THAT(with("\"col_version\":1", "\"col_version\":1.5"), HasSubstr("row 2: col_version is not a whole number"));
  EXPECT_THAT(with("\"db_version\":1", "\"db_version\":-1"), HasSubstr("db_version -1 is out of bounds"));
  EXPECT_THAT(with("\"db_version\":1", "\"db_version\":18446744073709551615"), HasSubstr("is not a whole number"));
  EXPECT_THAT(with("\"todo\"", "\"nowhere\""), HasSubstr("nowhere"));
  EXPECT_THAT(with("\"text\"", "\"nothing\""), HasSubstr("nothing"));
  EXPECT_THAT(with("\"site_id\":null", "\"site_id\":\"" + std::string(34, 'a') + "\""), HasSubstr("17 bytes"));
  EXPECT_THAT(with("\"cid\":\"text\"", "\"cid\":\"-1\",\"col_version\":0,\"cl\":0"), HasSubstr("out of bounds"));
  PartykitOptions options;
  options.largest = 10;
  PartykitPeer small(replica, options);
  EXPECT_THAT(tell(small, set_of(good)).message(), HasSubstr("bytes"));
}

TEST_F(PartykitPeerTest, SurvivesEveryCutAndEveryTurnedBit) {
  const std::string whole = set_of(row_of("text", "{\"0\":7}", 1, 1, "[1,2]") + "," + row_of("-1", "null", 3, 2) + "," +
                                   row_of("__crsql_del", "-1.5e3", 1, 3, "\"X'01'\""));
  room.exec("BEGIN");
  PartykitPeer peer(replica);
  EXPECT_TRUE(tell(peer, whole).ok());
  for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_FALSE(tell(peer, whole.substr(0, size)).ok()) << size;
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    std::string other = whole;
    other[bit / 8] = static_cast<char>(other[bit / 8] ^ (1 << (bit % 8)));
    const Status status = tell(peer, other);
    EXPECT_TRUE(status.ok() || !status.message().empty()) << other;
  }
  room.exec("ROLLBACK");
}

}  // namespace
}  // namespace rejoin::sync::test

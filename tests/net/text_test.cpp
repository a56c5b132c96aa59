// Texts: names, encodings, addresses, and what protocols read from a request.
#include <gtest/gtest.h>

#include <net/column_text.hpp>
#include <net/protocol.hpp>
#include <net/secret.hpp>
#include <net/text.hpp>
#include <net/url.hpp>

#include <string>
#include <vector>

namespace rejoin::net {
namespace {

TEST(NetText, Base64) {
  EXPECT_EQ(base64_decoded("cm9vbT1yMg"), "room=r2");
  EXPECT_EQ(base64_decoded("YXV0aD10b2sxMjMscm9vbT1yb29tMQ"), "auth=tok123,room=room1");
  EXPECT_EQ(base64_decoded("YQ=="), "a");
  EXPECT_EQ(base64_decoded("+/+/"), std::string("\xfb\xff\xbf"));
  EXPECT_EQ(base64_decoded(""), "");
  for (const char* text : {"a", "abcde", "a b", "a-b_", "YQ=a"}) EXPECT_FALSE(base64_decoded(text)) << text;
}

TEST(NetText, Urls) {
  EXPECT_EQ(path_of("/a?b?c"), "/a");
  EXPECT_EQ(query_of("/a?b?c"), "b?c");
  EXPECT_EQ(query_value("a=1&token=x%20y%&token=z", "token"), "x y%");
  EXPECT_EQ(query_value("tokens=1&token", "token"), "");
  EXPECT_EQ(percent_encoded("a b/ü~"), "a%20b%2F%C3%BC~");
  EXPECT_EQ(utf8_of_latin1("a\xfc"), "aü");
  EXPECT_EQ(list_of(" a ,,b,\tc "), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(html_escaped("<a href=\"x\">'&"), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;");
}

TEST(NetText, CutsBetweenCharacters) {
  EXPECT_EQ(utf8_cut("aéé", 4), "aé");
  EXPECT_EQ(utf8_cut("a\xff\xc3", 10), "a??");
  EXPECT_EQ(utf8_cut("\xed\xa0\x80", 10), "???");
  EXPECT_EQ(utf8_cut("😀", 3), "");
  EXPECT_TRUE(equal_in_constant_time("ab", "ab"));
  EXPECT_FALSE(equal_in_constant_time("ab", "abc"));
}

TEST(NetText, AddressesOfRooms) {
  const auto plain = parse_url("ws://host/room");
  ASSERT_TRUE(plain.ok());
  EXPECT_EQ(plain->host, "host");
  EXPECT_EQ(plain->port, "80");
  EXPECT_EQ(plain->target, "/room");
  const auto full = parse_url("wss://[::1]:8787/room?token=x#y");
  ASSERT_TRUE(full.ok());
  EXPECT_TRUE(full->tls);
  EXPECT_EQ(full->host, "::1");
  EXPECT_EQ(full->port, "8787");
  EXPECT_EQ(full->target, "/room?token=x");
  EXPECT_EQ(full->authority, "[::1]:8787");
  for (const char* text : {"", "room", "http://a/b", "ws://", "ws:///room", "ws://a", "ws://a/", "ws://a/b/c",
                           "ws://a:/b", "ws://a:0/b", "ws://a:65536/b", "ws://a:x/b", "ws://u:p@a/b", "ws://a b/c",
                           "ws://[::1/b", "ws://[::1]8/b", "ws://a/\r\nX: y", "ws://a/.b", "ws://a?b"}) {
    EXPECT_FALSE(parse_url(text).ok()) << text;
  }
}

TEST(NetText, PlainTypesAndLiterals) {
  for (const char* type : {"", "INTEGER", "double precision", "VARCHAR(10)", "DECIMAL (10, 2)", "NUM(1,2)", "x_1"}) {
    EXPECT_TRUE(is_plain_type(type)) << type;
  }
  for (const char* type : {"INT PRIMARY KEY", "a,b", "(1)", "A()", "A(-1)", "1A", "A(1) B", "as", "A\nB"}) {
    EXPECT_FALSE(is_plain_type(type)) << type;
  }
  for (const char* text :
       {"NULL", "true", "Current_Timestamp", "1", "-1.5e-3", "+.5", "5.", "0xFf", "''", "'it''s'", "x''", "X'00fF'"}) {
    EXPECT_TRUE(is_literal(text)) << text;
  }
  EXPECT_EQ(told_default("\"a\"\"b'c\""), "'a\"b''c'");
  EXPECT_EQ(told_default("abs(1)"), "");
}

// The name of the first of the hub's protocols that takes the request for its own, and what it reads.
std::string claimed(const Greeting& greeting) {
  for (const Protocol& protocol : standard_protocols({})) {
    if (const auto claim = protocol.claim(greeting)) {
      return cat(protocol.name, " ", claim->room, " ", claim->token, " ", claim->subprotocol);
    }
  }
  return "none";
}

TEST(NetText, ProtocolsKnowTheirOwn) {
  EXPECT_EQ(claimed({"/room", "", {"rejoin.1"}, ""}), "rejoin.1 room  rejoin.1");
  EXPECT_EQ(claimed({"/room", "token=q", {"x", "rejoin.1"}, "b"}), "rejoin.1 room b rejoin.1");
  EXPECT_EQ(claimed({"/room", "token=q", {"rejoin.1"}, ""}), "rejoin.1 room q rejoin.1");
  EXPECT_EQ(claimed({"/sync", "", {"cm9vbT1yMg"}, ""}), "vlcn r2  cm9vbT1yMg");
  EXPECT_EQ(claimed({"/", "", {"YXV0aD10b2sxMjMscm9vbT1yb29tMQ"}, ""}),
            "vlcn room1 tok123 YXV0aD10b2sxMjMscm9vbT1yb29tMQ");
  EXPECT_EQ(claimed({"/", "", {"cm9vbT1yMg", "x"}, ""}), "none");
  EXPECT_EQ(claimed({"/", "", {"abcd"}, ""}), "none");
  EXPECT_EQ(claimed({"/party/my-room", "_pk=1", {}, ""}), "partykit my-room  ");
  EXPECT_EQ(claimed({"/parties/main/my-room", "_pk=1&token=t", {}, ""}), "partykit my-room t ");
  EXPECT_EQ(claimed({"/parties/main", "", {}, ""}), "partykit   ");
  EXPECT_EQ(claimed({"/my-room", "", {}, ""}), "none");
}

}  // namespace
}  // namespace rejoin::net

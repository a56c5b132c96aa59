// What 10,000 changes take on the wire, beside the two formats that cr-sqlite's users have. docs/wire-format.md has the
// table; this keeps it true.
#include <gtest/gtest.h>

#include "support/choices.hpp"
#include "support/database.hpp"
#include "sync/batch.hpp"
#include "sync/link.hpp"
#include "sync/partykit_changes.hpp"
#include "sync/vlcn_message.hpp"

#include <rejoin/replica.hpp>

namespace rejoin::test {
namespace {

// To-dos as Expo's example has them: random keys of ten letters, a text of some words, a flag that is set on a third of
// them later.
std::vector<Change> ten_thousand_changes() {
  const Database db;
  db.exec(
      "CREATE TABLE todo (id PRIMARY KEY NOT NULL, text, completed INTEGER DEFAULT 0); SELECT crsql_as_crr('todo')");
  const std::vector<std::string> words = {"buy",   "call", "milk", "write", "the",  "report", "for",
                                          "Alice", "bike", "mend", "book",  "plan", "garden", "tickets"};
  Choices choices = Choices::seeded(42);
  for (int i = 0; i < 5000; ++i) {
    std::string id;
    std::string text;
    for (int n = 0; n < 10; ++n) id += static_cast<char>('a' + choices.below(26));
    for (std::uint64_t n = 2 + choices.below(5); n > 0; --n) text += choices.pick(words) + " ";
    db.exec("INSERT INTO todo VALUES ('" + id + "', '" + text + "', 0)");
    if (i % 3 == 0) db.exec("UPDATE todo SET completed = 1 WHERE id = '" + id + "'");
  }
  std::vector<Change> changes;
  const Replica replica = *Replica::on(db.handle());
  EXPECT_TRUE(replica
                  .visit_changes(0, {},
                                 [&](const Change& change) {
                                   changes.push_back(change);
                                   return Status();
                                 })
                  .ok());
  return changes;
}

TEST(Size, OfTenThousandChanges) {
  const std::vector<Change> changes = ten_thousand_changes();
  ASSERT_EQ(changes.size(), 10000U);
  std::string json(sync::partykit::kSetBegin);
  sync::BatchEncoder encoder;
  sync::vlcn::Changes binary;
  binary.sender = Blob(16, 1);
  for (const Change& change : changes) {
    sync::partykit::append_row(change, json);
    json += ',';
    encoder.add(change);
    binary.rows.push_back(change);
    binary.rows.back().site_id.clear();  // as both sides send it
  }
  internal::Bytes message;
  sync::vlcn::encode(binary, message);
  const std::size_t vlcn = message.size();
  const sync::Bytes batch = encoder.take();
  const std::size_t wire = sync::packed_message(4, batch).size();
  RecordProperty("json", std::to_string(json.size()));
  RecordProperty("vlcn", std::to_string(vlcn));
  RecordProperty("batch", std::to_string(batch.size()));
  RecordProperty("wire", std::to_string(wire));
  EXPECT_LT(batch.size() * 5, json.size());
  EXPECT_LT(batch.size() * 2, vlcn);
  EXPECT_LT(wire * 15, json.size());
}

}  // namespace
}  // namespace rejoin::test

// The pieces of docs/api.md in C++, and a program that runs them: two files, written apart, become equal.
#include <sqlite3.h>
#include <rejoin/key.hpp>
#include <rejoin/replica.hpp>

#include <cstdint>
#include <functional>
#include <iostream>
#include <span>
#include <string>
#include <vector>

rejoin::Status run(sqlite3* db, const char* sql) {
  const int code = sqlite3_exec(db, sql, nullptr, nullptr, nullptr);
  return code == SQLITE_OK ? rejoin::Status() : rejoin::Status(rejoin::ErrorCode::kSqlite, sqlite3_errmsg(db), code);
}

rejoin::Result<rejoin::Replica> open_notes(const std::string& path) {
  auto notes = rejoin::Replica::open(path);
  if (!notes.ok()) return notes;
  auto status = run(notes->connection(),
                    "CREATE TABLE IF NOT EXISTS note (id TEXT PRIMARY KEY NOT NULL, text TEXT, done INTEGER)");
  if (status.ok()) status = notes->make_crr("note");
  if (!status.ok()) return status;
  return notes;
}

using Send = std::function<rejoin::Status(const std::vector<rejoin::Change>& batch, const rejoin::Cursor& reached)>;

// Sends what is behind `after` and was not written by `peer` itself, a batch at a time.
rejoin::Status send_news(const rejoin::Replica& from, rejoin::Cursor after, const rejoin::Blob& peer,
                         const Send& send) {
  std::vector<rejoin::Change> batch;
  do {
    {  // the stream holds a read transaction, so it is gone before anyone waits for a network
      auto stream = from.changes_after(after, peer);
      if (!stream.ok()) return stream.status();
      if (const auto status = stream->next({.changes = 500}, batch); !status.ok()) return status;
      after = stream->cursor();
    }
    if (const auto status = send(batch, after); !status.ok()) return status;
  } while (!batch.empty());
  return {};
}

// Merges a batch of `peer`, whose changes are all here up to `reached` then: both in one transaction.
rejoin::Status receive(rejoin::Replica& into, const rejoin::Blob& peer, std::span<const rejoin::Change> batch,
                       const rejoin::Cursor& reached) {
  if (const auto status = run(into.connection(), "BEGIN IMMEDIATE"); !status.ok()) return status;
  const bool whole = reached.seq == rejoin::Cursor::kWholeVersion;  // else the rest of that version is to come
  auto status = into.merge(batch).status();
  if (status.ok()) status = into.set_cursor(peer, whole ? reached.db_version : reached.db_version - 1);
  if (status.ok()) status = run(into.connection(), "COMMIT");
  if (!status.ok()) static_cast<void>(run(into.connection(), "ROLLBACK"));
  return status;
}

rejoin::Status sync(rejoin::Replica& into, const rejoin::Replica& from) {
  const auto self = into.site_id(), peer = from.site_id();
  if (!self.ok()) return self.status();
  if (!peer.ok()) return peer.status();
  const auto version = into.cursor(*peer);
  if (!version.ok()) return version.status();
  return send_news(from, {*version}, *self,
                   [&](const auto& batch, const auto& reached) { return receive(into, *peer, batch, reached); });
}

// Has each row drawn again that was written since the last call, by whomever.
rejoin::Status refresh(rejoin::Watcher& watcher, const std::function<void(const rejoin::ChangedRow&)>& draw) {
  std::vector<rejoin::ChangedRow> rows;
  do {
    if (const auto status = watcher.poll(rows); !status.ok()) return status;
    for (const auto& row : rows) draw(row);
  } while (!rows.empty());
  return {};
}

rejoin::Result<std::string> id_of_note(const rejoin::ChangedRow& row) {
  auto key = rejoin::unpack_key(row.pk);
  if (!key.ok()) return key.status();
  return std::get<std::string>(key->at(0));
}

// What became of a change that a peer sent, for the log; "" where it won.
std::string merge_from_peer(rejoin::Replica& into, const rejoin::Change& change) {
  const auto merged = into.merge(change);
  if (merged.ok()) return merged->won ? "" : "known or outranked";
  switch (merged.status().code()) {
    case rejoin::ErrorCode::kBusy:
      return "later: " + merged.status().message();
    case rejoin::ErrorCode::kUnknownSchema:
      return "this application is older than its peer: " + merged.status().message();
    case rejoin::ErrorCode::kInvalidArgument:
      return "that peer sends what is no change: " + merged.status().message();
    default:
      return merged.status().message();
  }
}

static int failures = 0;

static void expect(bool holds, const char* what) {
  if (holds) return;
  std::cerr << "not so: " << what << '\n';
  ++failures;
}

static void try_merge_from_peer(rejoin::Replica& notes) {
  rejoin::Change change;
  change.table = "note";
  change.column = "text";
  change.value = "sent";
  change.column_version = 9;
  change.pk = *rejoin::pack_key({"cake"});
  change.site_id = rejoin::Blob(16, 7);
  expect(merge_from_peer(notes, change).empty(), "wins");
  expect(merge_from_peer(notes, change) == "known or outranked", "once");
  change.column = "colour";
  expect(merge_from_peer(notes, change).starts_with("this application is older"), "unknown column");
  change.pk.clear();
  expect(merge_from_peer(notes, change).starts_with("that peer sends"), "malformed");
}

int main() {
  auto phone = open_notes(":memory:"), laptop = open_notes(":memory:");
  if (!phone.ok() || !laptop.ok()) return 1;
  bool news = false;
  auto listener = laptop->on_commit([&] { news = true; });
  std::string drawn;
  {
    auto watcher = laptop->watch();
    expect(run(phone->connection(), "INSERT INTO note VALUES ('cake', 'buy eggs', 0), ('car', NULL, 0)").ok(), "SQL");
    expect(sync(*laptop, *phone).ok() && sync(*phone, *laptop).ok(), "a sync each way");
    expect(news, "the commit was heard of");
    const auto draw = [&](const rejoin::ChangedRow& row) { drawn += *id_of_note(row) + (row.merged ? "+ " : " "); };
    expect(watcher.ok() && refresh(*watcher, draw).ok() && drawn == "cake+ car+ ", "each row was drawn");
  }
  laptop->forget_commit(*listener);
  expect(*laptop->digest() == *phone->digest(), "equal");
  expect(*laptop->cursor(*phone->site_id()) == *phone->db_version(), "the cursor is where the phone is");
  expect(laptop->check()->empty() && laptop->tables()->size() == 1, "whole");
  try_merge_from_peer(*laptop);
  expect(!run(phone->connection(), "no SQL").ok(), "an error");
  return failures == 0 ? 0 : 1;
}

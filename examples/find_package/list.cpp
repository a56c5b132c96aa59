#include <sqlite3.h>
#include <cstdio>
#include <rejoin/replica.hpp>

// Merges into `into` what `from` has stored since the last time, and remembers how far it got.
static rejoin::Status pull(rejoin::Replica& into, const rejoin::Replica& from) {
  const auto peer = from.site_id(), self = into.site_id();
  const auto version = from.db_version();
  const auto cursor = peer.ok() ? into.cursor(*peer) : rejoin::Result<std::int64_t>(peer.status());
  for (const auto& status : {self.status(), version.status(), cursor.status()}) {
    if (!status.ok()) return status;
  }
  auto merged =
      from.visit_changes(*cursor, *self, [&](const rejoin::Change& change) { return into.merge(change).status(); });
  return merged.ok() ? into.set_cursor(*peer, *version) : merged;
}

int main() {
  auto phone = rejoin::Replica::open("phone.db"), laptop = rejoin::Replica::open("laptop.db");
  if (!phone.ok() || !laptop.ok()) return 1;
  const auto table = "CREATE TABLE IF NOT EXISTS list (item TEXT PRIMARY KEY NOT NULL, amount INTEGER)";
  for (auto* replica : {&*phone, &*laptop}) {
    sqlite3_exec(replica->connection(), table, nullptr, nullptr, nullptr);
    if (!replica->make_crr("list").ok()) return 1;
  }
  sqlite3_exec(phone->connection(), "INSERT OR IGNORE INTO list VALUES ('milk', 1)", nullptr, nullptr, nullptr);
  sqlite3_exec(laptop->connection(), "INSERT OR IGNORE INTO list VALUES ('bread', 2)", nullptr, nullptr, nullptr);
  if (!pull(*laptop, *phone).ok() || !pull(*phone, *laptop).ok()) return 1;
  return std::puts(*phone->digest() == *laptop->digest() ? "equal" : "different") < 0;
}

// A program that has Rejoin inside: two replicas of a list, written apart, become equal.
#include <sqlite3.h>
#include <rejoin/replica.hpp>

#include <cstdint>
#include <iostream>
#include <string>

// Merges into `into` what `from` has stored since the last time, and remembers how far it got.
rejoin::Status pull(rejoin::Replica& into, const rejoin::Replica& from) {
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

static sqlite3* open_with(const char* sql) {
  sqlite3* db = nullptr;
  if (sqlite3_open(":memory:", &db) != SQLITE_OK || !rejoin::Replica::on(db).ok() ||
      sqlite3_exec(db,
                   "CREATE TABLE groceries (item TEXT PRIMARY KEY NOT NULL, amount INTEGER, shop TEXT);"
                   "SELECT crsql_as_crr('groceries');",
                   nullptr, nullptr, nullptr) != SQLITE_OK ||
      sqlite3_exec(db, sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
    std::cerr << sqlite3_errmsg(db) << '\n';
    return nullptr;
  }
  return db;
}

static std::string rows_of(sqlite3* db) {
  std::string rows;
  sqlite3_exec(
      db, "SELECT item || ' ' || amount || ' ' || shop FROM groceries ORDER BY item",
      [](void* out, int, char** cells, char**) {
        static_cast<std::string*>(out)->append(cells[0]).append("; ");
        return 0;
      },
      &rows, nullptr);
  return rows;
}

int main() {
  sqlite3* phone = open_with("INSERT INTO groceries VALUES ('milk', 1, 'corner shop'), ('bread', 1, 'bakery')");
  sqlite3* laptop = open_with("INSERT INTO groceries VALUES ('apples', 6, 'market')");
  if (phone == nullptr || laptop == nullptr) return 1;

  std::string expected = "apples 6 market; bread 2 bakery; milk 1 farm; ";
  {
    auto on_phone = rejoin::Replica::on(phone), on_laptop = rejoin::Replica::on(laptop);
    if (!on_phone.ok() || !on_laptop.ok()) return 1;
    if (const auto status = pull(*on_laptop, *on_phone); !status.ok()) {
      std::cerr << status.message() << '\n';
      return 1;
    }
    sqlite3_exec(phone, "UPDATE groceries SET amount = 2 WHERE item = 'bread'", nullptr, nullptr, nullptr);
    sqlite3_exec(laptop, "UPDATE groceries SET shop = 'farm' WHERE item = 'milk'", nullptr, nullptr, nullptr);
    if (!pull(*on_laptop, *on_phone).ok() || !pull(*on_phone, *on_laptop).ok()) return 1;
    if (*on_phone->digest() != *on_laptop->digest()) return 1;
  }
  std::cout << rows_of(phone) << '\n';
  const bool equal = rows_of(phone) == expected && rows_of(laptop) == expected;
  const bool closed = sqlite3_close(phone) == SQLITE_OK && sqlite3_close(laptop) == SQLITE_OK;
  return equal && closed ? 0 : 1;
}

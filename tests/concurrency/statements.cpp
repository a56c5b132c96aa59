#include "concurrency/statements.hpp"

namespace rejoin::concurrency_test {

namespace {

using test::Choices;

// So few that workers meet.
std::string any_id(Choices& choices) { return std::to_string(choices.below(12)); }

std::string one_write(const std::string& mark, Choices& choices) {
  const std::string id = any_id(choices);
  const std::string other = any_id(choices);
  const std::string text = "'" + mark + "'";
  switch (choices.below(11)) {
    case 0:
      return "UPDATE shared SET value = " + text + " WHERE id = " + id;
    case 1:
      return "UPDATE shared SET number = number + 1 WHERE id > " + id;
    case 2:
      return "INSERT OR REPLACE INTO shared VALUES (" + id + ", " + text + ", " + other + ")";
    case 3:
      return "INSERT INTO shared (id, value) VALUES (" + id + ", " + text +
             ") ON CONFLICT (id) DO UPDATE SET value = excluded.value";
    case 4:
      return "DELETE FROM shared WHERE id = " + id;
    case 5:
      return "UPDATE OR REPLACE shared SET id = " + other + " WHERE id = " + id;
    case 6:
      return "INSERT OR IGNORE INTO pair VALUES (" + id + ", 'k" + other + "', " + text + ")";
    case 7:
      return "UPDATE pair SET text = " + text + " WHERE list = " + id;
    case 8:
      return "DELETE FROM pair WHERE list = " + id;
    case 9:
      return "INSERT OR IGNORE INTO own VALUES (" + text + ", " + other + ", " + text + ")";
    default:
      return "SELECT count(*) FROM crsql_changes WHERE db_version > crsql_db_version()";
  }
}

}  // namespace

std::vector<std::string> schema() {
  return {"CREATE TABLE own (id TEXT PRIMARY KEY NOT NULL, n INTEGER, body TEXT)",
          "CREATE TABLE shared (id INTEGER PRIMARY KEY NOT NULL, value TEXT, number INTEGER DEFAULT 0)",
          "CREATE TABLE pair (list INTEGER NOT NULL, place TEXT NOT NULL, text, PRIMARY KEY (list, place)) "
          "WITHOUT ROWID",
          "SELECT crsql_as_crr('own'), crsql_as_crr('shared'), crsql_as_crr('pair')"};
}

std::string count_up(const std::string& who, int count) {
  const std::string number = std::to_string(count);
  return "INSERT INTO own VALUES ('" + who + "', " + number + ", 'a') ON CONFLICT (id) DO UPDATE SET n = " + number;
}

std::vector<std::string> some_writes(const std::string& mark, Choices& choices) {
  std::vector<std::string> writes;
  for (std::uint64_t left = choices.below(4) + 1; left > 0; --left) writes.push_back(one_write(mark, choices));
  if (choices.chance(20)) {
    const std::string undone = one_write(mark + "-undone", choices);
    writes.insert(writes.begin(), {"SAVEPOINT s", undone, "ROLLBACK TO s", "RELEASE s"});
  }
  return writes;
}

}  // namespace rejoin::concurrency_test

#include "concurrency/journal.hpp"

#include <sstream>

namespace rejoin::concurrency_test {

namespace {

std::filesystem::path path_of(const std::filesystem::path& directory, int worker) {
  return directory / ("journal-" + std::to_string(worker));
}

}  // namespace

Journal::Journal(const std::filesystem::path& directory, int worker) : out_(path_of(directory, worker)) {}

// A line a statement, then what it is: the statements of a record without its end are those of no transaction.
void Journal::attempt(const Transaction& transaction) {
  std::string text;
  for (const std::string& sql : transaction.sql) text += "sql " + sql + "\n";
  out_ << text + (transaction.counted ? "counted " : "uncounted ") + std::to_string(transaction.version) + "\n"
       << std::flush;
}

void Journal::acknowledge(std::int64_t version) { out_ << "done " + std::to_string(version) + "\n" << std::flush; }

std::vector<Transaction> Journal::read(const std::filesystem::path& directory, int worker) {
  std::vector<Transaction> transactions;
  std::vector<std::string> sql;
  std::ifstream in(path_of(directory, worker));
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string kind;
    words >> kind;
    if (kind == "sql") {
      sql.push_back(line.substr(4));
      continue;
    }
    std::int64_t version = 0;
    words >> version;
    if (kind == "done") {
      transactions.back().acknowledged = true;
      transactions.back().version = version;
      continue;
    }
    if (!transactions.empty() && !transactions.back().acknowledged) transactions.pop_back();
    transactions.push_back({kind == "counted", false, version, std::move(sql)});
    sql.clear();
  }
  return transactions;
}

}  // namespace rejoin::concurrency_test

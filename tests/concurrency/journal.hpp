// What a worker has tried to commit and what it knows to be committed, in a file that outlives a killed process.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace rejoin::concurrency_test {

struct Transaction {
  bool counted = true;  ///< it has counted the worker's row of table own up
  bool acknowledged = false;
  std::int64_t version = 0;  ///< 0: not known
  std::vector<std::string> sql = {};
};

class Journal {
 public:
  Journal(const std::filesystem::path& directory, int worker);

  /// About to commit.
  void attempt(const Transaction& transaction);
  /// The last attempt is committed.
  void acknowledge(std::int64_t version);

  /// The transactions of a worker; of those that were given up the last attempt.
  static std::vector<Transaction> read(const std::filesystem::path& directory, int worker);

 private:
  std::ofstream out_;
};

}  // namespace rejoin::concurrency_test

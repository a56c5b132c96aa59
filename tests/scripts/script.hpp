// Runs a *.test file: SQL in, rows out, on several named replicas. README.md beside this file tells the format.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "support/database.hpp"
#include "support/temporary.hpp"

namespace rejoin::test {

class Script {
 public:
  explicit Script(const std::filesystem::path& file);

  /// Runs it all. Returns what went wrong first, with its line; empty: nothing.
  std::string run();

 private:
  struct Replica {
    std::string path = ":memory:";
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    std::unique_ptr<Database> db;
    Blob id;
  };

  [[nodiscard]] bool at_end() const { return next_ >= lines_.size(); }
  Replica& replica(const std::string& name);
  void open(Replica& replica);

  void run_line();
  bool run_directive(const std::vector<std::string>& words);
  void run_statement();
  std::string expand(std::string sql);
  std::string shown(const Value& value) const;
  void check(Database& db, const std::string& sql, const std::vector<std::string>& expected, const std::string& error);

  void sync(const std::string& from, const std::string& to);
  void sync_all();
  void send_everything(const std::string& from, const std::string& to);

  std::vector<std::string> lines_;
  std::size_t next_ = 0;
  std::size_t statement_line_ = 0;
  TemporaryDirectory directory_;
  std::map<std::string, Replica> replicas_;
  std::vector<std::string> current_;
  std::map<std::pair<std::string, std::string>, std::int64_t> cursors_;
};

}  // namespace rejoin::test

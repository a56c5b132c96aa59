// A child process that answers each line with a line.
#pragma once

#include <cstdio>
#include <string>
#include <vector>

namespace rejoin::oracle {

class Process {
 public:
  /// Starts `command` (found in PATH). Throws std::runtime_error where that fails.
  explicit Process(const std::vector<std::string>& command);
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  /// Closes its input and waits for its end.
  ~Process();

  void write_line(const std::string& line);
  /// Throws std::runtime_error when the process has ended.
  std::string read_line();

 private:
  int child_ = -1;
  std::FILE* input_ = nullptr;
  std::FILE* output_ = nullptr;
};

}  // namespace rejoin::oracle

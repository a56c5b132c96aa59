// Runs the real tool over files in a folder of the test's own.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace rejoin::cli_test {

struct Outcome {
  int exit_code = -1;  // -1: ended by a signal
  int signal = 0;
  std::string out;
  std::string err;
};

struct RunOptions {
  std::string input = {};
  std::function<void()> in_child = {};  // called right before exec
  double kill_after = -1;               // seconds until SIGKILL; negative: never
  std::string directory = {};           // where it runs; empty: here
};

/// Runs `rejoin` with these arguments.
Outcome run_tool(const std::vector<std::string>& arguments, const RunOptions& options = {});

/// What `rejoin` prints on a terminal of 80 columns as standard error.
std::string errors_on_terminal(const std::vector<std::string>& arguments);

std::string read_bytes(const std::filesystem::path& file);
void write_bytes(const std::filesystem::path& file, const std::string& bytes);

/// The rows of a query, run by plain SQLite without the engine: a line a row, text in 'quotes', blobs as x'hex'.
std::string rows_of(const std::filesystem::path& file, const std::string& sql);

/// Runs statements by plain SQLite; the engine's triggers do not work there.
void execute_plain(const std::filesystem::path& file, const std::string& sql);

/// A test with a folder of its own.
class ToolTest : public ::testing::Test {
 protected:
  ToolTest();
  ~ToolTest() override;

  std::string path(const std::string& name) const { return (dir_ / name).string(); }

  /// Makes a file with the engine attached and runs `sql` in it.
  void make(const std::string& name, const std::string& sql) const;
  /// Runs `sql` in a file with the engine attached; the test fails if it does.
  void sql(const std::string& name, const std::string& sql) const;
  /// `rejoin merge` over files of the folder, with these options before them.
  Outcome merge(const std::vector<std::string>& names, const std::vector<std::string>& options = {}) const;
  /// Fails unless the files hold the same rows of `table`, with the same clocks.
  void expect_same(const std::vector<std::string>& names, const std::string& table) const;
  /// Each file of the folder: its name, and a length and hash of its bytes.
  std::vector<std::string> all_bytes() const;

  std::filesystem::path dir_;
};

}  // namespace rejoin::cli_test

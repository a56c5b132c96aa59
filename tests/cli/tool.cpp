#include "cli/tool.hpp"

#include <cli/text.hpp>

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace rejoin::cli_test {
namespace {

namespace fs = std::filesystem;

using Lines = std::vector<std::string>;

std::vector<char*> argument_vector(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> words_of(const std::vector<std::string>& arguments) {
  std::vector<std::string> words{REJOIN_TOOL};
  words.insert(words.end(), arguments.begin(), arguments.end());
  return words;
}

// A file without a name that goes with its descriptor: no pipe that could fill up.
int temporary_file(const std::string& content) {
  std::FILE* file = std::tmpfile();
  if (file == nullptr) throw std::runtime_error("no temporary file");
  std::fwrite(content.data(), 1, content.size(), file);
  std::rewind(file);
  const int descriptor = dup(fileno(file));
  std::fclose(file);
  lseek(descriptor, 0, SEEK_SET);
  return descriptor;
}

std::string content_of(int descriptor) {
  std::string content;
  std::array<char, 65536> buffer{};
  lseek(descriptor, 0, SEEK_SET);
  for (ssize_t got = 0; (got = read(descriptor, buffer.data(), buffer.size())) > 0;) {
    content.append(buffer.data(), static_cast<std::size_t>(got));
  }
  close(descriptor);
  return content;
}

int wait_for(pid_t child, double kill_after) {
  int status = 0;
  if (kill_after >= 0) {
    std::this_thread::sleep_for(std::chrono::duration<double>(kill_after));
    kill(child, SIGKILL);
  }
  waitpid(child, &status, 0);
  return status;
}

struct CloseDatabase {
  void operator()(sqlite3* db) const { sqlite3_close(db); }
};

std::unique_ptr<sqlite3, CloseDatabase> open_plain(const fs::path& file) {
  sqlite3* db = nullptr;
  const int code = sqlite3_open_v2(file.c_str(), &db, SQLITE_OPEN_READWRITE, nullptr);
  std::unique_ptr<sqlite3, CloseDatabase> owner(db);
  if (code != SQLITE_OK) throw std::runtime_error(file.string() + ": " + sqlite3_errmsg(db));
  return owner;
}

std::string quoted(sqlite3_stmt* statement, int column) {
  const int type = sqlite3_column_type(statement, column);
  if (type == SQLITE_NULL) return "NULL";
  if (type == SQLITE_INTEGER) return std::to_string(sqlite3_column_int64(statement, column));
  if (type == SQLITE_FLOAT) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.17g", sqlite3_column_double(statement, column));
    return text.data();
  }
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement, column));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
  const std::string value(bytes == nullptr ? "" : bytes, size);
  return type == SQLITE_TEXT ? "'" + value + "'" : "x'" + cli::to_hex(value) + "'";
}

// In order, since the order in which rows lie in a file is nobody's business.
Lines lines_of(const std::string& text) {
  Lines lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  std::sort(lines.begin(), lines.end());
  return lines;
}

}  // namespace

Outcome run_tool(const std::vector<std::string>& arguments, const RunOptions& options) {
  std::vector<std::string> words = words_of(arguments);
  const std::vector<char*> argv = argument_vector(words);
  const int in = temporary_file(options.input);
  const int out = temporary_file("");
  const int err = temporary_file("");
  const pid_t child = fork();
  if (child == 0) {
    dup2(in, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    if (!options.directory.empty() && chdir(options.directory.c_str()) != 0) _exit(126);
    if (options.in_child) options.in_child();
    execv(argv[0], argv.data());
    _exit(127);
  }
  const int status = wait_for(child, options.kill_after);
  close(in);
  Outcome outcome;
  if (WIFEXITED(status)) outcome.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) outcome.signal = WTERMSIG(status);
  outcome.out = content_of(out);
  outcome.err = content_of(err);
  return outcome;
}

std::string errors_on_terminal(const std::vector<std::string>& arguments) {
  std::vector<std::string> words = words_of(arguments);
  const std::vector<char*> argv = argument_vector(words);
  winsize size{};
  size.ws_col = 80;
  size.ws_row = 24;
  int terminal = -1;
  int its_end = -1;
  if (openpty(&terminal, &its_end, nullptr, nullptr, &size) != 0) throw std::runtime_error("no terminal");
  const pid_t child = fork();
  if (child == 0) {
    const int nowhere = open("/dev/null", O_WRONLY);
    dup2(nowhere, STDOUT_FILENO);
    dup2(its_end, STDERR_FILENO);
    close(terminal);
    execv(argv[0], argv.data());
    _exit(127);
  }
  close(its_end);
  std::string text;
  std::array<char, 4096> buffer{};
  for (ssize_t got = 0; (got = read(terminal, buffer.data(), buffer.size())) > 0;) {
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
  close(terminal);
  waitpid(child, nullptr, 0);
  return text;
}

std::string read_bytes(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

void write_bytes(const fs::path& file, const std::string& bytes) {
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out << bytes;
}

std::string rows_of(const fs::path& file, const std::string& sql) {
  const auto db = open_plain(file);
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(db.get(), sql.c_str(), -1, &statement, nullptr) != SQLITE_OK) {
    throw std::runtime_error(file.string() + ": " + sqlite3_errmsg(db.get()));
  }
  std::string rows;
  while (sqlite3_step(statement) == SQLITE_ROW) {
    for (int i = 0; i < sqlite3_column_count(statement); ++i) rows += (i > 0 ? "|" : "") + quoted(statement, i);
    rows += "\n";
  }
  sqlite3_finalize(statement);
  return rows;
}

void execute_plain(const fs::path& file, const std::string& sql) {
  const auto db = open_plain(file);
  if (sqlite3_exec(db.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    throw std::runtime_error(file.string() + ": " + sqlite3_errmsg(db.get()));
  }
}

ToolTest::ToolTest() {
  std::string name = (fs::temp_directory_path() / "rejoin-cli-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no folder for the test");
  dir_ = name;
}

ToolTest::~ToolTest() {
  std::error_code ignored;
  fs::remove_all(dir_, ignored);
}

void ToolTest::make(const std::string& name, const std::string& sql) const {
  const Outcome outcome = run_tool({"sql", "--create", path(name)}, {.input = sql});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
}

void ToolTest::sql(const std::string& name, const std::string& sql) const {
  const Outcome outcome = run_tool({"sql", path(name)}, {.input = sql});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
}

Outcome ToolTest::merge(const std::vector<std::string>& names, const std::vector<std::string>& options) const {
  std::vector<std::string> arguments{"merge"};
  arguments.insert(arguments.end(), options.begin(), options.end());
  for (const std::string& name : names) arguments.push_back(path(name));
  return run_tool(arguments);
}

void ToolTest::expect_same(const std::vector<std::string>& names, const std::string& table) const {
  // Tables and clocks under the contract's own names: which cells there are, how often each was written in which life.
  std::string key;
  Lines columns = lines_of(rows_of(path(names[0]), "SELECT name FROM pragma_table_info('" + table + "__crsql_pks')"));
  for (std::string& column : columns) {
    column = column.substr(1, column.size() - 2);
    if (column != "__crsql_key") key += "k.\"" + column + "\", ";
  }
  const std::string clocks = "SELECT " + key + "c.col_name, c.col_version FROM \"" + table +
                             "__crsql_clock\" AS c JOIN \"" + table + "__crsql_pks\" AS k ON k.__crsql_key = c.key";
  for (const std::string& query : {"SELECT * FROM \"" + table + "\"", clocks}) {
    const Lines expected = lines_of(rows_of(path(names[0]), query));
    for (std::size_t i = 1; i < names.size(); ++i) {
      EXPECT_EQ(lines_of(rows_of(path(names[i]), query)), expected) << names[i] << ": " << query;
    }
  }
}

std::vector<std::string> ToolTest::all_bytes() const {
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(dir_)) {
    if (!entry.is_regular_file()) continue;
    const std::string bytes = read_bytes(entry.path());
    const auto hash = std::hash<std::string>()(bytes);
    files.push_back(entry.path().filename().string() + ": " + std::to_string(bytes.size()) + " bytes, hash " +
                    std::to_string(hash));
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace rejoin::cli_test

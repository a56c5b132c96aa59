#include "oracle/process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <stdexcept>

extern char** environ;

namespace rejoin::oracle {

namespace {

struct Pipe {
  int read = -1;
  int write = -1;

  Pipe() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("cannot make a pipe");
    read = ends[0];
    write = ends[1];
  }
};

}  // namespace

Process::Process(const std::vector<std::string>& command) {
  signal(SIGPIPE, SIG_IGN);  // a child that is gone is reported by read_line
  const Pipe to_child;
  const Pipe from_child;
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, to_child.read, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, from_child.write, STDOUT_FILENO);
  const int error = posix_spawnp(&child_, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(to_child.read);
  close(from_child.write);
  input_ = fdopen(to_child.write, "w");
  output_ = fdopen(from_child.read, "r");
  if (error != 0) {
    std::fclose(input_);
    std::fclose(output_);
    throw std::runtime_error("cannot start " + command[0]);
  }
}

Process::~Process() {
  std::fclose(input_);
  std::fclose(output_);
  waitpid(child_, nullptr, 0);
}

void Process::write_line(const std::string& line) {
  std::fwrite(line.data(), 1, line.size(), input_);
  std::fputc('\n', input_);
  std::fflush(input_);
}

std::string Process::read_line() {
  char* line = nullptr;
  std::size_t capacity = 0;
  const ssize_t length = getline(&line, &capacity, output_);
  std::string text = length > 0 ? std::string(line, static_cast<std::size_t>(length - 1)) : std::string();
  std::free(line);  // NOLINT: getline's
  if (length <= 0) throw std::runtime_error("the process has ended");
  return text;
}

}  // namespace rejoin::oracle

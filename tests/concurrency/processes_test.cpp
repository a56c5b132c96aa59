// Processes at one WAL file, some of which are killed in the midst of their work.
#include <gmock/gmock.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <thread>

#include "concurrency/workers.hpp"
#include "support/choices.hpp"
#include "support/temporary.hpp"

extern char** environ;

namespace rejoin::concurrency_test {
namespace {

pid_t start(const Worker& worker, const std::filesystem::path& directory) {
  const std::string program = std::string(REJOIN_BINARY_DIR) + "/tests/concurrency_test";
  std::vector<std::string> words = {program,
                                    "--worker",
                                    std::to_string(static_cast<int>(worker.role)),
                                    std::to_string(worker.number),
                                    std::to_string(worker.transactions),
                                    std::to_string(worker.seed),
                                    directory.string()};
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t process = 0;
  if (posix_spawn(&process, program.c_str(), nullptr, nullptr, arguments.data(), environ) != 0) {
    throw std::runtime_error("cannot start " + program);
  }
  return process;
}

/// How a process ended, as waitpid tells it.
int end_of(pid_t process) {
  int status = 0;
  waitpid(process, &status, 0);
  return status;
}

class ProcessesTest : public testing::Test {
 protected:
  ProcessesTest() { make_shared_file(directory_.path()); }

  pid_t add(Role role, int transactions) {
    const int number = static_cast<int>(workers_.size());
    workers_.push_back({role, number, transactions, first_seed() * 100 + static_cast<std::uint64_t>(number)});
    return start(workers_.back(), directory_.path());
  }

  void run(int kills) {
    std::vector<pid_t> writers = {add(Role::kWriter, 100), add(Role::kWriter, 100), add(Role::kMerger, 40),
                                  add(Role::kMaker, 6)};
    const std::vector<pid_t> readers = {add(Role::kReader, 0), add(Role::kReader, 0)};
    auto choices = test::Choices::seeded(first_seed());
    int hit = 0;
    for (int i = 0; i < kills; ++i) {
      const pid_t victim = add(Role::kWriter, 100000);
      killed_.push_back(workers_.back().number);
      std::this_thread::sleep_for(std::chrono::milliseconds(100 + choices.below(250)));
      kill(victim, SIGKILL);
      const int status = end_of(victim);
      hit += WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL ? 1 : 0;
    }
    EXPECT_EQ(hit, kills);
    for (const pid_t process : writers) EXPECT_EQ(end_of(process), 0);
    stop_readers(directory_.path());
    for (const pid_t process : readers) EXPECT_EQ(end_of(process), 0);
    ASSERT_NO_THROW(require_serial(directory_.path(), workers_, killed_));
  }

 private:
  const test::TemporaryDirectory directory_;
  std::vector<Worker> workers_;
  std::vector<int> killed_;
};

TEST_F(ProcessesTest, WriteMergeAndReadOneFile) { run(0); }

TEST_F(ProcessesTest, AreKilledInTheMidst) { run(6); }

}  // namespace
}  // namespace rejoin::concurrency_test

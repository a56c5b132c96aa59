// rejoin serve and rejoin sync, as a user runs them.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "net/hub_fixture.hpp"

namespace rejoin::net_test {
namespace {

using Words = std::vector<std::string>;

// The tool, with its output in files.
class Process {
 public:
  Process(const Words& arguments, std::filesystem::path out) : out_(std::move(out)) {
    Words words{REJOIN_TOOL};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    const std::string errors = out_.string() + ".err";
    child_ = fork();
    if (child_ != 0) return;
    dup2(open(out_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), STDOUT_FILENO);
    dup2(open(errors.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), STDERR_FILENO);
    execv(argv[0], argv.data());
    _exit(127);
  }
  ~Process() {
    if (child_ > 0) kill(child_, SIGKILL);
    wait();
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  void signal(int number) const { kill(child_, number); }
  int wait() {
    int status = 0;
    if (child_ > 0) {
      waitpid(child_, &status, 0);
      child_ = -1;
      exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    }
    return exit_code_;
  }
  [[nodiscard]] std::string out() const { return text_of(out_); }
  [[nodiscard]] std::string err() const { return text_of(out_.string() + ".err"); }

 private:
  static std::string text_of(const std::filesystem::path& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::filesystem::path out_;
  pid_t child_ = -1;
  int exit_code_ = -1;
};

class NetCommandsTest : public HubTest {
 protected:
  // Starts `rejoin serve` and waits until it listens.
  std::unique_ptr<Process> serve(Words more = {}) {
    Words words{"serve", "--data", path("rooms").string(), "--listen", "127.0.0.1:0"};
    words.insert(words.end(), more.begin(), more.end());
    auto process = std::make_unique<Process>(words, path("serve.out"));
    EXPECT_TRUE(eventually([&] { return process->out().ends_with("\n"); })) << process->err();
    const std::string line = process->out();
    if (line.size() > 14) url_ = line.substr(13, line.size() - 14);
    return process;
  }

  struct Outcome {
    int exit_code;
    std::string out, err;
  };
  Outcome run(const Words& words) const {
    Process process(words, path("run.out"));
    const int code = process.wait();
    return {code, process.out(), process.err()};
  }
  Outcome sync(const std::string& file, const std::string& room, const Words& more = {}) const {
    Words words{"sync", path(file).string(), url_ + "/" + room};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }

  std::string url_;
};

TEST_F(NetCommandsTest, ServeAndSync) {
  const auto hub = serve();
  EXPECT_TRUE(url_.starts_with("ws://127.0.0.1:")) << url_;
  ASSERT_EQ(run({"sql", "--create", path("a.db").string(),
                 "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, v); SELECT crsql_as_crr('t');"
                 "INSERT INTO t VALUES (1, 'x'), (2, 'y')"})
                .exit_code,
            0);
  Outcome outcome = sync("a.db", "family");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "2 changes sent, 0 received (0 new)\n");
  outcome = sync("b.db", "family");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.err.find("--create"), std::string::npos) << outcome.err;
  EXPECT_FALSE(std::filesystem::exists(path("b.db")));
  outcome = sync("b.db", "family", {"--create"});
  EXPECT_EQ(outcome.out, "0 changes sent, 2 received (2 new)\n") << outcome.err;
  outcome = sync("b.db", "family", {"--repair"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(sync("b.db", "..").exit_code, 1);
  hub->signal(SIGTERM);
  EXPECT_EQ(hub->wait(), 0);
  EXPECT_EQ(hub->err(), "");
  outcome = sync("b.db", "family");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.err.find("refused"), std::string::npos) << outcome.err;
}

TEST_F(NetCommandsTest, WatchStaysThroughARestart) {
  write_file("tokens", "* secret\n");
  const Words guarded = {"--tokens", path("tokens").string()};
  auto hub = serve(guarded);
  EXPECT_NE(sync("b.db", "r", {"--create", "--token", "wrong"}).err.find("401"), std::string::npos);
  Process watcher({"sync", "--watch", "--create", "--token", "secret", path("a.db").string(), url_ + "/r"},
                  path("watch.out"));
  ASSERT_TRUE(eventually([&] { return watcher.err().find("in sync") != std::string::npos; })) << watcher.err();
  const std::string at = url_.substr(5);
  hub->signal(SIGINT);
  EXPECT_EQ(hub->wait(), 0);
  ASSERT_TRUE(eventually([&] { return watcher.err().find("next try in") != std::string::npos; })) << watcher.err();
  Process again({"serve", "--data", path("rooms").string(), "--listen", at, "--tokens", path("tokens").string()},
                path("again.out"));
  ASSERT_TRUE(eventually([&] { return !again.out().empty(); })) << again.err();
  // Begun as a writer: who becomes one later is not let wait where the hub has written meanwhile.
  beside("rooms/r.db")
      .exec(
          "BEGIN IMMEDIATE; CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, v); SELECT crsql_as_crr('t'); "
          "INSERT INTO t VALUES (1, 2); COMMIT");
  EXPECT_TRUE(eventually([&] { return watcher.err().find("(1 new)") != std::string::npos; })) << watcher.err();
  watcher.signal(SIGTERM);
  EXPECT_EQ(watcher.wait(), 0);
  again.signal(SIGTERM);
  EXPECT_EQ(again.wait(), 0);
}

TEST_F(NetCommandsTest, SayWhatIsWrong) {
  EXPECT_EQ(run({"serve"}).exit_code, 2);
  EXPECT_EQ(run({"sync", "a.db"}).exit_code, 2);
  EXPECT_EQ(run({"serve", "--help"}).exit_code, 0);
  EXPECT_EQ(run({"sync", "--help"}).exit_code, 0);
  for (const char* address : {"nonsense", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:70000", "nohost:1"}) {
    const Outcome outcome = run({"serve", "--data", path("rooms").string(), "--listen", address});
    EXPECT_EQ(outcome.exit_code, 1) << address;
    EXPECT_TRUE(outcome.err.starts_with("rejoin: ")) << outcome.err;
  }
  write_file("no.db", std::string(5000, 'x'));
  url_ = "ws://127.0.0.1:1";
  EXPECT_NE(sync("no.db", "r").err.find("no.db"), std::string::npos);
}

}  // namespace
}  // namespace rejoin::net_test

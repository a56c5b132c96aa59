#include <net/gatekeeper.hpp>

#include <net/boost.hpp>
#include <net/secret.hpp>
#include <net/text.hpp>

#include <boost/asio/thread_pool.hpp>

#include <signal.h>
#include <atomic>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern "C" char** environ;  // NOLINT: not every <unistd.h> says it

namespace rejoin::net {
namespace {

// A command that waits for another server holds a thread, not a core.
constexpr std::size_t kCommandsAtOnce = 8;
constexpr std::chrono::milliseconds kLook{5};

struct Pass {
  std::string room;  // "*": all
  std::string token;
};

Result<std::vector<Pass>> read_tokens(const std::string& path) {
  std::error_code ignored;
  std::ifstream file(path);
  if (!file || std::filesystem::is_directory(path, ignored)) {
    return Status(ErrorCode::kInvalidArgument, cat(path, ": the list of tokens cannot be read"));
  }
  std::vector<Pass> passes;
  std::size_t number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    std::istringstream words(line);
    Pass pass;
    std::string more;
    if (!(words >> pass.room) || pass.room[0] == '#') continue;
    if (!(words >> pass.token) || words >> more || (pass.room != "*" && !is_room_name(pass.room))) {
      // The line itself may hold a secret.
      return Status(ErrorCode::kInvalidArgument,
                    cat(path, ":", std::to_string(number), ": a line must be ROOM TOKEN, or * TOKEN"));
    }
    passes.push_back(std::move(pass));
  }
  return passes;
}

std::vector<std::string> environment_with(const std::string& room, const std::string& token) {
  std::vector<std::string> variables;
  for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
    const std::string_view text = *variable;
    if (!text.starts_with("REJOIN_ROOM=") && !text.starts_with("REJOIN_TOKEN=")) variables.emplace_back(text);
  }
  variables.push_back(cat("REJOIN_ROOM=", room));
  variables.push_back(cat("REJOIN_TOKEN=", token));
  return variables;
}

std::vector<char*> pointers_to(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

// The child: a group of its own, so that all that it starts can be ended; without our signal mask and standard streams.
pid_t spawn(const std::string& command, const std::string& room, const std::string& token) {
  std::vector<std::string> words = {"/bin/sh", "-c", command};
  std::vector<std::string> variables = environment_with(room, token);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", 0, 0);
  posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
  pid_t child = -1;
  if (posix_spawn(&child, words[0].c_str(), &actions, &attributes, pointers_to(words).data(),
                  pointers_to(variables).data()) != 0) {
    child = -1;
  }
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  return child;
}

bool says_yes(const std::string& command, const std::string& room, const std::string& token,
              std::chrono::milliseconds timeout, const std::atomic<bool>& stopping) {
  if (token.find('\0') != token.npos) return false;
  const pid_t child = spawn(command, room, token);
  if (child < 0) return false;
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  for (int status = 0;;) {
    const pid_t ended = waitpid(child, &status, WNOHANG);
    if (ended == child) return WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (ended < 0) return false;
    if (stopping || std::chrono::steady_clock::now() >= deadline) {
      kill(-child, SIGKILL);
      waitpid(child, &status, 0);
      return false;
    }
    std::this_thread::sleep_for(kLook);
  }
}

}  // namespace

struct Gatekeeper::State {
  GatekeeperOptions options;
  std::vector<Pass> passes;
  std::atomic<bool> stopping = false;
  asio::thread_pool pool{kCommandsAtOnce};
};

Gatekeeper::Gatekeeper(std::unique_ptr<State> state) : state_(std::move(state)) {}

Gatekeeper::~Gatekeeper() { stop(); }

Result<std::unique_ptr<Gatekeeper>> Gatekeeper::make(GatekeeperOptions options) {
  auto state = std::make_unique<State>();
  if (!options.tokens_file.empty()) {
    auto passes = read_tokens(options.tokens_file);
    if (!passes.ok()) return passes.status();
    state->passes = std::move(passes).value();
  }
  state->options = std::move(options);
  return std::unique_ptr<Gatekeeper>(new Gatekeeper(std::move(state)));
}

bool Gatekeeper::open_to_all() const {
  return state_->options.tokens_file.empty() && state_->options.auth_command.empty();
}

void Gatekeeper::ask(const std::string& room, const std::string& token, std::function<void(bool)> answer) {
  if (open_to_all()) return answer(true);
  bool known = false;
  for (const Pass& pass : state_->passes) {
    // Every line is compared, whether or not one has fitted.
    const bool fits = equal_in_constant_time(pass.token, token);
    known = (fits && (pass.room == "*" || pass.room == room)) || known;
  }
  if (known || state_->options.auth_command.empty()) return answer(known);
  asio::post(state_->pool, [state = state_.get(), room, token, answer = std::move(answer)] {
    answer(!state->stopping &&
           says_yes(state->options.auth_command, room, token, state->options.timeout, state->stopping));
  });
}

void Gatekeeper::stop() {
  state_->stopping = true;
  state_->pool.join();
}

}  // namespace rejoin::net

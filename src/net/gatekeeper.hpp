// Who may enter which room.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include <rejoin/status.hpp>

namespace rejoin::net {

struct GatekeeperOptions {
  std::string tokens_file;                  ///< lines "ROOM TOKEN", or "* TOKEN" for all rooms; # begins a comment
  std::string auth_command;                 ///< for /bin/sh, with REJOIN_ROOM and REJOIN_TOKEN set; exit code 0: yes
  std::chrono::milliseconds timeout{5000};  ///< of the command
};

/// Asks the list of tokens, then the command; where there is neither, everyone may enter.
class Gatekeeper {
 public:
  static Result<std::unique_ptr<Gatekeeper>> make(GatekeeperOptions options);
  ~Gatekeeper();

  /// Whether everyone may enter.
  [[nodiscard]] bool open_to_all() const;

  /// Calls `answer`, here and now or from another thread.
  void ask(const std::string& room, const std::string& token, std::function<void(bool)> answer);

  /// Waits for the commands that run; what has not begun is answered with no.
  void stop();

 private:
  struct State;
  explicit Gatekeeper(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace rejoin::net

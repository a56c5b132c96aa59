// A progress bar on standard error, for a person who waits at a terminal; nobody else sees anything of it.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace rejoin::cli {

class Progress {
 public:
  Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();

  /// Whether there is a terminal. Where there is none, counting what is to be done can be left out.
  bool shown() const { return shown_; }

  /// A new piece of work: `total` steps.
  void begin(const std::string& label, std::int64_t total);
  void advance() {
    if (shown_ && ++done_ % kStepsBetweenLooks == 0) draw();
  }
  /// Takes the bar away.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::int64_t kStepsBetweenLooks = 256;
  void draw();

  bool shown_;
  bool drawn_ = false;
  std::string label_;
  std::int64_t total_ = 0;
  std::int64_t done_ = 0;
  Clock::time_point next_;  ///< not drawn before: short work shows no bar
};

}  // namespace rejoin::cli

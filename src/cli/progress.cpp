#include <cli/progress.hpp>

#include <cli/text.hpp>

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace rejoin::cli {
namespace {

constexpr auto kPatience = std::chrono::milliseconds(300);
constexpr auto kBetweenFrames = std::chrono::milliseconds(100);

std::size_t terminal_width() {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

std::string bar_of(double share, std::size_t width) {
  const auto full = static_cast<std::size_t>(share * static_cast<double>(width));
  std::string bar;
  for (std::size_t i = 0; i < width; ++i) bar += i < full ? "█" : "░";
  return bar;
}

}  // namespace

Progress::Progress() : shown_(isatty(STDERR_FILENO) == 1), next_(Clock::now() + kPatience) {}

Progress::~Progress() { clear(); }

void Progress::begin(const std::string& label, std::int64_t total) {
  label_ = label;
  total_ = total;
  done_ = 0;
}

void Progress::draw() {
  const Clock::time_point now = Clock::now();
  if (now < next_ || total_ <= 0) return;
  next_ = now + kBetweenFrames;
  drawn_ = true;
  const double share = std::min(1.0, static_cast<double>(done_) / static_cast<double>(total_));
  const std::size_t columns = std::max<std::size_t>(terminal_width(), 30);
  const std::size_t bar = std::min<std::size_t>(30, columns / 3);
  const std::string label = shortened(label_, columns - bar - 8);
  std::fprintf(stderr, "\r\x1b[K%s %s %3d%%", label.c_str(), bar_of(share, bar).c_str(), static_cast<int>(share * 100));
  std::fflush(stderr);
}

void Progress::clear() {
  if (drawn_) std::fputs("\r\x1b[K", stderr);
  drawn_ = false;
}

}  // namespace rejoin::cli

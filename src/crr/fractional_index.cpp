#include "crr/fractional_index.hpp"

#include "sqlite/error.hpp"
#include "sqlite/sql_text.hpp"

namespace rejoin::internal {

namespace {

constexpr char kZero = ' ';
constexpr char kLast = '~';
constexpr int kBase = kLast - kZero + 1;
constexpr std::string_view kFirstKey = "a ";

int value_of(char digit) { return digit - kZero; }
char digit_of(int value) { return static_cast<char>(kZero + value); }

/// How long an integer with this head is, the head included; 0: that is no head.
std::size_t integer_size(char head) {
  if (head >= 'a' && head <= 'z') return static_cast<std::size_t>(head - 'a') + 2;
  if (head >= 'A' && head <= 'Z') return static_cast<std::size_t>('Z' - head) + 2;
  return 0;
}

/// For messages: a key should be short, but what is none can be anything.
std::string shown(std::string_view text) {
  constexpr std::size_t kMost = 60;
  return compose("%t%s", {text.substr(0, kMost), text.size() <= kMost ? "" : "…"});
}

struct Key {
  std::string_view whole;
  std::string_view integer;
  std::string_view fraction;
};

bool is_least(const Key& key) {
  return key.fraction.empty() && key.integer.front() == 'A' &&
         key.integer.find_first_not_of(kZero, 1) == key.integer.npos;
}

Status parse(std::string_view text, Key& key) {
  const auto bad = [&](std::string_view why) { return invalid("ordering key %s %s", {shown(text), why}); };
  if (text.empty()) return bad("is empty");
  const std::size_t size = integer_size(text.front());
  if (size == 0) return bad("does not begin with a letter");
  if (text.size() < size) {
    return bad(compose("is too short: after %t come %s digits", {text.substr(0, 1), size - 1}));
  }
  for (const char c : text) {
    if (c < kZero || c > kLast) return bad("has a byte outside of the alphabet, which goes from space to ~");
  }
  key = {text, text.substr(0, size), text.substr(size)};
  if (!key.fraction.empty() && key.fraction.back() == kZero) return bad("ends in a space after its integer part");
  if (is_least(key)) return bad("is the smallest there is: nothing goes before it");
  return {};
}

/// The next integer; none after the last one.
std::optional<std::string> incremented(std::string_view integer) {
  std::string out(integer);
  std::size_t i = out.size();
  while (--i > 0) {
    if (out[i] != kLast) {
      ++out[i];
      return out;
    }
    out[i] = kZero;
  }
  if (out[0] == 'z') return std::nullopt;
  if (out[0] == 'Z') return std::string(kFirstKey);
  ++out[0];
  out.resize(integer_size(out[0]), kZero);
  return out;
}

/// The integer before this one; none before the least.
std::optional<std::string> decremented(std::string_view integer) {
  std::string out(integer);
  std::size_t i = out.size();
  while (--i > 0) {
    if (out[i] != kZero) {
      --out[i];
      return out;
    }
    out[i] = kLast;
  }
  if (out[0] == 'A') return std::nullopt;
  out[0] = out[0] == 'a' ? 'Z' : static_cast<char>(out[0] - 1);
  out.resize(integer_size(out[0]), kLast);
  return out;
}

/// A fraction between two; `high` none: 1. Both without a zero at their end, and low < high.
std::string middle(std::string_view low, std::optional<std::string_view> high) {
  std::string out;
  while (true) {
    // What both begin with; a low one that is shorter goes on with zeros.
    while (high.has_value() && (low.empty() ? kZero : low.front()) == high->front()) {
      out += high->front();
      high->remove_prefix(1);
      if (!low.empty()) low.remove_prefix(1);
    }
    const int from = low.empty() ? 0 : value_of(low.front());
    const int to = high.has_value() ? value_of(high->front()) : kBase;
    if (to - from > 1) return out + digit_of((from + to + 1) / 2);
    // Neighbours: the high digit alone lies below a high one that goes on, else the room is behind the low digit.
    if (high.has_value() && high->size() > 1) return out + high->front();
    out += digit_of(from);
    if (!low.empty()) low.remove_prefix(1);
    high.reset();
  }
}

std::string before_key(const Key& after) {
  if (!after.fraction.empty() && decremented(after.integer).has_value()) return std::string(after.integer);
  const auto less = decremented(after.integer);
  return less.has_value() ? *less : std::string(after.integer) + middle({}, after.fraction);
}

std::string after_key(const Key& before, std::optional<std::string_view> limit) {
  const auto more = incremented(before.integer);
  if (more.has_value() && (!limit.has_value() || *more < *limit)) return *more;
  return std::string(before.integer) + middle(before.fraction, std::nullopt);
}

}  // namespace

Result<std::string> key_between(std::optional<std::string_view> before, std::optional<std::string_view> after) {
  Key low;
  Key high;
  if (before.has_value()) REJOIN_TRY(parse(*before, low));
  if (after.has_value()) REJOIN_TRY(parse(*after, high));
  if (!before.has_value()) return after.has_value() ? before_key(high) : std::string(kFirstKey);
  if (!after.has_value()) return after_key(low, std::nullopt);
  if (low.whole == high.whole) return invalid("nothing lies between two equal ordering keys, %s", {shown(low.whole)});
  if (low.whole > high.whole) {
    return invalid("ordering key %s does not come before %s", {shown(low.whole), shown(high.whole)});
  }
  if (low.integer == high.integer) return std::string(low.integer) + middle(low.fraction, high.fraction);
  return after_key(low, high.whole);
}

}  // namespace rejoin::internal

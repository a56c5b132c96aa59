#include "sync/timeline.hpp"

#include <charconv>
#include <random>
#include <string>
#include <string_view>
#include <system_error>

#include "base/try.hpp"

namespace rejoin::sync {

namespace {

// The note: "epoch end epoch end … epoch -1", in hexadecimal and decimal.
constexpr const char* kNote = "sync.timeline";
constexpr std::int64_t kOpen = -1;
// An epoch that is forgotten costs peers that have not been heard of since a comparison of all rows, no more.
constexpr std::size_t kMostEpochs = 128;

struct Epoch {
  std::uint64_t number = 0;
  std::int64_t end = kOpen;
};

Status damaged() { return {ErrorCode::kCorrupt, std::string("the note '") + kNote + "' in crsql_master is malformed"}; }

template <typename Number>
bool read_number(std::string_view& text, Number& number, int base) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

Status read_epochs(const Replica& replica, std::vector<Epoch>& epochs) {
  const Result<std::string> note = replica.note(kNote);
  if (!note.ok()) return note.status();
  for (std::string_view text = *note; !text.empty();) {
    Epoch& epoch = epochs.emplace_back();
    if (!read_number(text, epoch.number, 16) || !read_number(text, epoch.end, 10)) return damaged();
  }
  return {};
}

std::string note_of(const std::vector<Epoch>& epochs) {
  std::string text;
  for (const Epoch& epoch : epochs) {
    char digits[17] = {};
    std::to_chars(digits, digits + 16, epoch.number, 16);
    if (!text.empty()) text += ' ';
    text += digits;
    text += ' ';
    text += std::to_string(epoch.end);
  }
  return text;
}

std::uint64_t random_epoch() {
  std::random_device random;
  const std::uint64_t number = (std::uint64_t{random()} << 32) | random();
  return number == 0 ? 1 : number;
}

}  // namespace

Status Timeline::enter(Replica& replica) {
  std::vector<Epoch> epochs;
  REJOIN_TRY(read_epochs(replica, epochs));
  if (epoch_ != 0) {
    for (const Epoch& epoch : epochs) {
      if (epoch.number != epoch_) continue;
      epoch_ = epochs.back().number;  // another program may have opened the file beside this one
      return {};
    }
  }
  const std::uint64_t fresh = random_epoch();
  const Status entered = replica.in_transaction([&]() -> Status {
    epochs.clear();
    REJOIN_TRY(read_epochs(replica, epochs));
    const Result<std::int64_t> version = replica.db_version();
    if (!version.ok()) return version.status();
    if (!epochs.empty()) epochs.back().end = *version;
    epochs.push_back({fresh, kOpen});
    if (epochs.size() > kMostEpochs) epochs.erase(epochs.begin());
    return replica.set_note(kNote, note_of(epochs));
  });
  if (entered.ok()) epoch_ = fresh;
  return entered;
}

Result<bool> Timeline::knows(const Replica& replica, std::uint64_t epoch, std::int64_t version) {
  std::vector<Epoch> epochs;
  REJOIN_TRY(read_epochs(replica, epochs));
  const Result<std::int64_t> head = replica.db_version();
  if (!head.ok()) return head.status();
  for (const Epoch& known : epochs) {
    if (known.number == epoch) return version <= (known.end == kOpen ? *head : known.end);
  }
  return false;
}

}  // namespace rejoin::sync

#include "sync/timeline.hpp"

#include <algorithm>
#include <charconv>
#include <random>
#include <string>
#include <string_view>
#include <system_error>

#include "base/try.hpp"
#include "sync/outbox.hpp"

namespace rejoin::sync {

namespace {

// The note: "epoch told epoch told …", in hexadecimal and decimal.
constexpr const char* kNote = "sync.timeline";
// An epoch that is forgotten costs peers that have not been heard of since a comparison of all rows, no more.
constexpr std::size_t kMostEpochs = 128;

struct Epoch {
  std::uint64_t number = 0;
  std::int64_t told = 0;
};

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
    if (!read_number(text, epoch.number, 16) || !read_number(text, epoch.told, 10)) {
      epochs.clear();  // as good as none: peers compare all rows once
      return {};
    }
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
    text += std::to_string(epoch.told);
  }
  return text;
}

std::uint64_t random_epoch() {
  std::random_device random;
  const std::uint64_t number = (std::uint64_t{random()} << 32) | random();
  return number == 0 ? 1 : number;
}

}  // namespace

Status Timeline::tell(Replica& replica, std::int64_t version) {
  bool known = false;
  REJOIN_TRY(follow(replica, version, known));
  if (known) return {};
  // In one transaction: what is read must not be another program's past by the time it is written.
  const Status status = replica.in_transaction([&] { return write(replica, version); });
  told(status.ok());
  return status;
}

// Another program may have opened the file beside this one: then its epoch goes on from ours, and we go over to it.
Status Timeline::follow(const Replica& replica, std::int64_t version, bool& known) {
  if (epoch_ == 0 || version > told_) return {};
  std::vector<Epoch> epochs;
  REJOIN_TRY(read_epochs(replica, epochs));
  for (const Epoch& epoch : epochs) known = known || (epoch.number == epoch_ && epoch.told >= told_);
  known = known && epochs.back().told >= version;
  if (known) {
    epoch_ = epochs.back().number;
    told_ = epochs.back().told;
  }
  return {};
}

Status Timeline::tell_within(Replica& replica, std::int64_t version) {
  return epoch_ == 0 || version <= told_ ? Status() : write(replica, version);
}

void Timeline::told(bool committed) {
  if (committed && next_told_ >= 0) {
    epoch_ = next_epoch_;
    told_ = next_told_;
  }
  next_told_ = -1;
}

Status Timeline::write(Replica& replica, std::int64_t version) {
  std::vector<Epoch> epochs;
  REJOIN_TRY(read_epochs(replica, epochs));
  // What the file says of our epoch can only have grown, unless the file was put back under us: then it is another
  // past.
  bool ours = false;
  for (const Epoch& epoch : epochs) ours = ours || (epoch.number == epoch_ && epoch.told >= told_);
  if (!ours || epoch_ == 0) {
    epochs.push_back({random_epoch(), version});
    if (epochs.size() > kMostEpochs) epochs.erase(epochs.begin());
  }
  Epoch& last = epochs.back();
  last.told = std::max(last.told, version);
  next_epoch_ = last.number;
  next_told_ = last.told;
  return replica.set_note(kNote, note_of(epochs));
}

void Timeline::let_go() {
  for (Outbox* outbox : outboxes_) outbox->let_go();
}

Result<bool> Timeline::knows(const Replica& replica, std::uint64_t epoch, std::int64_t version) {
  std::vector<Epoch> epochs;
  REJOIN_TRY(read_epochs(replica, epochs));
  for (const Epoch& known : epochs) {
    if (known.number == epoch) return version <= known.told;
  }
  return false;
}

}  // namespace rejoin::sync

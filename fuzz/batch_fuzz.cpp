// A batch of changes from a peer: any bytes are read or refused, and what was read comes back the same when it is
// written and read again.
#include <cstddef>
#include <cstdint>
#include <vector>

#include "fuzz/target.hpp"
#include "sync/batch.hpp"

namespace rejoin::fuzz {
namespace {

bool read(sync::ByteView bytes, std::vector<Change>& changes) {
  sync::BatchDecoder decoder(bytes);
  Change change;
  while (true) {
    const Result<bool> more = decoder.next(change);
    if (!more.ok()) {
      require(more.status().code() == ErrorCode::kInvalidArgument, "a batch is refused as what it is");
      return false;
    }
    if (!*more) return true;
    changes.push_back(change);
  }
}

// NaNs are equal here where their bits are: what is written is compared, not what is read.
void check(sync::ByteView input) {
  std::vector<Change> changes;
  if (!read(input, changes)) return;
  sync::BatchEncoder encoder;
  for (const Change& change : changes) encoder.add(change);
  const sync::Bytes once = encoder.take();
  std::vector<Change> again;
  require(read(internal::view_of(once), again), "what was written is read");
  require(again.size() == changes.size(), "as many changes as there were");
  for (const Change& change : again) encoder.add(change);
  require(encoder.take() == once, "the same changes");
}

}  // namespace
}  // namespace rejoin::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return rejoin::fuzz::run_target([&] { rejoin::fuzz::check({data, size}); });
}

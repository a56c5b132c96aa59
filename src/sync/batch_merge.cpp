#include "sync/batch_merge.hpp"

#include <variant>
#include <vector>

#include "base/try.hpp"
#include "sync/batch.hpp"

namespace rejoin::sync {

namespace {

// A batch is merged in parts of about this size, so that a peer's claim costs no more memory than this.
constexpr std::size_t kPartChanges = 4096;
constexpr std::size_t kPartBytes = std::size_t{4} << 20;

std::size_t size_of(const Change& change) {
  std::size_t size = change.table.size() + change.pk.size() + change.column.size() + change.site_id.size();
  if (const auto* text = std::get_if<std::string>(&change.value)) size += text->size();
  if (const auto* blob = std::get_if<Blob>(&change.value)) size += blob->size();
  return size;
}

Status merge_part(Replica& replica, std::vector<Change>& part, std::size_t count, MergeCount& merged) {
  const Result<MergeSummary> summary = replica.merge({part.data(), count});
  if (!summary.ok()) return summary.status();
  merged.changes += static_cast<std::int64_t>(count);
  merged.won += summary->won;
  merged.db_version = summary->db_version;
  return {};
}

}  // namespace

Status merge_batch(Replica& replica, ByteView batch, MergeCount& merged) {
  BatchDecoder decoder(batch);
  std::vector<Change> part;
  std::size_t count = 0;
  std::size_t bytes = 0;
  while (true) {
    if (count == part.size()) part.emplace_back();
    const Result<bool> more = decoder.next(part[count]);
    if (!more.ok()) return more.status();
    if (*more) bytes += size_of(part[count++]);
    if (count > 0 && (!*more || count == kPartChanges || bytes >= kPartBytes)) {
      REJOIN_TRY(merge_part(replica, part, count, merged));
      count = bytes = 0;
    }
    if (!*more) return {};
  }
}

}  // namespace rejoin::sync

#include <cli/row_counter.hpp>

#include <algorithm>

namespace rejoin::cli {
namespace {

void sort_unique(std::vector<std::uint64_t>& hashes) {
  std::sort(hashes.begin(), hashes.end());
  hashes.erase(std::unique(hashes.begin(), hashes.end()), hashes.end());
}

}  // namespace

std::uint64_t row_hash(const Change& change) {
  // FNV-1a over the table's name, a byte that ends it, and the key.
  std::uint64_t hash = 0xcbf29ce484222325u;
  const auto take = [&](unsigned char byte) { hash = (hash ^ byte) * 0x100000001b3u; };
  for (const char c : change.table) take(static_cast<unsigned char>(c));
  take(0xff);
  for (const std::uint8_t byte : change.pk) take(byte);
  // FNV's high bits are weak for short inputs: one round of a mixer.
  hash = (hash ^ (hash >> 32)) * 0xd6e8feb86659fd93u;
  return hash ^ (hash >> 32);
}

void RowCounter::add(const Change& change) {
  const std::uint64_t hash = row_hash(change);
  if (!kept_.empty() && kept_.back() == hash) return;  // the cells of a row mostly come together
  kept_.push_back(hash);
  if (kept_.size() < kKept) return;
  sort_unique(kept_);
  if (kept_.size() > kKept / 2) spill();
}

std::int64_t RowCounter::count() {
  sort_unique(kept_);
  if (spilled_ == nullptr) return static_cast<std::int64_t>(kept_.size());
  spill();
  Query query(*spilled_, "SELECT count(*) FROM seen");
  query.step();
  return query.integer(0);
}

void RowCounter::spill() {
  if (spilled_ == nullptr) {
    spilled_ = std::make_unique<Database>(Database::scratch("the list of rows"));
    spilled_->execute("PRAGMA journal_mode = OFF; CREATE TABLE seen (hash INTEGER PRIMARY KEY)");
  }
  spilled_->execute("BEGIN");
  Query insert(*spilled_, "INSERT OR IGNORE INTO seen VALUES (?)");
  for (const std::uint64_t hash : kept_) {
    insert.bind(1, static_cast<std::int64_t>(hash)).step();
    insert.reset();
  }
  spilled_->execute("COMMIT");
  kept_.clear();
}

}  // namespace rejoin::cli

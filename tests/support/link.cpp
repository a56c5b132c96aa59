#include "support/link.hpp"

namespace rejoin::test {

LinkFaults any_faults(Choices& choices) {
  return {.drop_some = choices.chance(40), .repeat_some = choices.chance(30), .reorder = choices.chance(50)};
}

std::vector<Change> carry(std::vector<Change> changes, LinkFaults faults, Choices& choices) {
  std::vector<Change> arrived;
  for (Change& change : changes) {
    if (faults.drop_some && choices.chance(40)) continue;
    if (faults.repeat_some && choices.chance(20)) arrived.push_back(change);
    arrived.push_back(std::move(change));
  }
  if (faults.reorder) choices.shuffle(arrived);
  return arrived;
}

std::vector<Change> whole_versions(std::vector<Change> changes, std::size_t limit) {
  if (limit >= changes.size()) return changes;
  const std::int64_t cut = changes[limit].db_version;
  while (limit > 0 && changes[limit - 1].db_version == cut) --limit;
  changes.resize(limit);
  return changes;
}

}  // namespace rejoin::test

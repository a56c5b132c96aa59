#include "faults/batches.hpp"

namespace rejoin::test {

const Blob& peer_site() {
  static const Blob site(16, 0x11);
  return site;
}

const std::vector<Change>& batch() {
  static const std::vector<Change> changes = {
      {"t", {1, 9, 7}, "a", std::string("new"), 1, 4, peer_site(), 1, 0},
      {"t", {1, 9, 1}, "a", std::string("wins"), 5, 4, peer_site(), 1, 1},
      {"t", {1, 9, 2}, "a", std::string("loses"), 1, 4, peer_site(), 1, 2},
      {"t", {1, 9, 2}, "b", std::string("zwei"), 1, 4, peer_site(), 1, 3},
      {"t", {1, 9, 3}, "b", std::string("lives"), 1, 5, peer_site(), 3, 0},
      {"u", {2, 11, 1, 'k', 9, 1}, kSentinelColumn, {}, 2, 5, peer_site(), 2, 1},
      {"u", {2, 11, 1, 'k', 9, 2}, "v", std::string("7.5"), 6, 5, Blob(1, 0x22), 1, 2},
      {"t", {1, 9, 1}, kSentinelColumn, {}, 3, 6, Blob(1, 0x22), 3, 0},
  };
  return changes;
}

std::vector<Step> merge_steps() {
  return {
      {REJOIN_MERGE("'t', x'010907', 'a', 'new', 1, 4, " REJOIN_PEER ", 1, 0")},
      {REJOIN_MERGE("'t', x'010901', 'a', 'wins', 5, 4, " REJOIN_PEER ", 1, 2")},
      {REJOIN_MERGE("'t', x'010902', 'a', 'loses', 1, 4, " REJOIN_PEER ", 1, 3")},
      {REJOIN_MERGE("'t', x'010903', 'b', 'lives', 1, 5, " REJOIN_PEER ", 3, 0")},
      {REJOIN_MERGE("'u', x'020b016b0901', '-1', NULL, 2, 5, " REJOIN_PEER ", 2, 1")},
      {REJOIN_MERGE("'t', x'010901', '-1', NULL, 3, 6, x'22', 3, 0")},
  };
}

}  // namespace rejoin::test

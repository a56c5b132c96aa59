#include "oracle/shrink.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace rejoin::oracle {

namespace {

Script without(const Script& script, std::size_t from, std::size_t count) {
  Script shorter;
  for (std::size_t i = 0; i < script.size(); ++i) {
    if (i < from || i >= from + count) shorter.push_back(script[i]);
  }
  return shorter;
}

// What two differences must share to be taken for the same one.
std::string kind_of(const Difference& difference) {
  return difference.what.substr(0, difference.what.find_first_of(":'\n"));
}

}  // namespace

Script shrink(Player& player, Script script, int plays) {
  const auto first = player.play(script);
  if (!first) return script;
  for (std::size_t chunk = std::max<std::size_t>(1, script.size() / 2); plays > 0;) {
    bool shorter = false;
    for (std::size_t from = 0; from < script.size() && plays > 0; --plays) {
      Script candidate = without(script, from, chunk);
      const auto difference = player.play(candidate);
      if (difference && kind_of(*difference) == kind_of(*first)) {
        candidate.resize(difference->step + 1);
        script = std::move(candidate);
        shorter = true;
      } else {
        from += chunk;
      }
    }
    if (chunk == 1 && !shorter) break;
    if (!shorter) chunk = std::max<std::size_t>(1, chunk / 2);
  }
  return script;
}

}  // namespace rejoin::oracle

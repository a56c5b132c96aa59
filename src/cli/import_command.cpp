// rejoin import: merges what `rejoin export` wrote, in one transaction.
#include <cli/commands.hpp>
#include <cli/json_value.hpp>
#include <cli/schema.hpp>
#include <cli/text.hpp>

#include <fstream>
#include <iostream>

#include "sync/change_file.hpp"

namespace rejoin::cli {

int run_import(const Options& options) {
  const Database db = open_replica(options.file, Access::kWrite, options.wait);
  Replica replica = db.attach();
  std::ifstream in;
  if (!options.input.empty()) {
    in.open(options.input, std::ios::binary);
    if (!in) throw Failure(cat(options.input, " cannot be read"));
  }
  const auto merged = sync::merge_changes(replica, options.input.empty() ? std::cin : in);
  if (!merged.ok()) {
    const std::string from = options.input.empty() ? "standard input" : options.input;
    throw Failure(cat(db.failure(merged.status()).what(), " (reading ", from, "); nothing was merged"));
  }
  if (options.json) {
    std::cout << Json{{"read", merged->changes}, {"changes", merged->won}}.dump(2) << '\n';
  } else {
    std::cout << count_of(merged->changes, "change") << " read, " << count_of(merged->won, "change") << " merged into "
              << db.path() << '\n';
  }
  return kExitFine;
}

}  // namespace rejoin::cli

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
  OpenOptions open;
  open.access = Access::kWrite;
  open.wait = options.wait;
  const Database db = Database::open(options.file, open);
  if (!db.is_replica()) throw no_crr(db);
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

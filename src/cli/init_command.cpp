// rejoin init: makes tables of a file CRRs, all of them or none.
#include <cli/commands.hpp>
#include <cli/schema.hpp>
#include <cli/text.hpp>

#include <algorithm>
#include <iostream>

namespace rejoin::cli {

int run_init(const Options& options) {
  OpenOptions open;
  open.access = Access::kWrite;
  open.wait = options.wait;
  const Database db = Database::open(options.file, open);
  Transaction transaction(db);
  Replica replica = db.attach();
  const std::vector<std::string> before = db.take(replica.tables());
  for (const std::string& table : options.tables) db.check(replica.make_crr(table));
  std::vector<TableSummary> summaries = db.take(replica.summaries());
  transaction.commit();
  for (const TableSummary& summary : summaries) {
    const bool already = std::find(before.begin(), before.end(), summary.name) != before.end();
    const bool asked = std::find(options.tables.begin(), options.tables.end(), summary.name) != options.tables.end();
    if (already && !asked) continue;
    std::cout << printable(summary.name) << (already ? ": is a CRR already (" : ": is a CRR now (")
              << count_of(summary.rows, "row") << ")\n";
  }
  return kExitFine;
}

}  // namespace rejoin::cli

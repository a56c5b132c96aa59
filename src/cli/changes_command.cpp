// rejoin changes: what a file has to tell others, for people and as what `rejoin apply` reads. Writes nothing.
#include <cli/commands.hpp>
#include <cli/json_value.hpp>
#include <cli/schema.hpp>
#include <cli/table_printer.hpp>
#include <cli/text.hpp>

#include <exception>
#include <iostream>

namespace rejoin::cli {
namespace {

constexpr std::size_t kValueWidth = 48;

std::vector<TableCell> cells_of(const Change& change) {
  const bool sentinel = change.column == kSentinelColumn;
  const char* life = change.causal_length % 2 == 0 ? "(row deleted)" : "(row created)";
  return {{std::to_string(change.db_version), true},
          {std::to_string(change.seq), true},
          {printable(change.table)},
          {shortened(shown_key(change.pk), kValueWidth)},
          {sentinel ? life : printable(change.column)},
          {sentinel ? "" : shortened(quoted(change.value), kValueWidth)},
          {std::to_string(change.column_version), true},
          {std::to_string(change.causal_length), true},
          {to_hex(change.site_id).substr(0, 8)}};
}

// Calls `print` for each change; what it throws does not pass through the library.
template <typename Print>
void for_each_change(const Database& db, const Replica& replica, std::int64_t since, Print print) {
  std::exception_ptr thrown;
  const Status status = replica.visit_changes(since, {}, [&](const Change& change) {
    try {
      print(change);
    } catch (...) {
      thrown = std::current_exception();
      return Status(ErrorCode::kNoMemory, "the walk was ended");
    }
    return Status();
  });
  if (thrown) std::rethrow_exception(thrown);
  db.check(status);
}

}  // namespace

int run_changes(const Options& options) {
  const Database db = open_replica(options.file, Access::kRead, options.wait);
  const Replica replica = db.attach();
  if (options.json) {
    const char* before = "[\n";
    for_each_change(db, replica, options.since, [&](const Change& change) {
      std::cout << before << to_json(change).dump();
      before = ",\n";
    });
    std::cout << (*before == '[' ? "[" : "\n") << "]\n";
    return kExitFine;
  }
  TablePrinter table(std::cout, {"version", "seq", "table", "key", "column", "value", "written", "life", "site"});
  for_each_change(db, replica, options.since, [&](const Change& change) { table.row(cells_of(change)); });
  if (table.rows() > 0) table.finish();
  std::cout << count_of(table.rows(), "change") << '\n';
  return kExitFine;
}

}  // namespace rejoin::cli

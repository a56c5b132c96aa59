// rejoin sql: runs SQL with the engine attached, so that writes to CRRs are captured, and prints rows.
#include <cli/commands.hpp>
#include <cli/database.hpp>
#include <cli/json_value.hpp>
#include <cli/table_printer.hpp>
#include <cli/text.hpp>

#include <iostream>
#include <iterator>

namespace rejoin::cli {
namespace {

std::vector<std::string> column_names(const Query& query) {
  std::vector<std::string> names;
  for (int i = 0; i < query.columns(); ++i) names.push_back(query.column_name(i));
  return names;
}

void print_table(Query& query) {
  TablePrinter table(std::cout, column_names(query));
  while (query.step()) {
    std::vector<TableCell> cells;
    for (int i = 0; i < query.columns(); ++i) {
      const Value value = query.value(i);
      const bool number = std::holds_alternative<std::int64_t>(value) || std::holds_alternative<double>(value);
      cells.push_back({shown(value), number});
    }
    table.row(std::move(cells));
  }
  table.finish();
}

void print_json(Query& query) {
  Json names = Json::array();
  for (const std::string& name : column_names(query)) names.push_back(text_to_json(name));
  std::cout << "{\"columns\":" << names.dump() << ",\"rows\":[";
  const char* before = "\n";
  while (query.step()) {
    Json row = Json::array();
    for (int i = 0; i < query.columns(); ++i) row.push_back(to_json(query.value(i)));
    std::cout << before << row.dump();
    before = ",\n";
  }
  std::cout << (*before == ',' ? "\n" : "") << "]}\n";
}

}  // namespace

int run_sql(const Options& options) {
  OpenOptions open;
  open.access = Access::kWrite;
  open.wait = options.wait;
  open.create = options.create;
  const Database db = Database::open(options.file, open);
  std::string input = options.sql;
  if (input.empty()) input.assign(std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>());
  db.attach();
  bool printed = false;
  for (std::string_view rest = input; !rest.empty();) {
    Query query(db, rest, &rest);
    if (!query) continue;
    if (query.columns() == 0) {
      while (query.step()) {
      }
      continue;
    }
    if (printed && !options.json) std::cout << '\n';
    options.json ? print_json(query) : print_table(query);
    printed = true;
  }
  return kExitFine;
}

}  // namespace rejoin::cli

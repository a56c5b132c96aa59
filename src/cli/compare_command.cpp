// rejoin merge --check: whether files hold the same rows with the same clocks.
#include <cli/commands.hpp>
#include <cli/json_value.hpp>
#include <cli/merge.hpp>
#include <cli/text.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <iostream>

namespace rejoin::cli {
namespace {

struct TableDigests {
  std::string table;
  std::vector<Digest> digests;  // one a file

  bool equal() const {
    return std::all_of(digests.begin(), digests.end(), [&](Digest d) { return d == digests[0]; });
  }
};

std::string hex_of(const Digest& digest) {
  std::array<char, 33> text{};
  std::snprintf(text.data(), text.size(), "%016llx%016llx", static_cast<unsigned long long>(digest.high),
                static_cast<unsigned long long>(digest.low));
  return text.data();
}

std::vector<TableDigests> digests_of(const std::vector<Member>& members) {
  std::vector<TableDigests> tables;
  for (const TableShape& shape : members[0].shapes) tables.push_back({shape.name, {}});
  for (const Member& member : members) {
    const Snapshot snapshot(member.db);
    for (TableDigests& table : tables) table.digests.push_back(member.db.take(member.replica.digest(table.table)));
  }
  return tables;
}

void print_json(const std::vector<TableDigests>& tables, const std::vector<Member>& members, bool equal) {
  Json list = Json::array();
  for (const TableDigests& table : tables) {
    Json digests = Json::array();
    for (const Digest& digest : table.digests) digests.push_back(hex_of(digest));
    list.push_back({{"table", text_to_json(table.table)}, {"equal", table.equal()}, {"digests", std::move(digests)}});
  }
  Json files = Json::array();
  for (const Member& member : members) files.push_back(text_to_json(member.db.path()));
  std::cout << Json{{"equal", equal}, {"files", std::move(files)}, {"tables", std::move(list)}}.dump(2) << '\n';
}

void print_text(const std::vector<TableDigests>& tables, const std::vector<Member>& members, bool equal) {
  for (const TableDigests& table : tables) {
    if (table.equal()) continue;
    for (std::size_t i = 1; i < members.size(); ++i) {
      if (table.digests[i] == table.digests[0]) continue;
      std::cout << "table '" << printable(table.table) << "' differs between " << members[0].db.path() << " and "
                << members[i].db.path() << '\n';
    }
  }
  if (equal) {
    std::cout << "The " << members.size() << " files hold the same rows (" << count_of(std::ssize(tables), "table")
              << ").\n";
  }
}

}  // namespace

int run_compare(const Options& options) {
  OpenOptions open;
  open.wait = options.wait;
  const std::vector<Member> members = open_members(options.files, open);
  require_same_schema(members);
  const std::vector<TableDigests> tables = digests_of(members);
  const bool equal = std::all_of(tables.begin(), tables.end(), [](const TableDigests& t) { return t.equal(); });
  options.json ? print_json(tables, members, equal) : print_text(tables, members, equal);
  return equal ? kExitFine : kExitFailed;
}

}  // namespace rejoin::cli

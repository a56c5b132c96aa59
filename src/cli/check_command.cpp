// rejoin check: whether a file's clocks fit its rows. Writes nothing.
#include <cli/commands.hpp>
#include <cli/json_value.hpp>
#include <cli/schema.hpp>
#include <cli/text.hpp>

#include <iostream>

namespace rejoin::cli {
namespace {

void print_text(const Database& db, const std::vector<Fault>& faults, std::size_t tables) {
  std::cout << db.path() << ": ";
  if (faults.empty()) {
    std::cout << "no fault in " << count_of(static_cast<std::int64_t>(tables), "CRR") << '\n';
    return;
  }
  std::cout << count_of(std::ssize(faults), "fault") << '\n';
  for (const Fault& fault : faults) {
    std::cout << "  " << printable(fault.table) << (fault.pk.empty() ? "" : " " + shown_key(fault.pk)) << ": "
              << printable(fault.text) << '\n';
  }
}

void print_json(const Database& db, const std::vector<Fault>& faults) {
  Json list = Json::array();
  for (const Fault& fault : faults) {
    list.push_back({{"table", text_to_json(fault.table)},
                    {"pk", fault.pk.empty() ? Json() : Json(to_hex(fault.pk))},
                    {"fault", text_to_json(fault.text)}});
  }
  std::cout << Json{{"path", text_to_json(db.path())}, {"faults", std::move(list)}}.dump(2) << '\n';
}

}  // namespace

int run_check(const Options& options) {
  const Database db = open_replica(options.file, Access::kRead, options.wait);
  const Replica replica = db.attach();
  const Snapshot snapshot(db);
  const std::vector<Fault> faults = db.take(replica.check());
  options.json ? print_json(db, faults) : print_text(db, faults, db.take(replica.tables()).size());
  return faults.empty() ? kExitFine : kExitFailed;
}

}  // namespace rejoin::cli

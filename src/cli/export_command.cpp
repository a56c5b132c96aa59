// rejoin export: a file's changes as a file to be carried to others, which `rejoin import` merges.
#include <cli/commands.hpp>
#include <cli/json_value.hpp>
#include <cli/schema.hpp>
#include <cli/text.hpp>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "sync/change_file.hpp"

namespace rejoin::cli {

int run_export(const Options& options) {
  const Database db = open_replica(options.file, Access::kRead, options.wait);
  const Replica replica = db.attach();
  if (options.output.empty()) {
    db.take(sync::write_changes(replica, options.since, std::cout));
    return kExitFine;
  }
  // Under another name until it is whole: who watches for the file never sees a part of it. What is no file (a pipe, a
  // device) is written to as it is.
  const auto kind = std::filesystem::symlink_status(options.output).type();
  const bool file = kind == std::filesystem::file_type::not_found || kind == std::filesystem::file_type::regular;
  const std::string partial = file ? options.output + ".partial" : options.output;
  std::ofstream out(partial, std::ios::binary | std::ios::trunc);
  if (!out) throw Failure(cat(partial, " cannot be written"));
  const auto written = sync::write_changes(replica, options.since, out);
  out.close();
  if (!written.ok() || !out || (file && std::rename(partial.c_str(), options.output.c_str()) != 0)) {
    if (file) std::remove(partial.c_str());
    if (!written.ok()) throw db.failure(written.status());
    throw Failure(cat(options.output, " cannot be written"));
  }
  if (options.json) {
    std::cout << Json{{"changes", written->changes}, {"since", options.since}, {"version", written->until}}.dump(2)
              << '\n';
  } else {
    std::cout << count_of(written->changes, "change") << " of " << db.path() << ", up to version " << written->until
              << ", written to " << options.output << '\n';
  }
  return kExitFine;
}

}  // namespace rejoin::cli

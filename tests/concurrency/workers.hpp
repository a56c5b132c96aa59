// What threads and processes do to one file at the same time, and what they must leave behind. Each worker has a
// connection of its own and, in the directory of the file, a journal of what it has committed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "support/database.hpp"

namespace rejoin::concurrency_test {

enum class Role : std::uint8_t {
  kWriter,  ///< local writes of all kinds
  kMerger,  ///< merges what a replica in memory has written, which takes in the file's changes in turn
  kMaker,   ///< makes new CRRs
  kReader,  ///< follows by cursor until it is told to stop
};

struct Worker {
  Role role = Role::kWriter;
  int number = 0;
  int transactions = 0;
  std::uint64_t seed = 0;
};

/// REJOIN_CONCURRENCY_SEED, or a fixed number. It decides what is written; when, the machine decides.
std::uint64_t first_seed();

/// Makes the file that workers share, and a copy of it as it is before they begin.
void make_shared_file(const std::filesystem::path& directory, const std::string& journal_mode = "WAL");

/// Does the worker's work. Throws what went wrong.
void work(const Worker& worker, const std::filesystem::path& directory);

/// Tells the readers that nothing more is written.
void stop_readers(const std::filesystem::path& directory);

/// Throws a Violation unless the file holds exactly what the same transactions leave when they run one after the other,
/// in the order of their versions: rows, clocks, versions and seqs. `killed`: workers of which one transaction may have
/// been committed without their hearing of it.
void require_serial(const std::filesystem::path& directory, const std::vector<Worker>& workers,
                    const std::vector<int>& killed = {});

}  // namespace rejoin::concurrency_test

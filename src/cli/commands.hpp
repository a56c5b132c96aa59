// The commands. Each returns the exit code and throws a Failure where it cannot do its work.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace rejoin::cli {

inline constexpr int kExitFine = 0;
inline constexpr int kExitFailed = 1;  ///< also: --check found a difference, check a fault
inline constexpr int kExitUsage = 2;
inline constexpr int kExitUnchecked = 2;  ///< check could not do its work: 1 says that it found something

/// What the command line asks for; a command reads what concerns it.
struct Options {
  std::string file;                ///< all but merge
  std::vector<std::string> files;  ///< merge
  std::vector<std::string> tables;
  std::string sql;  ///< empty: standard input
  std::int64_t since = 0;
  bool dry_run = false;
  bool check = false;
  bool json = false;
  bool create = false;
  bool new_site_id = false;
  std::chrono::milliseconds wait{5000};
};

int run_merge(const Options& options);
int run_compare(const Options& options);  ///< merge --check
int run_check(const Options& options);
int run_init(const Options& options);
int run_status(const Options& options);
int run_changes(const Options& options);
int run_apply(const Options& options);
int run_sql(const Options& options);

}  // namespace rejoin::cli

// The commands. Each returns the exit code and throws a Failure where it cannot do its work.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace rejoin::cli {

inline constexpr int kExitFine = 0;
inline constexpr int kExitFailed = 1;  ///< also: --check found a difference, check a fault
inline constexpr int kExitUsage = 2;
inline constexpr int kExitUnchecked = 2;  ///< check could not do its work: 1 says that it found something

/// What `rejoin serve` is told.
struct ServeOptions {
  std::string data;
  std::string listen = "127.0.0.1:8787";
  std::string schemas;
  std::string tokens;
  std::string auth_command;
  std::vector<std::string> origins;
  std::string tls_cert;
  std::string tls_key;
  bool fixed_schema = false;
  unsigned threads = 0;
  std::size_t max_message = std::size_t{16} << 20;
  std::size_t max_connections = 1000;
  std::size_t max_room_connections = 1000;
  std::size_t max_rooms = 1000;
  double idle = 60;  // seconds
};

/// What `rejoin sync` is told, beside the file.
struct SyncOptions {
  std::string url;
  std::string token;
  std::string ca;
  bool watch = false;
  bool repair = false;
  bool fixed_schema = false;
  double timeout = 0;  // seconds; 0: none
};

/// What the command line asks for; a command reads what concerns it.
struct Options {
  std::string file;                ///< all but merge
  std::vector<std::string> files;  ///< merge
  std::vector<std::string> tables;
  std::string sql;     ///< empty: standard input
  std::string input;   ///< import; empty: standard input
  std::string output;  ///< export; empty: standard output
  std::int64_t since = 0;
  bool dry_run = false;
  bool check = false;
  bool json = false;
  bool create = false;
  bool new_site_id = false;
  std::chrono::milliseconds wait{5000};
  ServeOptions serve;
  SyncOptions sync;
};

int run_merge(const Options& options);
int run_compare(const Options& options);  ///< merge --check
int run_check(const Options& options);
int run_init(const Options& options);
int run_status(const Options& options);
int run_changes(const Options& options);
int run_apply(const Options& options);
int run_export(const Options& options);
int run_import(const Options& options);
int run_sql(const Options& options);
int run_serve(const Options& options);  ///< only where the hub is built in (REJOIN_WITH_NET)
int run_sync(const Options& options);   ///< likewise

}  // namespace rejoin::cli

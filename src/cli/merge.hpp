// Files that were written independently are merged until all hold the same rows (docs/cli.md, "How a merge goes").
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <cli/database.hpp>
#include <cli/progress.hpp>
#include <cli/pull.hpp>
#include <cli/schema.hpp>

namespace rejoin::cli {

/// One file of a merge.
struct Member {
  Database db;
  Replica replica;
  Blob site;
  std::vector<TableShape> shapes;
};

/// Opens the files and attaches the engine: all are databases, different ones, and replicas.
std::vector<Member> open_members(const std::vector<std::string>& paths, const OpenOptions& options);

/// Throws a Failure that names file, table and column where the members' CRRs are not the same.
void require_same_schema(const std::vector<Member>& members);

/// Throws a Failure where two files have the same site id.
void refuse_copies(const std::vector<Member>& members);

struct MergeReport {
  std::vector<PullReport> pulls;
  bool dry_run = false;
  std::vector<std::string> restored;  ///< files that were found to be restored from a backup
  std::chrono::duration<double> time{};
};

/// One merge of some files; used once.
class Merge {
 public:
  Merge(std::vector<Member>& members, bool dry_run, Progress& progress);

  /// Merges. A Failure says which files are as they were and which ones a completed merge has changed.
  MergeReport run();

 private:
  // What is known about a member while the merge goes on.
  struct Seat {
    std::vector<std::int64_t> cursors;  // up to which version it has merged each of the others, before this merge
    std::int64_t version = 0;           // before this merge
    std::int64_t gathered = 0;          // up to which the hub has taken it in
    bool relayed = false;               // the hub has got something that it wrote from another one than itself
    std::int64_t after = 0;             // when its own pull was done
    bool restored = false;              // somebody has merged a later version of it than it has
  };

  void look();
  void find_restored();
  bool has_news() const;
  void gather();
  void hand_out(std::size_t to);
  void settle();

  std::vector<std::size_t> others() const;
  bool in_full(std::size_t to, std::size_t from) const;
  void take_in(Member& target, std::size_t to, const Member& source, std::size_t from);
  std::vector<PullRange> ranges(const Member& target, std::size_t to, const Member& source, std::size_t from) const;
  void note_relayed(const PullReport& report);
  std::string standing() const;

  std::vector<Member>& members_;
  std::vector<Seat> seats_;
  std::size_t hub_ = 0;
  std::int64_t hub_before_ = 0;  // the hub's version when it began to gather
  bool dry_run_;
  bool undisturbed_ = true;          // no other program wrote to the files meanwhile
  std::optional<Member> rehearsal_;  // a dry run's stand-in for the hub
  std::vector<std::size_t> done_;    // members whose transaction was committed
  Progress& progress_;
  MergeReport report_;
};

}  // namespace rejoin::cli

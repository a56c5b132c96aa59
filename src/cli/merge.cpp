#include <cli/merge.hpp>

#include <cli/text.hpp>

#include <algorithm>
#include <filesystem>
#include <utility>

namespace rejoin::cli {
namespace {

std::int64_t version_of(const Member& member) { return member.db.take(member.replica.db_version()); }

std::int64_t cursor_of(const Member& member, const Member& peer) {
  return member.db.take(member.replica.cursor(peer.site));
}

void set_cursor(Member& member, const Member& peer, std::int64_t version) {
  if (cursor_of(member, peer) != version) member.db.check(member.replica.set_cursor(peer.site, version));
}

Member scratch_copy(const Member& member) {
  Database copy = member.db.scratch_copy();
  Replica replica = copy.attach();
  return Member{std::move(copy), replica, member.site, member.shapes};
}

void refuse_same_file(const std::vector<std::string>& paths) {
  for (std::size_t i = 0; i < paths.size(); ++i) {
    for (std::size_t j = i + 1; j < paths.size(); ++j) {
      std::error_code error;
      if (std::filesystem::equivalent(paths[i], paths[j], error) && !error) {
        throw Failure(cat(paths[i], " and ", paths[j], " are one and the same file"));
      }
    }
  }
}

}  // namespace

std::vector<Member> open_members(const std::vector<std::string>& paths, const OpenOptions& options) {
  std::vector<Member> members;
  std::vector<Database> files;
  for (const std::string& path : paths) files.push_back(Database::open(path, options));
  refuse_same_file(paths);
  for (const Database& file : files) {
    if (!file.is_replica()) throw no_crr(file);
  }
  for (Database& file : files) {
    Replica replica = file.attach();
    Blob site = file.take(replica.site_id());
    std::vector<TableShape> shapes = crr_shapes(file, replica);
    members.push_back(Member{std::move(file), replica, std::move(site), std::move(shapes)});
  }
  return members;
}

void require_same_schema(const std::vector<Member>& members) {
  std::vector<FileShape> files;
  for (const Member& member : members) files.push_back({member.db, member.shapes});
  require_same_schema(files);
}

void refuse_copies(const std::vector<Member>& members) {
  for (std::size_t i = 0; i < members.size(); ++i) {
    for (std::size_t j = i + 1; j < members.size(); ++j) {
      if (members[i].site != members[j].site) continue;
      throw Failure(
          cat(members[i].db.path(), " and ", members[j].db.path(), " have the same site id ", to_hex(members[i].site),
              ": one is a copy of the other. Give the copy a site id of its own with: ", "rejoin status --new-site-id ",
              members[j].db.path()));
    }
  }
}

Merge::Merge(std::vector<Member>& members, bool dry_run, Progress& progress)
    : members_(members), seats_(members.size()), dry_run_(dry_run), progress_(progress) {
  report_.dry_run = dry_run;
}

MergeReport Merge::run() {
  const auto begin = std::chrono::steady_clock::now();
  try {
    look();
    find_restored();
    if (has_news()) {
      gather();
      for (const std::size_t to : others()) hand_out(to);
      if (!dry_run_ && undisturbed_) settle();
    }
  } catch (const Failure& failure) {
    throw Failure(cat(failure.what(), standing()));
  }
  report_.time = std::chrono::steady_clock::now() - begin;
  return std::move(report_);
}

// Cursors before versions: versions only rise, so another merge that goes on at the same time cannot make a file look
// as if it had been restored from a backup.
void Merge::look() {
  for (std::size_t i = 0; i < members_.size(); ++i) {
    for (const Member& peer : members_) seats_[i].cursors.push_back(cursor_of(members_[i], peer));
  }
  for (std::size_t i = 0; i < members_.size(); ++i) seats_[i].version = version_of(members_[i]);
}

// A file that somebody has merged further than it goes was restored from a backup. It is never the hub: it must have
// given all it has to the hub before its version rises, else versions that it wrote anew would hide behind the cursors.
void Merge::find_restored() {
  for (std::size_t i = 0; i < seats_.size(); ++i) {
    for (const Seat& seat : seats_) seats_[i].restored |= seat.cursors[i] > seats_[i].version;
    if (seats_[i].restored) report_.restored.push_back(members_[i].db.path());
  }
  const auto hub = std::find_if(seats_.begin(), seats_.end(), [](const Seat& seat) { return !seat.restored; });
  if (hub != seats_.end()) hub_ = static_cast<std::size_t>(hub - seats_.begin());
}

bool Merge::has_news() const {
  for (std::size_t i = 0; i < seats_.size(); ++i) {
    for (std::size_t j = 0; j < seats_.size(); ++j) {
      if (i != j && seats_[i].cursors[j] != seats_[j].version) return true;
    }
  }
  return false;
}

// All but the hub; those that were restored from a backup last.
std::vector<std::size_t> Merge::others() const {
  std::vector<std::size_t> order;
  for (const bool restored : {false, true}) {
    for (std::size_t i = 0; i < seats_.size(); ++i) {
      if (i != hub_ && seats_[i].restored == restored) order.push_back(i);
    }
  }
  return order;
}

// What a restored file wrote before must travel back to it, and what it wrote since may stand under old versions.
bool Merge::in_full(std::size_t to, std::size_t from) const { return seats_[to].restored || seats_[from].restored; }

// What `from` has to tell `to`. Changes are not left out for having been written by `to`: it may have got them from a
// file that lost them, or that moved them to another row (CellsLeftBehind). Only what the hub took from `to` itself a
// moment ago need not travel back.
std::vector<PullRange> Merge::ranges(const Member& target, std::size_t to, const Member& source,
                                     std::size_t from) const {
  const std::int64_t since = in_full(to, from) ? 0 : cursor_of(target, source);
  if (version_of(source) <= since) return {};
  if (in_full(to, from) || from != hub_ || seats_[to].relayed) return {{.since = since}};
  const std::int64_t after = seats_[hub_].after;
  std::vector<PullRange> ranges;
  if (since < hub_before_) ranges.push_back({.since = since, .until = hub_before_});
  const std::int64_t gathered_since = std::max(since, hub_before_);
  if (gathered_since < after) ranges.push_back({.since = gathered_since, .until = after, .not_from = target.site});
  if (version_of(source) > after) ranges.push_back({.since = std::max(since, after)});
  return ranges;
}

void Merge::take_in(Member& target, std::size_t to, const Member& source, std::size_t from) {
  // A conflict is what both sides wrote since they met; when the hub hands out, all are decided.
  const bool count_conflicts = to == hub_;
  const PullEnds ends{.source = source.db,
                      .source_replica = source.replica,
                      .source_site = source.site,
                      .target = target.db,
                      .target_replica = target.replica,
                      .shapes = target.shapes,
                      .count_conflicts = count_conflicts,
                      .seen_by_source = count_conflicts ? cursor_of(source, target) : 0};
  PullReport report;
  report.to = to;
  report.from = from;
  pull(ends, ranges(target, to, source, from), report, progress_);
  note_relayed(report);
  if (report.read > 0) report_.pulls.push_back(std::move(report));
}

void Merge::note_relayed(const PullReport& report) {
  for (std::size_t i = 0; i < members_.size(); ++i) seats_[i].relayed |= report.relayed.contains(members_[i].site);
}

// The hub takes in all the others, in one transaction.
void Merge::gather() {
  if (dry_run_) rehearsal_.emplace(scratch_copy(members_[hub_]));
  Member& hub = dry_run_ ? *rehearsal_ : members_[hub_];
  Transaction transaction(hub.db);
  hub_before_ = version_of(hub);
  for (const std::size_t from : others()) {
    const Member& source = members_[from];
    const Snapshot snapshot(source.db);
    seats_[from].gathered = version_of(source);
    take_in(hub, hub_, source, from);
    // The high cursor of a restored file is what tells that it was restored: kept until all is done.
    if (!seats_[from].restored) set_cursor(hub, source, seats_[from].gathered);
  }
  transaction.commit();
  done_.push_back(hub_);
  seats_[hub_].after = version_of(hub);
}

// Another file takes in the hub, which has everything by now.
void Merge::hand_out(std::size_t to) {
  std::optional<Member> copy;
  if (dry_run_) copy.emplace(scratch_copy(members_[to]));
  Member& target = dry_run_ ? *copy : members_[to];
  const Member& hub = dry_run_ ? *rehearsal_ : members_[hub_];
  Transaction transaction(target.db);
  {
    const Snapshot snapshot(hub.db);
    const std::int64_t version = version_of(hub);
    undisturbed_ &= version == seats_[hub_].after && version_of(target) == seats_[to].gathered;
    take_in(target, to, hub, hub_);
    if (!seats_[hub_].restored) set_cursor(target, hub, version);
    // Whoever has all that the hub has, also has what the hub took in from the others.
    for (const std::size_t other : others()) {
      const std::int64_t gathered = seats_[other].gathered;
      if (other == to || in_full(to, other) || cursor_of(target, members_[other]) >= gathered) continue;
      set_cursor(target, members_[other], gathered);
    }
  }
  transaction.commit();
  done_.push_back(to);
  seats_[to].after = version_of(target);
}

// All hold the same now. A pull has raised its file's version: the others need not read that as news.
void Merge::settle() {
  for (std::size_t i = 0; i < members_.size(); ++i) {
    const auto is_behind = [&](std::size_t j) {
      return i != j && cursor_of(members_[i], members_[j]) != seats_[j].after;
    };
    bool behind = false;
    for (std::size_t j = 0; j < members_.size(); ++j) behind |= is_behind(j);
    if (!behind) continue;
    Transaction transaction(members_[i].db);
    for (std::size_t j = 0; j < members_.size(); ++j) {
      if (i != j) set_cursor(members_[i], members_[j], seats_[j].after);
    }
    transaction.commit();
  }
}

std::string Merge::standing() const {
  if (dry_run_) return "";
  if (done_.empty()) return "; no file was changed";
  std::string complete;
  for (const std::size_t i : done_) complete += cat(complete.empty() ? "" : ", ", members_[i].db.path());
  if (done_.size() == members_.size()) return "; all rows are merged, only the cursors are not: run it again";
  return cat("; complete: ", complete, "; the others are as they were: run it again");
}

}  // namespace rejoin::cli

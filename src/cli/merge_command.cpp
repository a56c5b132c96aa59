// rejoin merge: what it did, for people and for programs.
#include <cli/commands.hpp>
#include <cli/json_value.hpp>
#include <cli/merge.hpp>
#include <cli/text.hpp>

#include <cstdio>
#include <iostream>

namespace rejoin::cli {
namespace {

constexpr std::size_t kConflictsInText = 10;

struct Totals {
  std::int64_t read = 0;
  std::int64_t moved = 0;
  std::int64_t rows = 0;
  std::int64_t conflicts = 0;
};

Totals totals_of(const MergeReport& report) {
  Totals totals;
  for (const PullReport& pull : report.pulls) {
    totals.read += pull.read;
    totals.moved += pull.moved;
    totals.rows += pull.rows;
    totals.conflicts += pull.conflicts;
  }
  return totals;
}

std::string seconds(const MergeReport& report) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f s", report.time.count());
  return text;
}

std::string conflict_line(const Conflict& conflict, const std::string& to, const std::string& from) {
  const std::string cell = conflict.column == kSentinelColumn ? "" : cat(" ", printable(conflict.column));
  std::string incoming = shortened(quoted(conflict.incoming), 40);
  if (conflict.column == kSentinelColumn) incoming = conflict.deletion ? "deletion" : "new row";
  const std::string what =
      cat(printable(conflict.table), " ", shown_key(conflict.pk), cell, ": ", from, "'s ", incoming);
  if (conflict.incoming_won) return what + " is kept";
  return cat(what, " is not kept, ", to, "'s ", conflict.row_gone ? "deletion is" : "is");
}

void print_text(const MergeReport& report, const std::vector<Member>& members) {
  const Totals totals = totals_of(report);
  for (const std::string& path : report.restored) {
    std::cout << path << " was restored from an earlier state: everything is exchanged, not only the news\n";
  }
  for (const PullReport& pull : report.pulls) {
    const std::string& to = members[pull.to].db.path();
    const std::string& from = members[pull.from].db.path();
    std::cout << to << (report.dry_run ? " would take " : " took ") << count_of(pull.moved, "change") << " in "
              << count_of(pull.rows, "row") << " from " << from;
    if (pull.conflicts > 0) std::cout << ", " << count_of(pull.conflicts, "conflict") << " decided";
    std::cout << '\n';
    for (std::size_t i = 0; i < pull.conflict_list.size() && i < kConflictsInText; ++i) {
      std::cout << "  " << conflict_line(pull.conflict_list[i], to, from) << '\n';
    }
    const auto left_out = pull.conflicts - static_cast<std::int64_t>(kConflictsInText);
    if (left_out > 0) std::cout << "  and " << count_of(left_out, "more conflict") << '\n';
  }
  if (totals.moved == 0) {
    std::cout << "No news: each of the " << members.size() << " files has what the others have (" << seconds(report)
              << ").\n";
    return;
  }
  std::cout << (report.dry_run ? "Dry run, nothing was written: " : "Merged ") << members.size()
            << " files: " << count_of(totals.moved, "change") << " in " << count_of(totals.rows, "row") << ", "
            << count_of(totals.conflicts, "conflict") << ", " << seconds(report) << ".\n";
}

Json conflicts_json(const PullReport& pull) {
  Json list = Json::array();
  for (const Conflict& conflict : pull.conflict_list) {
    list.push_back({{"table", text_to_json(conflict.table)},
                    {"pk", to_hex(conflict.pk)},
                    {"cid", text_to_json(conflict.column)},
                    {"deletion", conflict.deletion},
                    {"incoming", to_json(conflict.incoming)},
                    {"incoming_won", conflict.incoming_won},
                    {"row_gone", conflict.row_gone}});
  }
  return list;
}

void print_json(const MergeReport& report, const std::vector<Member>& members) {
  const Totals totals = totals_of(report);
  Json files = Json::array();
  for (const Member& member : members) {
    files.push_back({{"path", text_to_json(member.db.path())},
                     {"site_id", to_hex(member.site)},
                     {"db_version", to_json(member.db.take(member.replica.db_version()))}});
  }
  Json pulls = Json::array();
  for (const PullReport& pull : report.pulls) {
    Json tables = Json::array();
    for (const auto& [table, moved] : pull.moved_by_table) {
      tables.push_back({{"table", text_to_json(table)}, {"changes", moved}});
    }
    pulls.push_back({{"to", text_to_json(members[pull.to].db.path())},
                     {"from", text_to_json(members[pull.from].db.path())},
                     {"read", pull.read},
                     {"changes", pull.moved},
                     {"rows", pull.rows},
                     {"tables", std::move(tables)},
                     {"conflicts", pull.conflicts},
                     {"conflict_list", conflicts_json(pull)}});
  }
  Json restored = Json::array();
  for (const std::string& path : report.restored) restored.push_back(text_to_json(path));
  const Json all{{"dry_run", report.dry_run},
                 {"news", totals.moved > 0},
                 {"read", totals.read},
                 {"changes", totals.moved},
                 {"rows", totals.rows},
                 {"conflicts", totals.conflicts},
                 {"seconds", report.time.count()},
                 {"restored", std::move(restored)},
                 {"files", std::move(files)},
                 {"pulls", std::move(pulls)}};
  std::cout << all.dump(2) << '\n';
}

}  // namespace

int run_merge(const Options& options) {
  OpenOptions open;
  open.access = options.dry_run ? Access::kRead : Access::kWrite;
  open.wait = options.wait;
  std::vector<Member> members = open_members(options.files, open);
  refuse_copies(members);
  require_same_schema(members);
  MergeReport report;
  {
    Progress progress;
    report = Merge(members, options.dry_run, progress).run();
  }
  options.json ? print_json(report, members) : print_text(report, members);
  return kExitFine;
}

}  // namespace rejoin::cli

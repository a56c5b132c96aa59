#include <cli/pull.hpp>

#include <cli/cells_left_behind.hpp>
#include <cli/row_counter.hpp>
#include <cli/text.hpp>

#include <limits>
#include <utility>

namespace rejoin::cli {
namespace {

// Where a change belongs, kept for messages.
struct Place {
  std::string table;
  Blob pk;
  std::string column;

  std::string text() const {
    const std::string row = cat("table '", printable(table), "', row ", shown_key(pk));
    return column == kSentinelColumn ? row : cat(row, ", column '", printable(column), "'");
  }
};

// What a pull keeps while it walks over the source's changes.
class Walk {
 public:
  Walk(const PullEnds& ends, PullReport& report, Progress& progress)
      : ends_(ends), report_(report), progress_(progress), left_behind_(ends.shapes) {}

  void run(const std::vector<PullRange>& ranges) {
    for (const PullRange& range : ranges) {
      walk(range, [this](const Change& change) {
        left_behind_.note(change);
        return merge(change);
      });
    }
    if (left_behind_.any()) {
      walk(PullRange(), [this](const Change& change) { return left_behind_.has(change) ? merge(change) : Status(); });
    }
    report_.rows = rows_.count();
  }

 private:
  // What is called back by the library, which knows no exceptions, keeps a failure for finish().
  template <typename Step>
  void walk(const PullRange& range, const Step& step) {
    bool ended = false;
    const Status status =
        ends_.source_replica.visit_changes(range.since, range.not_from, [&](const Change& change) noexcept {
          ended = change.db_version > range.until;
          if (ended) return Status(ErrorCode::kInvalidArgument, "the walk is at its end");
          try {
            return step(change);
          } catch (const std::exception& error) {
            target_trouble_ = error.what();
            return Status(ErrorCode::kNoMemory, "the walk was broken off");
          }
        });
    if (!ended) finish(status);
  }

  void finish(const Status& status) const {
    if (!target_trouble_.empty()) throw Failure(target_trouble_);
    if (status.ok()) return;
    const std::string reached = report_.read == 0 ? "at the first one" : cat("after ", place_.text());
    throw Failure(cat(ends_.source.failure(status).what(), " (while reading its changes, ", reached, ")"));
  }

  Status merge(const Change& change) {
    progress_.advance();
    ++report_.read;
    place_.table = change.table;
    place_.pk = change.pk;
    place_.column = change.column;
    constexpr auto kNoAccount = std::numeric_limits<std::int64_t>::max();
    const std::int64_t seen = ends_.count_conflicts ? ends_.seen_by_source : kNoAccount;
    const Result<MergeOutcome> outcome = ends_.target_replica.merge(change, seen);
    if (!outcome.ok()) {
      const std::string what = ends_.target.failure(outcome.status()).what();
      target_trouble_ = cat(what, " (while merging ", place_.text(), " from ", ends_.source.path(), ")");
      return outcome.status();
    }
    if (outcome->won) {
      ++report_.moved;
      ++report_.moved_by_table[change.table];
      rows_.add(change);
      if (change.site_id != ends_.source_site) report_.relayed.insert(change.site_id);
    }
    if (outcome->conflict) note_conflict(change, outcome->won);
    return Status();
  }

  void note_conflict(const Change& change, bool won) {
    ++report_.conflicts;
    if (report_.conflict_list.size() >= kListedConflicts) return;
    const TableShape* table = find_table(ends_.shapes, change.table);
    Conflict conflict{change.table, change.pk, change.column, change.value, change.causal_length % 2 == 0, won, false};
    conflict.row_gone = !won && table != nullptr && !has_row(ends_.target, *table, change.pk);
    report_.conflict_list.push_back(std::move(conflict));
  }

  const PullEnds& ends_;
  PullReport& report_;
  Progress& progress_;
  CellsLeftBehind left_behind_;
  RowCounter rows_;
  Place place_;
  std::string target_trouble_;
};

}  // namespace

void pull(const PullEnds& ends, const std::vector<PullRange>& ranges, PullReport& report, Progress& progress) {
  if (progress.shown()) {
    std::int64_t total = 0;
    for (const PullRange& range : ranges) {
      total += ends.source.take(ends.source_replica.count_changes(range.since, range.not_from));
      if (range.until == PullRange::kToTheEnd) continue;
      total -= ends.source.take(ends.source_replica.count_changes(range.until, range.not_from));
    }
    progress.begin(cat(ends.target.path(), " <- ", ends.source.path()), total);
  }
  Walk(ends, report, progress).run(ranges);
}

}  // namespace rejoin::cli

// rejoin apply: merges the changes that `rejoin changes --json` printed, in one transaction.
#include <cli/commands.hpp>
#include <cli/json_value.hpp>
#include <cli/row_counter.hpp>
#include <cli/schema.hpp>
#include <cli/text.hpp>

#include <iostream>

namespace rejoin::cli {
namespace {

// Merges the entries of an array one by one as the parser completes them, so memory does not grow with the input.
class Applier {
 public:
  Applier(const Database& db, Replica& replica) : db_(db), replica_(replica) {}

  // The parser's callback: false drops what was just read, which has been merged by then.
  bool on_event(int depth, Json::parse_event_t event, const Json& parsed) {
    using Event = Json::parse_event_t;
    if (depth == 0 && (event == Event::object_start || event == Event::value)) {
      throw Failure("the input is no array of changes, as rejoin changes --json prints it");
    }
    if (depth != 1) return true;
    if (event == Event::array_start || event == Event::value) throw bad_entry("is no object");
    if (event != Event::object_end) return true;
    apply(parsed);
    return false;
  }

  void print(bool json) {
    const std::int64_t rows = rows_.count();
    if (json) {
      std::cout << Json{{"read", read_}, {"changes", moved_}, {"rows", rows}}.dump(2) << '\n';
      return;
    }
    std::cout << count_of(read_, "change") << " read, " << count_of(moved_, "change") << " in " << count_of(rows, "row")
              << " merged into " << db_.path();
    if (moved_ < read_) std::cout << "; the others were here already or are outranked";
    std::cout << '\n';
  }

 private:
  Failure bad_entry(const std::string& why) const { return Failure(cat("the input's entry ", read_, " ", why)); }

  void apply(const Json& entry) {
    Change change;
    try {
      change = change_from_json(entry);
    } catch (const BadJson& error) {
      throw bad_entry(cat("is no change: ", error.what()));
    }
    const Result<MergeOutcome> outcome = replica_.merge(change);
    if (!outcome.ok()) {
      throw bad_entry(cat("(table '", printable(change.table), "', row ", shown_key(change.pk), ", column '",
                          printable(change.column), "') cannot be merged: ", db_.failure(outcome.status()).what()));
    }
    ++read_;
    if (!outcome->won) return;
    ++moved_;
    rows_.add(change);
  }

  const Database& db_;
  Replica& replica_;
  RowCounter rows_;
  std::int64_t read_ = 0;
  std::int64_t moved_ = 0;
};

}  // namespace

int run_apply(const Options& options) {
  const Database db = open_replica(options.file, Access::kWrite, options.wait);
  Replica replica = db.attach();
  Transaction transaction(db);
  Applier applier(db, replica);
  try {
    const Json parsed = Json::parse(std::cin, [&applier](int depth, Json::parse_event_t event, const Json& json) {
      return applier.on_event(depth, event, json);
    });
  } catch (const Json::exception& error) {
    throw Failure(cat("the input is no JSON: ", error.what(), "; nothing was applied"));
  } catch (const Failure& failure) {
    throw Failure(cat(failure.what(), "; nothing was applied"));
  }
  transaction.commit();
  applier.print(options.json);
  return kExitFine;
}

}  // namespace rejoin::cli

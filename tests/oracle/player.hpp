// Plays a script on the reference and on Rejoin at once and compares all that can be seen.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "oracle/engine.hpp"
#include "oracle/script.hpp"
#include "oracle/sites.hpp"

namespace rejoin::oracle {

/// Where and how the two differed.
struct Difference {
  std::size_t step = 0;
  std::string what;
};

class Player {
 public:
  Player(Engine& reference, Engine& ours) : reference_(reference), ours_(ours) {}

  /// Plays from the beginning on fresh databases, up to the first difference.
  std::optional<Difference> play(const Script& script);

  /// What `play` has done since this Player was made.
  struct Counts {
    std::size_t scripts = 0;
    std::size_t steps = 0;
    std::size_t snapshots = 0;
    std::size_t merged = 0;
    std::size_t errors = 0;  ///< statements that failed, on both
  };
  [[nodiscard]] const Counts& counts() const { return counts_; }

 private:
  struct Both {
    Answer reference;
    Answer ours;
  };

  void start_again();
  void need(const std::string& db);
  Both run_both(const std::string& db, const std::string& sql);
  std::string run(const Step& step);
  std::string copy(const Step& step);
  void give_schema(const std::string& from, const std::string& to);
  std::string copy_changes(const Step& step, const Rows& changes);
  std::string known(const Step& step, const Both& both);
  std::string compare_answers(const Step& step, Both both);
  std::string after(const std::string& db);
  std::string sync_bit(const std::string& db);
  std::string compare_state(const std::string& db, bool autocommit);
  std::string level(const std::string& db, std::int64_t version);

  Engine& reference_;
  Engine& ours_;
  Sites reference_sites_;
  Sites our_sites_;
  std::set<std::string> merged_into_;     ///< databases in which keys may have other numbers
  std::set<std::string> impact_unknown_;  ///< where the reference may count what was undone (impact-after-rollback)
  bool blind_ = false;
  std::int64_t bump_ = 0;
  Counts counts_;
};

}  // namespace rejoin::oracle

// What is played on both engines: a list of steps, and the text form in which the fixed scripts are kept and failing
// random ones are printed.
//
// SQL statements, each ending in a semicolon at the end of a line, lines that begin with `--`, and directives:
//
//   .on DB                       the statements that follow run on database DB (at first: a); a new name is a new
//   database .copy FROM TO [PERCENT SEED] the changes of FROM that TO did not write are merged into TO (which gets the
//   tables that it
//                                lacks), in one transaction;
//                                with PERCENT and SEED only so many of them, in random order
//   .check                       the state is compared here, too: otherwise it is after each statement outside a
//   transaction .unordered                   the next statement's rows may come in any order .differs RULE the next
//   statement's answers are known to differ (known.hpp); then come both answers, as .reference ANSWER            values
//   with bars between them, rows with semicolons, or `error`, `error: PART OF MESSAGE`, .rejoin ANSWER `trap` .blind
//   the state of the databases is not compared from here on (it differs by what .differs says) .fresh all databases are
//   new; the state is compared again
//
// In SQL, {site DB} is the site id of database DB as a literal.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace rejoin::oracle {

struct Step {
  enum class Kind { kRun, kCopy, kCheck, kBlind, kFresh };

  Kind kind = Kind::kRun;
  std::string db = "a";  ///< where it runs; of a copy: the receiver
  std::string sql;
  bool unordered = false;
  std::string rule;       ///< of a known difference; else empty
  std::string reference;  ///< the reference's answer, where there is a rule
  std::string rejoin;     ///< ours

  std::string from;  ///< of a copy: the sender
  unsigned percent = 100;
  std::uint64_t seed = 0;  ///< 0: in order

  int line = 0;  ///< in the file it comes from
};

using Script = std::vector<Step>;

/// Throws std::runtime_error where `text` is not a script.
Script parse_script(const std::string& text);

std::string print_script(const Script& script);

/// A step that runs `sql` on `db`.
Step run_step(const std::string& db, const std::string& sql);

}  // namespace rejoin::oracle

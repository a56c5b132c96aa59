// The compiled library, seen by a linker: what it offers and what it asks for.

#include <gtest/gtest.h>

#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "repo/source_tree.hpp"

namespace rejoin::repo {
namespace {

struct Symbol {
  std::string name;
  char type = ' ';
};

std::vector<Symbol> symbols(const std::string& options) {
  std::istringstream text(
      output_of(std::string(REJOIN_NM) + " -P " + options + " '" + REJOIN_LIBRARY + "' 2>/dev/null"));
  std::vector<Symbol> found;
  for (std::string line; std::getline(text, line);) {
    std::istringstream words(line);
    Symbol symbol;
    if (words >> symbol.name >> symbol.type && line.back() != ':') found.push_back(symbol);
  }
  return found;
}

TEST(Symbols, AStaticLibraryDefinesNoNameOutsideItsOwn) {
  const std::vector<Symbol> defined = symbols("-g --defined-only");
  ASSERT_FALSE(defined.empty());
  const std::regex own("_?(_Z(TV|TI|TS|GV)?NK?6rejoin.*|rejoin_[a-z_]+|sqlite3_crsqlite_init)");
  for (const Symbol& symbol : defined) {
    const bool shared_by_all = symbol.type == 'W' || symbol.type == 'V' || symbol.type == 'u';  // std's templates
    EXPECT_TRUE(shared_by_all || std::regex_match(symbol.name, own)) << symbol.name;
  }
}

TEST(Symbols, TheCFaceIsThere) {
  std::set<std::string> names;
  for (const Symbol& symbol : symbols("-g --defined-only")) names.insert(symbol.name);
  for (const char* name : {"rejoin_attach", "rejoin_version", "rejoin_open", "rejoin_merge", "sqlite3_crsqlite_init"}) {
    EXPECT_TRUE(names.contains(name) || names.contains(std::string("_") + name)) << name;
  }
}

// (sqlite3_busy_timeout is, by Replica::open, on the connection that it has opened itself.)
TEST(Symbols, NothingThatPrintsEndsTheProcessStartsAThreadOrTakesAHookIsAskedFor) {
  const std::regex unwanted(
      "_?(abort|exit|_exit|_Exit|quick_exit|__assert_fail|__assert_rtn|printf|fprintf|vprintf|vfprintf|puts|fputs|"
      "putchar|perror|__printf_chk|__fprintf_chk|_ZSt4cout|_ZSt4cerr|_ZSt4clog|_ZSt9terminatev|"
      "pthread_create|thrd_create|_ZNSt6thread15_M_start_thread.*|"
      "sqlite3_(commit_hook|rollback_hook|update_hook|preupdate_hook|wal_hook|progress_handler|set_authorizer|"
      "busy_handler|trace|trace_v2|profile|config|shutdown))");
  for (const Symbol& symbol : symbols("-u")) {
#ifdef __SANITIZE_ADDRESS__
    // In this build, which nobody ships, g++ guards every noexcept function with it.
    if (symbol.name.find("_ZSt9terminatev") != std::string::npos) continue;
#endif
    EXPECT_FALSE(std::regex_match(symbol.name, unwanted)) << symbol.name;
  }
}

}  // namespace
}  // namespace rejoin::repo

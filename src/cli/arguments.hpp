// The command line: what it may say, and what it says.
#pragma once

#include <optional>

#include <cli/commands.hpp>

namespace rejoin::cli {

/// A command and what it is to work on.
struct Invocation {
  int (*run)(const Options&) = nullptr;
  Options options;
  int failed = kExitFailed;  ///< the exit code where the command cannot do its work
};

/// The invocation; or, where help or the version was asked for and is printed, or the command line is wrong and the
/// mistake is printed, nothing but the exit code in `exit_code`.
std::optional<Invocation> read_arguments(int argc, const char* const* argv, int& exit_code);

}  // namespace rejoin::cli

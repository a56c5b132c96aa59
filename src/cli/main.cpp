#include <cli/arguments.hpp>
#include <cli/database.hpp>

#include <exception>
#include <iostream>

int main(int argc, char** argv) {
  using namespace rejoin::cli;
  std::ios::sync_with_stdio(false);
  int exit_code = kExitFine;
  int failed = kExitFailed;
  try {
    const auto invocation = read_arguments(argc, argv, exit_code);
    if (invocation) {
      failed = invocation->failed;
      exit_code = invocation->run(invocation->options);
    }
    std::cout.flush();
    if (!std::cout) throw Failure("standard output could not be written");
  } catch (const std::bad_alloc&) {
    std::cerr << "rejoin: out of memory\n";
    return failed;
  } catch (const std::exception& error) {
    std::cout.flush();
    std::cerr << "rejoin: " << error.what() << '\n';
    return failed;
  }
  return exit_code;
}

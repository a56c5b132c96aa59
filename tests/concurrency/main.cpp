// The tests, or with --worker one of their processes: --worker role number transactions seed directory.
#include <gmock/gmock.h>

#include <cstdio>
#include <exception>
#include <string>

#include "concurrency/workers.hpp"

int main(int argc, char** argv) {
  using namespace rejoin::concurrency_test;
  if (argc != 7 || std::string(argv[1]) != "--worker") {
    testing::InitGoogleMock(&argc, argv);
    return RUN_ALL_TESTS();
  }
  try {
    work({static_cast<Role>(std::stoi(argv[2])), std::stoi(argv[3]), std::stoi(argv[4]), std::stoull(argv[5])},
         argv[6]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "worker %s: %s\n", argv[3], error.what());
    return 1;
  }
  return 0;
}

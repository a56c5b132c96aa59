// A worker that follows the shared file by its cursor, as every client does, and holds what it reads against what the
// file says.
#pragma once

#include <filesystem>

#include "concurrency/workers.hpp"

namespace rejoin::concurrency_test {

/// A connection to the shared file, with the engine attached.
test::Database open_shared_file(const std::filesystem::path& directory);

/// Follows until stop_readers() was called and everything is read. Throws a Violation.
void follow(const Worker& worker, const std::filesystem::path& directory);

}  // namespace rejoin::concurrency_test

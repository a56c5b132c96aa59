// Random statements on the tables that workers share. On the same rows each has the same effect.
#pragma once

#include <string>
#include <vector>

#include "support/choices.hpp"

namespace rejoin::concurrency_test {

/// The tables, as CRRs.
std::vector<std::string> schema();

/// Sets the row of table own that belongs to `who` to `count`: a write that always changes something.
std::string count_up(const std::string& who, int count);

/// One to four writes; `mark` goes into what they write.
std::vector<std::string> some_writes(const std::string& mark, test::Choices& choices);

}  // namespace rejoin::concurrency_test

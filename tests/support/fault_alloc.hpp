// Allocations that fail where a test wants them to: SQLite's, and with the operators of tests/faults/operator_new.cpp
// those of C++ too, counted together.
#pragma once

namespace rejoin::test {

/// Puts the failing allocator under SQLite. To be called before SQLite is used for the first time.
bool install_failing_allocator();

/// Counts an allocation that is about to be made; true where it is to fail.
bool allocation_fails();

/// While it lives, allocations are counted; the n-th (from 1; 0: none) fails, or from that one on all of them do.
class FailingAllocations {
 public:
  explicit FailingAllocations(long nth, bool from_then_on = false);
  ~FailingAllocations();
  FailingAllocations(const FailingAllocations&) = delete;
  FailingAllocations& operator=(const FailingAllocations&) = delete;

  /// How many have been counted.
  static long count();
};

/// A test's own allocations in the middle of an operation.
class UncountedAllocations {
 public:
  UncountedAllocations();
  ~UncountedAllocations();
  UncountedAllocations(const UncountedAllocations&) = delete;
  UncountedAllocations& operator=(const UncountedAllocations&) = delete;

 private:
  bool was_;
};

}  // namespace rejoin::test

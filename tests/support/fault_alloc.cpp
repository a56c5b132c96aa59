#include "support/fault_alloc.hpp"

#include <sqlite3.h>

namespace rejoin::test {

namespace {

// Plain numbers of this thread: whatever asks for them must not allocate.
thread_local bool counting = false;
thread_local long counted = 0;
thread_local long failing = 0;
thread_local bool all_after = false;

sqlite3_mem_methods& beneath() {
  static sqlite3_mem_methods methods{};
  return methods;
}

void* failing_malloc(int size) { return allocation_fails() ? nullptr : beneath().xMalloc(size); }
void* failing_realloc(void* old, int size) { return allocation_fails() ? nullptr : beneath().xRealloc(old, size); }

}  // namespace

bool install_failing_allocator() {
  if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &beneath()) != SQLITE_OK) return false;
  sqlite3_mem_methods methods = beneath();
  methods.xMalloc = failing_malloc;
  methods.xRealloc = failing_realloc;
  // Without the connections' stock of small pieces, which is taken once and never fails, each allocation is its own.
  return sqlite3_config(SQLITE_CONFIG_MALLOC, &methods) == SQLITE_OK &&
         sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0) == SQLITE_OK;
}

bool allocation_fails() {
  if (!counting) return false;
  ++counted;
  return failing != 0 && (all_after ? counted >= failing : counted == failing);
}

FailingAllocations::FailingAllocations(long nth, bool from_then_on) {
  counted = 0;
  failing = nth;
  all_after = from_then_on;
  counting = true;
}

FailingAllocations::~FailingAllocations() { counting = false; }
long FailingAllocations::count() { return counted; }

UncountedAllocations::UncountedAllocations() : was_(counting) { counting = false; }
UncountedAllocations::~UncountedAllocations() { counting = was_; }

}  // namespace rejoin::test

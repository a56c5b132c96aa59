// Every operation with each of its reads, writes, syncs, locks and openings of files failing, and with the power going
// at each of them: it succeeds or reports an error, the database is as before or as after, and it can be repeated.
#include <gtest/gtest.h>

#include <optional>

#include "faults/operations.hpp"
#include "support/fault_vfs.hpp"

namespace rejoin::test {

namespace {

constexpr const char* kFile = "main.db";

class FileTest : public testing::TestWithParam<std::size_t> {
 protected:
  const Operation& operation_ = operations()[GetParam()];
  Database origin_ = origin_of(operation_);
  Expected expected_{operation_, origin_};
  FaultVfs vfs_;

  void begin(bool wal) {
    sqlite3_int64 size = 0;
    unsigned char* bytes = sqlite3_serialize(origin_.handle(), "main", &size, 0);
    image_.assign(bytes, bytes + size);
    sqlite3_free(bytes);
    constexpr std::size_t kJournalVersions = 18;  // where the file says which journal it has: two bytes, 1 or 2
    image_[kJournalVersions] = image_[kJournalVersions + 1] = wal ? 2 : 1;
  }

  [[nodiscard]] Database open(bool attached) const {
    return Database("file:" + std::string(kFile) + "?vfs=" + vfs_.name(),
                    attached ? Engine::kAttached : Engine::kAbsent,
                    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI);
  }

  /// Runs the operation up to the step that fails, which it gives; nothing: it succeeds with other rows.
  std::optional<std::size_t> attempt(const Database& db) {
    for (std::size_t step = 0; step < operation_.steps.size(); ++step) {
      const Outcome outcome = run(db.handle(), operation_.steps[step]);
      if (outcome.code != 0) return step;
      if (outcome != expected_.outcomes[step]) return std::nullopt;
    }
    return operation_.steps.size();
  }

  long operations_of_files() {
    vfs_.reset(kFile, image_);
    const Database db = open(operation_.attached);
    vfs_.fail(0, Fault::kError);
    attempt(db);
    return vfs_.count();
  }

  /// What the file holds, read by a connection that knows nothing of the engine.
  std::string damage() {
    const Database db = open(false);
    const std::string verdict = db.text("PRAGMA integrity_check");
    return verdict == "ok" ? "" : "the file is damaged: " + verdict;
  }

  std::string disturb(long nth, Fault fault, bool from_then_on) {
    vfs_.reset(kFile, image_);
    Database db = open(operation_.attached);
    vfs_.fail(nth, fault, from_then_on);
    std::optional<std::size_t> step = attempt(db);
    if (!step) return "succeeds, and gives other rows";
    vfs_.stop();
    if (db.in_transaction()) {
      if (*step == operation_.steps.size()) return "succeeds, and leaves a transaction open";
      if (!opens_transaction(operation_.steps[*step])) return "leaves a transaction open";
      db.exec("ROLLBACK");
    }
    // Where another one holds a lock, attaching leaves the tables to the first who needs them.
    if (!operation_.attached && *step == 1) db.exec("SELECT crsql_db_version()");
    std::string wrong = complaint(db, operation_, expected_, *step);
    if (wrong.empty()) wrong = damage();
    if (wrong.empty() && db.close() != SQLITE_OK) return "the connection does not close";
    return wrong;
  }

  /// The power goes at the n-th operation, or, after all of them, at the end.
  std::string crash(long nth, std::uint64_t seed) {
    vfs_.reset(kFile, image_);
    std::optional<std::size_t> step;
    {
      const Database db = open(operation_.attached);
      vfs_.fail(nth, Fault::kCrash);
      step = attempt(db);
    }
    if (!step) return "succeeds, and gives other rows";
    vfs_.reopen(seed);
    if (const std::string wrong = damage(); !wrong.empty()) return wrong;
    const Database db = open(operation_.attached);
    // A commit by removing the journal is for good when the directory is synced, which SQLite leaves to the system: the
    // last step that changed something may be undone.
    std::size_t last = *step;
    while (last > 0 && expected_.states[last - 1] == expected_.states[*step]) --last;
    if (last > 0 && content(db, operation_) == expected_.states[last - 1]) step = last - 1;
    if (!operation_.attached) step = 0;
    return complaint(db, operation_, expected_, *step);
  }

  void disturb_all(bool wal, Fault fault, bool from_then_on, long most) {
    begin(wal);
    const long count = operations_of_files();
    const Points points = points_among(count, most);
    int complaints = 0;
    for (long n = points.first; n <= count && complaints < 3; n += points.stride) {
      const std::string wrong = disturb(n, fault, from_then_on);
      if (wrong.empty()) continue;
      ++complaints;
      ADD_FAILURE() << (wal ? "WAL, " : "journal, ") << "fault " << static_cast<int>(fault) << " at " << n << " of "
                    << count << (from_then_on ? " and all after it: " : ": ") << wrong;
    }
  }

  void crash_all(bool wal) {
    begin(wal);
    const long count = operations_of_files();
    const bool in_many = operation_.name.starts_with("Merge") || operation_.name.starts_with("Alter");
    const Points points = points_among(count + 1, in_many ? 40 : 15);
    int complaints = 0;
    for (long n = points.first; n <= count + 1 && complaints < 3; n += points.stride) {
      const std::string wrong = crash(n, static_cast<std::uint64_t>(n + points.first));
      if (wrong.empty()) continue;
      ++complaints;
      ADD_FAILURE() << (wal ? "WAL, " : "journal, ") << "power goes at " << n << " of " << count << ": " << wrong;
    }
  }

 private:
  Blob image_;
};

}  // namespace

TEST_P(FileTest, OneOperationFails) {
  for (const bool wal : {false, true}) {
    for (const Fault fault : {Fault::kError, Fault::kScarce, Fault::kPartial}) disturb_all(wal, fault, false, 8);
  }
}

TEST_P(FileTest, OneOperationAndAllAfterItFail) {
  for (const bool wal : {false, true}) {
    for (const Fault fault : {Fault::kError, Fault::kScarce}) disturb_all(wal, fault, true, 8);
  }
}

TEST_P(FileTest, ThePowerGoes) {
  for (const bool wal : {false, true}) crash_all(wal);
}

INSTANTIATE_TEST_SUITE_P(Faults, FileTest, testing::ValuesIn(operation_numbers()),
                         [](const auto& test) { return operations()[test.param].name; });

}  // namespace rejoin::test

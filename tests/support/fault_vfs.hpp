// Files in memory whose operations fail where a test wants them to, and which lose what was not synced when the power
// goes.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <rejoin/change.hpp>

namespace rejoin::test {

/// What becomes of the operation that is chosen to fail.
enum class Fault {
  kError,    ///< an error of its kind (SQLITE_IOERR_WRITE, SQLITE_CANTOPEN…)
  kScarce,   ///< a write: the disk is full; a lock: busy; else as kError
  kPartial,  ///< a write: its first half is done, then the disk is full; else as kError
  kCrash,    ///< the power goes: this operation and all after it fail, until reopen()
};

/// A VFS by a name of its own. One thread; it must outlive its connections.
class FaultVfs {
 public:
  FaultVfs();
  ~FaultVfs();
  FaultVfs(const FaultVfs&) = delete;
  FaultVfs& operator=(const FaultVfs&) = delete;

  /// As the fourth argument of sqlite3_open_v2.
  [[nodiscard]] const char* name() const { return name_.c_str(); }

  /// A file's bytes, as they are read now; empty where there is no such file.
  [[nodiscard]] Blob read(const std::string& file) const;
  /// Replaces all files by this one, synced.
  void reset(const std::string& file, const Blob& content);

  /// Counts operations from 0 anew; the n-th (from 1; 0: none) fails, or with `from_then_on` that and all after it.
  void fail(long nth, Fault fault, bool from_then_on = false);
  [[nodiscard]] long count() const { return counted_; }
  /// No faults any more. (After a crash the connections' operations still fail.)
  void stop() { failing_ = 0; }

  /// The power is back. Of each file there is what was synced, and of what was written since any part: `seed` decides
  /// which sectors. All connections must be closed.
  void reopen(std::uint64_t seed);

  struct Change;
  struct File;

 private:
  friend struct FaultVfsCalls;
  bool fails(Fault& fault);

  std::string name_;
  std::unique_ptr<sqlite3_vfs> vfs_;
  std::map<std::string, std::shared_ptr<File>> files_;
  std::map<std::string, std::shared_ptr<File>> removed_;  // since anything was synced: they may come back
  long counted_ = 0;
  long failing_ = 0;
  Fault fault_ = Fault::kError;
  bool from_then_on_ = false;
  bool crashed_ = false;
};

}  // namespace rejoin::test

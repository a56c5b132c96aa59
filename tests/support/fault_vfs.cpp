#include "support/fault_vfs.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <random>
#include <stdexcept>

#include "support/fault_alloc.hpp"

namespace rejoin::test {

/// A write, or a truncation (no bytes) to `offset`.
struct FaultVfs::Change {
  bool truncates = false;
  std::size_t offset = 0;
  Blob bytes;
};

namespace {

constexpr std::size_t kSector = 512;
constexpr int kShmLocks = SQLITE_SHM_NLOCK;

struct Handle;

void carry_out(Blob& content, const FaultVfs::Change& change) {
  if (change.truncates) {
    content.resize(std::min(content.size(), change.offset));
    return;
  }
  if (content.size() < change.offset + change.bytes.size()) content.resize(change.offset + change.bytes.size());
  std::copy(change.bytes.begin(), change.bytes.end(), content.begin() + static_cast<std::ptrdiff_t>(change.offset));
}

}  // namespace

struct FaultVfs::File {
  ~File() {
    for (char* region : regions) std::free(region);
  }
  Blob content;
  Blob synced;
  bool entry_synced = false;     // it is in its directory for good
  std::vector<Change> unsynced;  // what leads from `synced` to `content`
  std::vector<Handle*> handles;
  std::vector<char*> regions;  // of its shared memory
  std::array<int, kShmLocks> shared{};
  std::array<bool, kShmLocks> exclusive{};
};

namespace {

struct Handle : sqlite3_file {
  FaultVfs* vfs;
  std::shared_ptr<FaultVfs::File> file;
  int level = SQLITE_LOCK_NONE;
  bool mapped = false;
  unsigned shared = 0;  // a bit a lock of the shared memory
  unsigned exclusive = 0;
};

Handle& handle_of(sqlite3_file* file) { return *static_cast<Handle*>(file); }
FaultVfs& vfs_of(sqlite3_vfs* vfs) { return *static_cast<FaultVfs*>(vfs->pAppData); }

void release_shared_memory(Handle& handle) {
  for (int i = 0; i < kShmLocks; ++i) {
    const auto at = static_cast<std::size_t>(i);
    if ((handle.shared >> i & 1U) != 0) --handle.file->shared[at];
    if ((handle.exclusive >> i & 1U) != 0) handle.file->exclusive[at] = false;
  }
  handle.shared = handle.exclusive = 0;
}

}  // namespace

bool FaultVfs::fails(Fault& fault) {
  if (crashed_) {
    fault = Fault::kError;
    return true;
  }
  ++counted_;
  if (failing_ == 0 || (from_then_on_ ? counted_ < failing_ : counted_ != failing_)) return false;
  fault = fault_;
  crashed_ = fault_ == Fault::kCrash;
  return true;
}

struct FaultVfsCalls {
  static bool fails(FaultVfs& vfs, Fault& fault) { return vfs.fails(fault); }
  static bool fails(sqlite3_file* file) {
    Fault fault = Fault::kError;
    return handle_of(file).vfs->fails(fault);
  }

  // --- a file ---

  static int close(sqlite3_file* base) {
    const UncountedAllocations mine;
    Handle& handle = handle_of(base);
    release_shared_memory(handle);
    std::erase(handle.file->handles, &handle);
    handle.~Handle();
    return SQLITE_OK;
  }

  static int read(sqlite3_file* base, void* out, int count, sqlite3_int64 offset) {
    if (fails(base)) return SQLITE_IOERR_READ;
    const Blob& content = handle_of(base).file->content;
    const auto wanted = static_cast<std::size_t>(count);
    const std::size_t from = std::min(content.size(), static_cast<std::size_t>(offset));
    const std::size_t there = std::min(wanted, content.size() - from);
    std::memset(out, 0, wanted);
    if (there != 0) std::memcpy(out, content.data() + from, there);
    return there == wanted ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
  }

  static int write(sqlite3_file* base, const void* bytes, int count, sqlite3_int64 offset) {
    const UncountedAllocations mine;
    Handle& handle = handle_of(base);
    const bool dead = handle.vfs->crashed_;
    Fault fault = Fault::kError;
    const bool failed = fails(*handle.vfs, fault);
    auto size = static_cast<std::size_t>(count);
    if (failed && fault == Fault::kPartial) size /= 2;
    const auto* first = static_cast<const std::uint8_t*>(bytes);
    FaultVfs::Change change{false, static_cast<std::size_t>(offset), Blob(first, first + size)};
    const bool done = !failed || fault == Fault::kPartial || (fault == Fault::kCrash && !dead);
    if (done) {
      carry_out(handle.file->content, change);
      handle.file->unsynced.push_back(std::move(change));
    }
    if (!failed) return SQLITE_OK;
    return fault == Fault::kScarce || fault == Fault::kPartial ? SQLITE_FULL : SQLITE_IOERR_WRITE;
  }

  static int truncate(sqlite3_file* base, sqlite3_int64 size) {
    const UncountedAllocations mine;
    if (fails(base)) return SQLITE_IOERR_TRUNCATE;
    FaultVfs::Change change{true, static_cast<std::size_t>(size), {}};
    carry_out(handle_of(base).file->content, change);
    handle_of(base).file->unsynced.push_back(std::move(change));
    return SQLITE_OK;
  }

  static int sync(sqlite3_file* base, int) {
    const UncountedAllocations mine;
    if (fails(base)) return SQLITE_IOERR_FSYNC;
    FaultVfs::File& file = *handle_of(base).file;
    file.synced = file.content;
    file.unsynced.clear();
    file.entry_synced = true;
    handle_of(base).vfs->removed_.clear();
    return SQLITE_OK;
  }

  static int file_size(sqlite3_file* base, sqlite3_int64* size) {
    if (fails(base)) return SQLITE_IOERR_FSTAT;
    *size = static_cast<sqlite3_int64>(handle_of(base).file->content.size());
    return SQLITE_OK;
  }

  static int highest_of_others(const Handle& handle) {
    int highest = SQLITE_LOCK_NONE;
    for (const Handle* other : handle.file->handles) {
      if (other != &handle) highest = std::max(highest, other->level);
    }
    return highest;
  }

  static int lock(sqlite3_file* base, int level) {
    Handle& handle = handle_of(base);
    if (handle.level >= level) return SQLITE_OK;
    Fault fault = Fault::kError;
    if (fails(*handle.vfs, fault)) return fault == Fault::kScarce ? SQLITE_BUSY : SQLITE_IOERR_LOCK;
    const int most = level == SQLITE_LOCK_SHARED     ? SQLITE_LOCK_RESERVED
                     : level == SQLITE_LOCK_RESERVED ? SQLITE_LOCK_SHARED
                                                     : SQLITE_LOCK_NONE;
    if (highest_of_others(handle) > most) return SQLITE_BUSY;
    handle.level = level;
    return SQLITE_OK;
  }

  static int unlock(sqlite3_file* base, int level) {
    handle_of(base).level = std::min(handle_of(base).level, level);
    return SQLITE_OK;
  }

  static int check_reserved_lock(sqlite3_file* base, int* out) {
    if (fails(base)) return SQLITE_IOERR_CHECKRESERVEDLOCK;
    *out = highest_of_others(handle_of(base)) >= SQLITE_LOCK_RESERVED ? 1 : 0;
    return SQLITE_OK;
  }

  static int file_control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
  static int sector_size(sqlite3_file*) { return static_cast<int>(kSector); }
  static int characteristics(sqlite3_file*) { return 0; }

  // --- shared memory ---

  static int shm_map(sqlite3_file* base, int number, int size, int extend, void volatile** out) {
    const UncountedAllocations mine;
    *out = nullptr;
    if (fails(base)) return SQLITE_IOERR_SHMMAP;
    std::vector<char*>& regions = handle_of(base).file->regions;
    handle_of(base).mapped = true;
    const auto wanted = static_cast<std::size_t>(number) + 1;
    while (extend != 0 && regions.size() < wanted)
      regions.push_back(static_cast<char*>(std::calloc(1, static_cast<std::size_t>(size))));
    if (regions.size() >= wanted) *out = regions[wanted - 1];
    return SQLITE_OK;
  }

  static int shm_lock(sqlite3_file* base, int first, int count, int flags) {
    Handle& handle = handle_of(base);
    FaultVfs::File& file = *handle.file;
    Fault fault = Fault::kError;
    const bool unlocks = (flags & SQLITE_SHM_UNLOCK) != 0;
    if (!unlocks && fails(*handle.vfs, fault)) return fault == Fault::kScarce ? SQLITE_BUSY : SQLITE_IOERR_SHMLOCK;
    for (int i = first; !unlocks && i < first + count; ++i) {
      const auto at = static_cast<std::size_t>(i);
      const int others = file.shared[at] - static_cast<int>(handle.shared >> i & 1U);
      const bool taken = file.exclusive[at] && (handle.exclusive >> i & 1U) == 0;
      if (taken || ((flags & SQLITE_SHM_EXCLUSIVE) != 0 && others > 0)) return SQLITE_BUSY;
    }
    for (int i = first; i < first + count; ++i) {
      const auto at = static_cast<std::size_t>(i);
      const unsigned bit = 1U << i;
      if (unlocks) {
        if ((handle.shared & bit) != 0) --file.shared[at];
        if ((handle.exclusive & bit) != 0) file.exclusive[at] = false;
        handle.shared &= ~bit;
        handle.exclusive &= ~bit;
      } else if ((flags & SQLITE_SHM_SHARED) != 0) {
        if ((handle.shared & bit) == 0) ++file.shared[at];
        handle.shared |= bit;
      } else {
        file.exclusive[at] = true;
        handle.exclusive |= bit;
      }
    }
    return SQLITE_OK;
  }

  static void shm_barrier(sqlite3_file*) {}

  static int shm_unmap(sqlite3_file* base, int) {
    Handle& handle = handle_of(base);
    release_shared_memory(handle);
    handle.mapped = false;
    for (const Handle* other : handle.file->handles) {
      if (other->mapped) return SQLITE_OK;
    }
    for (char* region : handle.file->regions) std::free(region);
    handle.file->regions.clear();
    return SQLITE_OK;
  }

  // --- the directory ---

  static int open(sqlite3_vfs* base, const char* name, sqlite3_file* out, int flags, int* flags_out) {
    const UncountedAllocations mine;
    static const sqlite3_io_methods kMethods = {2,
                                                close,
                                                read,
                                                write,
                                                truncate,
                                                sync,
                                                file_size,
                                                lock,
                                                unlock,
                                                check_reserved_lock,
                                                file_control,
                                                sector_size,
                                                characteristics,
                                                shm_map,
                                                shm_lock,
                                                shm_barrier,
                                                shm_unmap,
                                                nullptr,
                                                nullptr};
    FaultVfs& vfs = vfs_of(base);
    out->pMethods = nullptr;
    Fault fault = Fault::kError;
    if (fails(vfs, fault)) return SQLITE_CANTOPEN;
    std::shared_ptr<FaultVfs::File> file;
    if (name == nullptr) {
      file = std::make_shared<FaultVfs::File>();
    } else if (const auto found = vfs.files_.find(name); found != vfs.files_.end()) {
      file = found->second;
    } else if ((flags & SQLITE_OPEN_CREATE) == 0) {
      return SQLITE_CANTOPEN;
    } else {
      file = vfs.files_[name] = std::make_shared<FaultVfs::File>();
      vfs.removed_.erase(name);
    }
    auto* handle = new (out) Handle();
    handle->vfs = &vfs;
    handle->file = std::move(file);
    handle->file->handles.push_back(handle);
    handle->pMethods = &kMethods;
    if (flags_out != nullptr) *flags_out = flags;
    return SQLITE_OK;
  }

  static int remove(sqlite3_vfs* base, const char* name, int sync_directory) {
    const UncountedAllocations mine;
    FaultVfs& vfs = vfs_of(base);
    Fault fault = Fault::kError;
    if (fails(vfs, fault)) return SQLITE_IOERR_DELETE;
    const auto found = vfs.files_.find(name);
    if (found == vfs.files_.end()) return SQLITE_IOERR_DELETE_NOENT;
    if (sync_directory == 0) vfs.removed_[name] = found->second;
    vfs.files_.erase(found);
    return SQLITE_OK;
  }

  static int access(sqlite3_vfs* base, const char* name, int, int* out) {
    const UncountedAllocations mine;
    Fault fault = Fault::kError;
    if (fails(vfs_of(base), fault)) return SQLITE_IOERR_ACCESS;
    const auto found = vfs_of(base).files_.find(name);
    *out = found != vfs_of(base).files_.end() ? 1 : 0;
    return SQLITE_OK;
  }

  /// SQLite waits for locks in WAL that nobody here will ever let go.
  static int sleep(sqlite3_vfs*, int microseconds) { return microseconds; }

  static int full_pathname(sqlite3_vfs*, const char* name, int size, char* out) {
    sqlite3_snprintf(size, out, "%s", name);
    return SQLITE_OK;
  }
};

FaultVfs::FaultVfs() : vfs_(std::make_unique<sqlite3_vfs>(*sqlite3_vfs_find(nullptr))) {
  static int number = 0;
  name_ = "fault-" + std::to_string(++number);
  vfs_->iVersion = 1;
  vfs_->szOsFile = sizeof(Handle);
  vfs_->pNext = nullptr;
  vfs_->zName = name_.c_str();
  vfs_->pAppData = this;
  vfs_->xOpen = FaultVfsCalls::open;
  vfs_->xDelete = FaultVfsCalls::remove;
  vfs_->xAccess = FaultVfsCalls::access;
  vfs_->xFullPathname = FaultVfsCalls::full_pathname;
  vfs_->xSleep = FaultVfsCalls::sleep;
  // Randomness and time stay those of the default one, which do without its data.
  if (sqlite3_vfs_register(vfs_.get(), 0) != SQLITE_OK) throw std::runtime_error("no VFS " + name_);
}

FaultVfs::~FaultVfs() { sqlite3_vfs_unregister(vfs_.get()); }

Blob FaultVfs::read(const std::string& file) const {
  const auto found = files_.find(file);
  return found == files_.end() ? Blob() : found->second->content;
}

void FaultVfs::reset(const std::string& file, const Blob& content) {
  files_.clear();
  removed_.clear();
  auto made = std::make_shared<File>();
  made->content = made->synced = content;
  made->entry_synced = true;
  files_[file] = std::move(made);
  counted_ = failing_ = 0;
  crashed_ = false;
}

void FaultVfs::fail(long nth, Fault fault, bool from_then_on) {
  counted_ = 0;
  failing_ = nth;
  fault_ = fault;
  from_then_on_ = from_then_on;
}

void FaultVfs::reopen(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto by_chance = [&] { return (random() >> 20 & 1U) != 0; };
  for (const auto& [name, file] : removed_) {
    if (by_chance()) files_.emplace(name, file);
  }
  removed_.clear();
  std::map<std::string, std::shared_ptr<File>> left;
  for (const auto& [name, file] : files_) {
    if (!file->entry_synced && by_chance()) continue;
    auto found = std::make_shared<File>();
    found->content = file->synced;
    for (const Change& change : file->unsynced) {
      if (change.truncates && by_chance()) carry_out(found->content, change);
      for (std::size_t done = 0; done < change.bytes.size();) {
        const std::size_t size = std::min(change.bytes.size() - done, kSector - (change.offset + done) % kSector);
        const auto first = change.bytes.begin() + static_cast<std::ptrdiff_t>(done);
        if (by_chance())
          carry_out(found->content,
                    {false, change.offset + done, Blob(first, first + static_cast<std::ptrdiff_t>(size))});
        done += size;
      }
    }
    found->synced = found->content;
    found->entry_synced = true;
    left[name] = std::move(found);
  }
  files_ = std::move(left);
  counted_ = failing_ = 0;
  crashed_ = false;
}

}  // namespace rejoin::test

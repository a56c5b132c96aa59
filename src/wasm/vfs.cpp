// SQLite's file systems, as JavaScript objects: a sqlite3_vfs that hands each call to the object that was registered
// for it (glue.js), and, where none was, one that has no files, for databases in memory.
#include <sqlite3.h>

#include <cstdlib>
#include <cstring>
#include <iterator>

// Implemented in library.js. Offsets go by pointer, so that no 64-bit number crosses into JavaScript.
extern "C" {
int vfsOpen(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags);
int vfsDelete(sqlite3_vfs* vfs, const char* name, int sync_directory);
int vfsAccess(sqlite3_vfs* vfs, const char* name, int flags, int* result);
int vfsClose(sqlite3_file* file);
int vfsRead(sqlite3_file* file, void* bytes, int size, const sqlite3_int64* offset);
int vfsWrite(sqlite3_file* file, const void* bytes, int size, const sqlite3_int64* offset);
int vfsTruncate(sqlite3_file* file, const sqlite3_int64* size);
int vfsSync(sqlite3_file* file, int flags);
int vfsFileSize(sqlite3_file* file, sqlite3_int64* size);
int vfsLock(sqlite3_file* file, int lock);
int vfsUnlock(sqlite3_file* file, int lock);
int vfsCheckReservedLock(sqlite3_file* file, int* result);
int vfsFileControl(sqlite3_file* file, int what, void* argument);
int vfsSectorSize(sqlite3_file* file);
int vfsDeviceCharacteristics(sqlite3_file* file);
void jsRandom(char* bytes, int size);
double jsNow();
}

namespace {

int read(sqlite3_file* file, void* bytes, int size, sqlite3_int64 offset) {
  return vfsRead(file, bytes, size, &offset);
}

int write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 offset) {
  return vfsWrite(file, bytes, size, &offset);
}

int truncate(sqlite3_file* file, sqlite3_int64 size) { return vfsTruncate(file, &size); }

// Version 1: without shared memory, so no WAL, and without memory mapping.
constexpr sqlite3_io_methods kMethods = {
    1,
    vfsClose,
    read,
    write,
    truncate,
    vfsSync,
    vfsFileSize,
    vfsLock,
    vfsUnlock,
    vfsCheckReservedLock,
    vfsFileControl,
    vfsSectorSize,
    vfsDeviceCharacteristics,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
};

// A name that came as a URI, with its parameters behind it again: name?key=value&key=value.
char* name_with_parameters(const char* name) {
  sqlite3_str* text = sqlite3_str_new(nullptr);
  sqlite3_str_appendall(text, name);
  for (int i = 0; const char* key = sqlite3_uri_key(name, i); ++i) {
    sqlite3_str_appendf(text, "%c%s=%s", i == 0 ? '?' : '&', key, sqlite3_uri_parameter(name, key));
  }
  return sqlite3_str_finish(text);
}

int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  int ignored = 0;
  file->pMethods = &kMethods;
  char* whole = nullptr;
  if (name != nullptr && (flags & SQLITE_OPEN_URI) != 0) {
    whole = name_with_parameters(name);
    if (whole == nullptr) return SQLITE_NOMEM;
  }
  const int code =
      vfsOpen(vfs, whole != nullptr ? whole : name, file, flags, out_flags != nullptr ? out_flags : &ignored);
  sqlite3_free(whole);
  if (code != SQLITE_OK) file->pMethods = nullptr;
  return code;
}

int full_pathname(sqlite3_vfs*, const char* name, int size, char* out) {
  if (std::strlen(name) >= static_cast<std::size_t>(size)) return SQLITE_CANTOPEN;
  sqlite3_snprintf(size, out, "%s", name);
  return SQLITE_OK;
}

int randomness(sqlite3_vfs*, int size, char* out) {
  jsRandom(out, size);
  return size;
}

// Nobody else runs while we do, so nothing comes true by waiting.
int sleep(sqlite3_vfs*, int) { return 0; }

int current_time64(sqlite3_vfs*, sqlite3_int64* out) {
  constexpr sqlite3_int64 kUnixEpoch = 210866760000000;  // in milliseconds of the Julian day
  *out = kUnixEpoch + static_cast<sqlite3_int64>(jsNow());
  return SQLITE_OK;
}

int current_time(sqlite3_vfs* vfs, double* out) {
  sqlite3_int64 now = 0;
  current_time64(vfs, &now);
  *out = static_cast<double>(now) / 86400000.0;
  return SQLITE_OK;
}

int last_error(sqlite3_vfs*, int, char*) { return 0; }

int open_nothing(sqlite3_vfs*, const char*, sqlite3_file* file, int, int*) {
  file->pMethods = nullptr;
  return SQLITE_CANTOPEN;
}

int delete_nothing(sqlite3_vfs*, const char*, int) { return SQLITE_IOERR_DELETE_NOENT; }

int find_nothing(sqlite3_vfs*, const char*, int, int* result) {
  *result = 0;
  return SQLITE_OK;
}

sqlite3_vfs vfs_of(const char* name, int longest) {
  sqlite3_vfs vfs{};
  vfs.iVersion = 2;
  vfs.szOsFile = sizeof(sqlite3_file);
  vfs.mxPathname = longest;
  vfs.zName = name;
  vfs.xOpen = open;
  vfs.xDelete = vfsDelete;
  vfs.xAccess = vfsAccess;
  vfs.xFullPathname = full_pathname;
  vfs.xRandomness = randomness;
  vfs.xSleep = sleep;
  vfs.xCurrentTime = current_time;
  vfs.xGetLastError = last_error;
  vfs.xCurrentTimeInt64 = current_time64;
  return vfs;
}

}  // namespace

extern "C" {

// SQLite asks for its file systems when it starts (SQLITE_OS_OTHER).
int sqlite3_os_init() {
  static sqlite3_vfs none = vfs_of("none", 64);
  none.xOpen = open_nothing;
  none.xDelete = delete_nothing;
  none.xAccess = find_nothing;
  return sqlite3_vfs_register(&none, 1);
}

int sqlite3_os_end() { return SQLITE_OK; }

/// Registers a file system by that name, for as long as the module lives; its address goes to `*out`.
int register_vfs(const char* name, int longest, int is_default, sqlite3_vfs** out) {
  auto* vfs = static_cast<sqlite3_vfs*>(std::malloc(sizeof(sqlite3_vfs)));
  char* kept = ::strdup(name);
  if (vfs == nullptr || kept == nullptr) {
    std::free(vfs);
    std::free(kept);
    return SQLITE_NOMEM;
  }
  *vfs = vfs_of(kept, longest);
  *out = vfs;
  return sqlite3_vfs_register(vfs, is_default);
}

}  // extern "C"

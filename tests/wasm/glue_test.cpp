// The C++ of the package for browsers, natively, with JavaScript's part played by C++: so that the sanitizers see it.

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include <rejoin/replica.hpp>

// What the module exports (src/wasm).
extern "C" {
struct Talk;
struct Past;
int RegisterExtensionFunctions(sqlite3* db);
int register_vfs(const char* name, int longest, int is_default, sqlite3_vfs** out);
int create_function(sqlite3* db, const char* name, int arguments, int encoding, int id, int is_aggregate);
void update_hook(sqlite3* db, int id);
void rollback_hook(sqlite3* db);
int set_authorizer(sqlite3* db, int is_on);
void progress_handler(sqlite3* db, int operations);
const char* replica_digest(sqlite3* db, const char* table);
Past* past_begin();
void past_end(Past* past);
Talk* session_begin(sqlite3* db, const Past* past, int repair);
void session_end(Talk* talk);
const char* session_error(const Talk* talk);
int session_receive(Talk* talk, const std::uint8_t* bytes, int size);
int session_next(Talk* talk);
const std::uint8_t* session_bytes(const Talk* talk);
int session_size(const Talk* talk);
int session_tick(Talk* talk, double now);
int session_settled(const Talk* talk);
}

namespace {

// The browser's side: files by name, what callbacks were called with.
struct Browser {
  std::map<std::string, std::vector<std::uint8_t>> files;
  std::map<sqlite3_file*, std::string> open;
  std::vector<std::string> events;
  int sum = 0;
  int answer = 0;  // of authorizer and progress handler
  int full_after = -1;
};

Browser browser;

std::vector<std::uint8_t>& bytes_of(sqlite3_file* file) { return browser.files[browser.open[file]]; }

}  // namespace

extern "C" {

int vfsOpen(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  if (name == nullptr || (browser.files.count(name) == 0 && (flags & SQLITE_OPEN_CREATE) == 0)) return SQLITE_CANTOPEN;
  browser.files[name];
  browser.open[file] = name;
  *out_flags = flags;
  return SQLITE_OK;
}
int vfsDelete(sqlite3_vfs*, const char* name, int) {
  return browser.files.erase(name) > 0 ? SQLITE_OK : SQLITE_IOERR_DELETE_NOENT;
}
int vfsAccess(sqlite3_vfs*, const char* name, int, int* result) {
  *result = browser.files.count(name) > 0 ? 1 : 0;
  return SQLITE_OK;
}
int vfsClose(sqlite3_file* file) {
  browser.open.erase(file);
  return SQLITE_OK;
}
int vfsRead(sqlite3_file* file, void* out, int size, const sqlite3_int64* offset) {
  const auto& bytes = bytes_of(file);
  const auto from = static_cast<std::size_t>(*offset);
  const std::size_t there = from >= bytes.size() ? 0 : std::min(static_cast<std::size_t>(size), bytes.size() - from);
  if (there > 0) std::memcpy(out, bytes.data() + from, there);
  std::memset(static_cast<char*>(out) + there, 0, static_cast<std::size_t>(size) - there);
  return there == static_cast<std::size_t>(size) ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}
int vfsWrite(sqlite3_file* file, const void* data, int size, const sqlite3_int64* offset) {
  if (browser.full_after == 0) return SQLITE_FULL;
  if (browser.full_after > 0) --browser.full_after;
  auto& bytes = bytes_of(file);
  const auto end = static_cast<std::size_t>(*offset) + static_cast<std::size_t>(size);
  if (bytes.size() < end) bytes.resize(end);
  std::memcpy(bytes.data() + *offset, data, static_cast<std::size_t>(size));
  return SQLITE_OK;
}
int vfsTruncate(sqlite3_file* file, const sqlite3_int64* size) {
  bytes_of(file).resize(static_cast<std::size_t>(*size));
  return SQLITE_OK;
}
int vfsSync(sqlite3_file*, int) { return SQLITE_OK; }
int vfsFileSize(sqlite3_file* file, sqlite3_int64* size) {
  *size = static_cast<sqlite3_int64>(bytes_of(file).size());
  return SQLITE_OK;
}
int vfsLock(sqlite3_file*, int) { return SQLITE_OK; }
int vfsUnlock(sqlite3_file*, int) { return SQLITE_OK; }
int vfsCheckReservedLock(sqlite3_file*, int* result) {
  *result = 0;
  return SQLITE_OK;
}
int vfsFileControl(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
int vfsSectorSize(sqlite3_file*) { return 4096; }
int vfsDeviceCharacteristics(sqlite3_file*) { return 0; }
void jsRandom(char* bytes, int size) {
  for (int i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 7 + static_cast<int>(browser.open.size()));
}
double jsNow() { return 1700000000000.0; }
void jsFunction(int id, sqlite3_context* context, int count, sqlite3_value** values) {
  sqlite3_result_int(context, id + count + sqlite3_value_int(values[0]));
}
void jsStep(int, sqlite3_context*, int, sqlite3_value** values) { browser.sum += sqlite3_value_int(values[0]); }
void jsFinal(int, sqlite3_context* context) { sqlite3_result_int(context, browser.sum); }
void jsUpdateHook(int id, int type, const char* database, const char* table, const sqlite3_int64* row) {
  browser.events.push_back(std::to_string(id) + " " + std::to_string(type) + " " + database + "." + table + " " +
                           std::to_string(*row));
}
void jsRollbackHook(sqlite3*) { browser.events.push_back("rollback"); }
int jsAuthorize(sqlite3*, int, const char*, const char*, const char*, const char*) { return browser.answer; }
int jsProgress(sqlite3*) { return browser.answer; }

}  // extern "C"

namespace {

// A connection in the browser's files, attached; closed at its end.
struct Connection {
  explicit Connection(const char* name, const char* vfs = "js") {
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI;
    EXPECT_EQ(sqlite3_open_v2(name, &db, flags, vfs), SQLITE_OK) << sqlite3_errmsg(db);
    EXPECT_EQ(RegisterExtensionFunctions(db), SQLITE_OK) << sqlite3_errmsg(db);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() { EXPECT_EQ(sqlite3_close(db), SQLITE_OK); }

  int run(const std::string& sql) { return sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr); }
  std::string value(const std::string& sql) {
    std::string text;
    const auto take = [](void* out, int, char** values, char**) {
      *static_cast<std::string*>(out) = values[0] != nullptr ? values[0] : "NULL";
      return 0;
    };
    EXPECT_EQ(sqlite3_exec(db, sql.c_str(), take, &text, nullptr), SQLITE_OK) << sqlite3_errmsg(db);
    return text;
  }

  sqlite3* db = nullptr;
};

constexpr const char* kTable = "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, a); SELECT crsql_as_crr('t')";

struct GlueTest : testing::Test {
  GlueTest() {
    browser = Browser();
    if (sqlite3_vfs_find("js") == nullptr) {
      sqlite3_vfs* vfs = nullptr;
      EXPECT_EQ(register_vfs("js", 64, 0, &vfs), SQLITE_OK);
      EXPECT_EQ(vfs, sqlite3_vfs_find("js"));
    }
  }
};

TEST_F(GlueTest, ADatabaseIsInTheBrowsersFiles) {
  {
    Connection one("kept.db");
    ASSERT_EQ(one.run(kTable), SQLITE_OK);
    ASSERT_EQ(one.run("INSERT INTO t VALUES (1, 'x'), (2, randomblob(100000))"), SQLITE_OK);
    ASSERT_EQ(one.run("BEGIN; DELETE FROM t; ROLLBACK"), SQLITE_OK);
    EXPECT_EQ(one.value("SELECT strftime('%s', 'now')"), "1700000000");
  }
  EXPECT_EQ(browser.files.size(), 1U) << "no journal is left";
  EXPECT_GT(browser.files["kept.db"].size(), 100000U);
  Connection again("kept.db");
  EXPECT_EQ(again.value("SELECT count(*) FROM t"), "2");
  EXPECT_EQ(again.value("PRAGMA integrity_check"), "ok");
}

TEST_F(GlueTest, NamesKeepTheParametersOfTheirUri) {
  Connection one("file:kept.db?a=1&b=x%20y");
  ASSERT_EQ(one.run("CREATE TABLE t (a)"), SQLITE_OK);
  EXPECT_EQ(browser.files.count("kept.db?a=1&b=x y"), 1U);
}

TEST_F(GlueTest, AnInterruptedTransactionIsRolledBackByTheNextOne) {
  Connection one("kept.db");
  ASSERT_EQ(one.run(std::string(kTable) + "; INSERT INTO t VALUES (1, 'x')"), SQLITE_OK);
  ASSERT_EQ(one.run("PRAGMA cache_size = 2; BEGIN; UPDATE t SET a = 'y'"), SQLITE_OK);
  ASSERT_EQ(one.run("WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 200) "
                    "INSERT INTO t SELECT i, randomblob(2000) FROM n"),
            SQLITE_OK);
  auto left = browser.files;
  EXPECT_GT(left["kept.db-journal"].size(), 512U) << "pages were written before the end";
  ASSERT_EQ(one.run("ROLLBACK"), SQLITE_OK);
  for (const auto& [name, bytes] : left) browser.files["crashed" + name.substr(4)] = bytes;
  Connection next("crashed.db");
  EXPECT_EQ(next.value("SELECT group_concat(a) FROM t"), "x");
  EXPECT_EQ(next.value("PRAGMA integrity_check"), "ok");
}

TEST_F(GlueTest, AFullDiskIsAnErrorAndNothingIsHalfDone) {
  Connection one("kept.db");
  ASSERT_EQ(one.run(std::string(kTable) + "; INSERT INTO t VALUES (1, 'x')"), SQLITE_OK);
  for (int writes = 0; writes < 12; ++writes) {
    browser.full_after = writes;
    const int code = one.run("UPDATE t SET a = randomblob(9000)");
    browser.full_after = -1;
    if (code == SQLITE_OK) break;
    EXPECT_EQ(code, SQLITE_FULL);
    EXPECT_EQ(one.value("SELECT a FROM t"), "x") << writes;
  }
  EXPECT_EQ(one.value("PRAGMA integrity_check"), "ok");
}

TEST_F(GlueTest, ThereIsOneFileSystemForMemoryAlone) {
  Connection memory(":memory:", nullptr);
  ASSERT_EQ(memory.run(kTable), SQLITE_OK);
  sqlite3* db = nullptr;
  EXPECT_EQ(sqlite3_open_v2(std::string(100, 'x').c_str(), &db, SQLITE_OPEN_READWRITE, "js"), SQLITE_CANTOPEN);
  sqlite3_close(db);
}

TEST_F(GlueTest, CallbacksHaveTheirNumbersAndWhatTheyAreTold) {
  Connection one("kept.db");
  ASSERT_EQ(one.run(kTable), SQLITE_OK);
  update_hook(one.db, 7);
  rollback_hook(one.db);
  ASSERT_EQ(one.run("INSERT INTO t VALUES (-9223372036854775807, 1)"), SQLITE_OK);
  ASSERT_EQ(one.run("BEGIN; UPDATE t SET a = 2; ROLLBACK"), SQLITE_OK);
  const auto events = browser.events;
  EXPECT_EQ(events.front(), "7 18 main.t -9223372036854775807");
  EXPECT_EQ(events.back(), "rollback");
  update_hook(one.db, -1);
  browser.events.clear();
  ASSERT_EQ(one.run("DELETE FROM t"), SQLITE_OK);
  EXPECT_TRUE(browser.events.empty());

  ASSERT_EQ(create_function(one.db, "f", 2, SQLITE_UTF8, 40, 0), SQLITE_OK);
  EXPECT_EQ(one.value("SELECT f(1, 2)"), "43");
  ASSERT_EQ(create_function(one.db, "g", 1, SQLITE_UTF8, 1, 1), SQLITE_OK);
  EXPECT_EQ(one.value("SELECT g(column1) FROM (VALUES (1), (2), (3))"), "6");

  browser.answer = SQLITE_DENY;
  ASSERT_EQ(set_authorizer(one.db, 1), SQLITE_OK);
  EXPECT_EQ(one.run("SELECT 1"), SQLITE_AUTH);
  ASSERT_EQ(set_authorizer(one.db, 0), SQLITE_OK);
  browser.answer = 1;
  progress_handler(one.db, 1);
  EXPECT_EQ(one.run("SELECT 1"), SQLITE_INTERRUPT);
  progress_handler(one.db, 0);
  EXPECT_EQ(one.run("SELECT 1"), SQLITE_OK);
}

// Carries what both say until neither has more; false where one ended it.
bool talk(Talk* a, Talk* b) {
  for (bool more = true; more;) {
    more = false;
    for (auto [from, to] : {std::pair(a, b), std::pair(b, a)}) {
      for (int said = 0; (said = session_next(from)) != 0; more = true) {
        if (said < 0 || session_receive(to, session_bytes(from), session_size(from)) != 0) return false;
      }
    }
  }
  return true;
}

// That they are as crsqlite-wasm's is said by dropin_functions_test.mjs.
TEST_F(GlueTest, TheDropInsFunctions) {
  Connection one("kept.db");
  EXPECT_EQ(one.value("SELECT log(1) + ceil(1.5) + sign(-3) + square(4) + power(2, 3) || acos(2) IS NULL"), "1");
  EXPECT_EQ(one.value("SELECT typeof(ceil(1.5)) || typeof(ceil(1e19)) || typeof(square(1 << 40)) || typeof(sign(2.0))"),
            "integerrealrealreal");
  EXPECT_EQ(one.value("SELECT round(cot(1), 4) || ' ' || round(coth(1), 4) || ' ' || degrees(radians(90))"),
            "0.6421 1.313 90.0");
  EXPECT_EQ(one.value("SELECT reverse('aäb') || proper(' to BE') || leftstr('äöü', 2) || rightstr('äöü', 1)"),
            "bäa To Beäöü");
  EXPECT_EQ(one.value("SELECT padl('ä', 3) || padr('b', 3) || padc('c', 4) || '.' || replicate('xy', 2)"),
            "  äb   c  .xyxy");
  EXPECT_EQ(one.value("SELECT strfilter('Tel. 0-12', '0123') || charindex('b', 'äbb') || charindex('b', 'äbb', 3) || "
                      "charindex('', 'a') || difference('Robert', 'Rupert')"),
            "0122304");
  EXPECT_EQ(one.value("SELECT padl(NULL, 1) IS NULL AND leftstr('a', NULL) IS NULL AND square(NULL) IS NULL"), "1");
  for (const char* call :
       {"rightstr('a', -1)", "padl('a', -1)", "replicate('a', -1)", "replicate('ab', 1 << 62)", "padc('a', 1 << 62)"}) {
    EXPECT_NE(one.run(std::string("SELECT ") + call), SQLITE_OK) << call;
  }
  EXPECT_EQ(one.run("CREATE TABLE n (x); INSERT INTO n VALUES (4), (1), (NULL), (2), (2), (1e3)"), SQLITE_OK);
  EXPECT_EQ(one.value("SELECT median(x) || ' ' || mode(x) || ' ' || lower_quartile(x) || ' ' || upper_quartile(x) || "
                      "' ' || median(-0.5 - x) || ' ' || variance(x * 0.5) FROM n"),
            "2 2 2 4 -2.5 49775.55");
  EXPECT_EQ(one.value("SELECT stdev(x) || median(x) IS NULL FROM n WHERE x > 1e9"), "1");
  EXPECT_NE(one.run("SELECT median(padl(x, 3 - x)) FROM n"), SQLITE_OK) << "in the middle; nothing may leak";
}

TEST_F(GlueTest, SessionsMakeTwoDatabasesEqual) {
  Connection one("one.db");
  Connection two("two.db");
  ASSERT_EQ(one.run(std::string(kTable) + "; INSERT INTO t VALUES (1, 'x'), (2, 'y')"), SQLITE_OK);
  Past* past[] = {past_begin(), past_begin()};
  Talk* a = session_begin(one.db, past[0], 0);
  Talk* b = session_begin(two.db, past[1], 1);
  ASSERT_STREQ(session_error(a), "");
  ASSERT_STREQ(session_error(b), "");
  ASSERT_TRUE(talk(a, b)) << session_error(a) << session_error(b);
  ASSERT_EQ(session_tick(a, 1000), 0);
  EXPECT_EQ(session_settled(a), 1);
  EXPECT_EQ(two.value("SELECT group_concat(a) FROM t"), "x,y");
  const std::string digest = replica_digest(one.db, "");
  EXPECT_EQ(digest.size(), 32U);
  EXPECT_EQ(digest, replica_digest(two.db, "t"));
  ASSERT_EQ(two.run("UPDATE t SET a = 'z' WHERE id = 1"), SQLITE_OK);
  EXPECT_NE(digest, replica_digest(two.db, ""));
  ASSERT_EQ(session_next(b), 1);
  ASSERT_EQ(one.run("BEGIN"), SQLITE_OK);
  EXPECT_EQ(session_receive(a, session_bytes(b), session_size(b)), -2) << "a transaction is open";
  ASSERT_EQ(one.run("END"), SQLITE_OK);
  EXPECT_EQ(session_receive(a, session_bytes(b), session_size(b)), 0);
  EXPECT_STREQ(replica_digest(two.db, ""), std::string(replica_digest(one.db, "")).c_str());
  const std::vector<std::uint8_t> rubbish(20, 0xff);
  EXPECT_EQ(session_receive(a, rubbish.data(), 20), -1);
  EXPECT_STRNE(session_error(a), "");
  session_end(a);
  session_end(b);

  // Beginning again and again is not like opening the file again and again.
  const std::string epochs = one.value("SELECT value FROM crsql_master WHERE key = 'note.sync.timeline'");
  EXPECT_FALSE(epochs.empty());
  a = session_begin(one.db, past[0], 0);
  b = session_begin(two.db, past[1], 0);
  ASSERT_TRUE(talk(a, b));
  EXPECT_EQ(one.value("SELECT value FROM crsql_master WHERE key = 'note.sync.timeline'"), epochs);
  session_end(a);
  session_end(b);
  for (Past* of : past) past_end(of);
}

TEST_F(GlueTest, WhatCannotBeSaysWhy) {
  EXPECT_EQ(std::string(replica_digest(nullptr, "")).substr(0, 1), "!");
  EXPECT_GT(std::string(replica_digest(nullptr, "")).size(), 1U);
  Past* past = past_begin();
  Talk* none = session_begin(nullptr, past, 0);
  EXPECT_STRNE(session_error(none), "");
  session_end(none);
  past_end(past);
}

}  // namespace

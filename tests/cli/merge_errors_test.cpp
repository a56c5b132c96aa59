// rejoin merge where something is wrong: every file stays as it was, and the message says which file, table and row.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "cli/tool.hpp"

namespace rejoin::cli_test {
namespace {

constexpr const char* kTable = "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, v TEXT); SELECT crsql_as_crr('t');";

class MergeErrorsTest : public ToolTest {
 protected:
  void SetUp() override {
    make("a.db", std::string(kTable) + "INSERT INTO t VALUES (1, 'a')");
    make("b.db", std::string(kTable) + "INSERT INTO t VALUES (2, 'b')");
  }

  // Exit code 1, a message with these words, and no byte changed anywhere.
  void expect_refused(const std::vector<std::string>& names, const std::vector<std::string>& words,
                      const RunOptions& options = {}) const {
    std::vector<std::string> arguments{"merge", "--wait", "0.2"};
    for (const std::string& name : names) arguments.push_back(path(name));
    const auto before = all_bytes();
    const Outcome outcome = run_tool(arguments, options);
    EXPECT_EQ(outcome.exit_code, 1) << outcome.out << outcome.err;
    EXPECT_TRUE(outcome.err.starts_with("rejoin: ")) << outcome.err;
    for (const std::string& word : words) EXPECT_NE(outcome.err.find(word), std::string::npos) << word << outcome.err;
    EXPECT_EQ(outcome.out, "");
    EXPECT_EQ(all_bytes(), before) << "an error changed a file";
  }
};

TEST_F(MergeErrorsTest, MissingFileIsNotMade) {
  expect_refused({"a.db", "nothing.db"}, {path("nothing.db"), "no such file"});
  EXPECT_FALSE(std::filesystem::exists(path("nothing.db")));
}

TEST_F(MergeErrorsTest, WhatIsNoDatabase) {
  write_bytes(path("text.db"), std::string(5000, 'x'));
  write_bytes(path("empty.db"), "");
  std::filesystem::create_directory(path("folder.db"));
  expect_refused({"a.db", "text.db"}, {path("text.db"), "no SQLite database"});
  expect_refused({"empty.db", "a.db"}, {path("empty.db"), "none of its tables is a CRR"});
  expect_refused({"a.db", "folder.db"}, {path("folder.db"), "folder"});
}

TEST_F(MergeErrorsTest, TheSameFileTwice) {
  std::filesystem::create_hard_link(path("a.db"), path("link.db"));
  expect_refused({"a.db", "a.db"}, {"one and the same file"});
  expect_refused({"b.db", "a.db", "link.db"}, {path("link.db"), "one and the same file"});
}

TEST_F(MergeErrorsTest, CopiedFileIsExplained) {
  write_bytes(path("copy.db"), read_bytes(path("a.db")));
  expect_refused({"a.db", "b.db", "copy.db"}, {path("a.db"), path("copy.db"), "same site id", "--new-site-id"});
}

TEST_F(MergeErrorsTest, SchemasThatDiffer) {
  const auto expect = [&](const std::string& schema, const std::vector<std::string>& words,
                          const std::vector<std::string>& words_the_other_way_round) {
    std::filesystem::remove(path("c.db"));
    make("c.db", schema);
    expect_refused({"a.db", "b.db", "c.db"}, words);
    expect_refused({"c.db", "a.db"}, words_the_other_way_round);
  };
  const std::string a = path("a.db");
  const std::string c = path("c.db");
  expect("CREATE TABLE u (id INTEGER PRIMARY KEY NOT NULL, v TEXT); SELECT crsql_as_crr('u')",
         {c + ": table 't' is missing; " + a + " has it"}, {a + ": table 'u' is missing; " + c + " has it"});
  expect(
      "CREATE TABLE u (id INTEGER PRIMARY KEY NOT NULL); SELECT crsql_as_crr('u');"
      "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, v TEXT)",
      {c + ": table 't' is no CRR", "rejoin init"}, {a + ": table 'u' is missing"});
  expect("CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, w TEXT); SELECT crsql_as_crr('t')",
         {c + ": table 't' has no column 'v'"}, {a + ": table 't' has no column 'w'"});
  expect("CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, v TEXT, more); SELECT crsql_as_crr('t')",
         {a + ": table 't' has no column 'more'"}, {a + ": table 't' has no column 'more'"});
  expect("CREATE TABLE t (id INTEGER NOT NULL, v TEXT NOT NULL, PRIMARY KEY (id, v)); SELECT crsql_as_crr('t')",
         {c + ": table 't' has the primary key (id, v), but (id) in " + a},
         {a + ": table 't' has the primary key (id), but (id, v) in " + c});
  expect("CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, v INTEGER); SELECT crsql_as_crr('t')",
         {c + ": table 't', column 'v' is stored as INTEGER, but as TEXT in " + a},
         {a + ": table 't', column 'v' is stored as TEXT, but as INTEGER in " + c});
}

TEST_F(MergeErrorsTest, GeneratedColumnsAndOrderAreEachFilesOwnAffair) {
  make("c.db",
       "CREATE TABLE t (v TEXT DEFAULT 'x', id INTEGER PRIMARY KEY NOT NULL, twice AS (v || v));"
       "SELECT crsql_as_crr('t')");
  EXPECT_EQ(merge({"a.db", "c.db"}).exit_code, 0);
  EXPECT_EQ(rows_of(path("c.db"), "SELECT id, v, twice FROM t"), "1|'a'|'aa'\n");
}

TEST_F(MergeErrorsTest, RowThatAFileRefusesIsNamed) {
  make("c.db", "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, v TEXT CHECK (v <> 'b')); SELECT crsql_as_crr('t')");
  expect_refused({"c.db", "b.db"}, {path("c.db"), "table 't'", "row (2)", path("b.db"), "no file was changed"});
}

TEST_F(MergeErrorsTest, RefusalAfterTheFirstFileIsCompleteSaysSo) {
  make("c.db", "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, v TEXT CHECK (v <> 'b')); SELECT crsql_as_crr('t')");
  const std::string c = read_bytes(path("c.db"));
  const Outcome outcome = merge({"a.db", "b.db", "c.db"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.err.find("complete: " + path("a.db") + ", " + path("b.db")), std::string::npos) << outcome.err;
  EXPECT_EQ(rows_of(path("a.db"), "SELECT id FROM t ORDER BY id"), "1\n2\n");
  EXPECT_EQ(rows_of(path("b.db"), "SELECT id FROM t ORDER BY id"), "1\n2\n");
  EXPECT_TRUE(read_bytes(path("c.db")) == c);
}

TEST_F(MergeErrorsTest, LockedFile) {
  // Another program in the middle of a write: a byte-range lock as SQLite takes it, but one of the open file, since one
  // of this process would go whenever it reads the file.
  const auto lock = [](const std::string& file) {
    const int descriptor = open(file.c_str(), O_RDWR);
    struct flock reserved {};
    reserved.l_type = F_WRLCK;
    reserved.l_whence = SEEK_SET;
    reserved.l_start = 0x40000001;
    reserved.l_len = 1;
    EXPECT_EQ(fcntl(descriptor, F_OFD_SETLK, &reserved), 0);
    return descriptor;
  };
  const int a = lock(path("a.db"));
  expect_refused({"a.db", "b.db"}, {path("a.db"), "locked", "0.2 s"});
  close(a);
  const int b = lock(path("b.db"));
  const Outcome outcome = run_tool({"merge", "--wait", "0.2", path("a.db"), path("b.db")});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.err.find(path("b.db") + ": another program has it locked"), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("complete: " + path("a.db")), std::string::npos) << outcome.err;
  close(b);
  EXPECT_EQ(merge({"a.db", "b.db"}).exit_code, 0);
  expect_same({"a.db", "b.db"}, "t");
}

// Root may write everything, so these run as somebody else.
void become_nobody() {
  if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0)) _exit(125);
}

TEST_F(MergeErrorsTest, ReadOnlyFileAndFolder) {
  chmod(dir_.c_str(), 0777);
  chmod(path("a.db").c_str(), 0444);
  chmod(path("b.db").c_str(), 0666);
  expect_refused({"a.db", "b.db"}, {path("a.db"), "cannot be written"}, {.in_child = become_nobody});
  expect_refused({"b.db", "a.db"}, {path("a.db"), "cannot be written"}, {.in_child = become_nobody});
  chmod(path("a.db").c_str(), 0666);
  chmod(dir_.c_str(), 0555);
  expect_refused({"a.db", "b.db"}, {path("a.db"), "no file was changed"}, {.in_child = become_nobody});
  chmod(dir_.c_str(), 0755);
}

TEST_F(MergeErrorsTest, UnreadableFile) {
  chmod(dir_.c_str(), 0777);
  chmod(path("a.db").c_str(), 0666);
  chmod(path("b.db").c_str(), 0);
  expect_refused({"a.db", "b.db"}, {path("b.db")}, {.in_child = become_nobody});
  chmod(path("b.db").c_str(), 0644);
}

// A file that may not grow is what a full disk looks like.
TEST_F(MergeErrorsTest, NoRoomForTheFile) {
  sql("b.db",
      "WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)"
      "INSERT INTO t SELECT i, hex(randomblob(40)) FROM n");
  const auto small_files_only = [] {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{100000, 100000};
    setrlimit(RLIMIT_FSIZE, &limit);
  };
  expect_refused({"a.db", "b.db"}, {path("a.db"), "no file was changed"}, {.in_child = small_files_only});
}

TEST_F(MergeErrorsTest, TruncatedAndDamagedFiles) {
  sql("b.db",
      "WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)"
      "INSERT INTO t SELECT i, hex(randomblob(40)) FROM n");
  const std::string whole = read_bytes(path("b.db"));
  for (const double share : {0.03, 0.3, 0.6, 0.95}) {
    write_bytes(path("b.db"), whole.substr(0, static_cast<std::size_t>(static_cast<double>(whole.size()) * share)));
    expect_refused({"a.db", "b.db"}, {path("b.db")});
  }
  std::string damaged = whole;
  for (std::size_t at = 4096 * 8; at + 4096 <= damaged.size(); at += 4096) damaged.replace(at, 64, 64, '\xff');
  write_bytes(path("b.db"), damaged);
  expect_refused({"a.db", "b.db"}, {path("b.db"), "damaged"});
}

}  // namespace
}  // namespace rejoin::cli_test

// The examples in the documents are run: SQL in blocks, and the rows that the page shows for them.
//
//   ```sql     the first line says where: "-- on phone", "-- on phone and laptop"; a database is made when it is first
//   named
//   ```text    what the last statement of the block before gives: names, then rows; blanks do not count
//   ```sync    "phone to laptop": every change of the one is merged into the other

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <map>
#include <regex>
#include <sstream>

#include <rejoin/replica.hpp>

#include "crr/fixture.hpp"
#include "crr/format.hpp"

namespace rejoin::test {
namespace {

struct Block {
  std::string language;
  int line = 0;
  Lines lines;
};

std::vector<Block> blocks_of(const std::string& page) {
  std::ifstream in(REJOIN_SOURCE_DIR "/docs/" + page);
  std::vector<Block> blocks;
  bool inside = false;
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (line.starts_with("```")) {
      inside = !inside;
      if (inside) blocks.push_back({line.substr(3), number, {}});
    } else if (inside) {
      blocks.back().lines.push_back(line);
    }
  }
  return blocks;
}

std::string text_of_page(const std::string& page) {
  std::ifstream in(REJOIN_SOURCE_DIR "/docs/" + page);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

/// Words separated by single blanks.
std::string squeezed(const std::string& line) {
  std::istringstream words(line);
  std::string out;
  for (std::string word; words >> word;) out += (out.empty() ? "" : " ") + word;
  return out;
}

/// The rows of the last statement as a page shows them.
Lines shown(const Database& db, const std::string& sql) {
  Lines out;
  const char* rest = sql.c_str();
  while (*rest != 0) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(db.handle(), rest, -1, &statement, &rest) != SQLITE_OK) {
      ADD_FAILURE() << sqlite3_errmsg(db.handle()) << " in " << sql;
      return out;
    }
    if (statement == nullptr) continue;
    out.clear();
    std::string head;
    for (int i = 0; i < sqlite3_column_count(statement); ++i) {
      head += (i == 0 ? "" : " ") + std::string(sqlite3_column_name(statement, i));
    }
    out.push_back(head);
    int code = SQLITE_OK;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
      std::string line;
      for (int i = 0; i < sqlite3_column_count(statement); ++i) {
        const bool blob = sqlite3_column_type(statement, i) == SQLITE_BLOB;
        const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, i));
        const std::string value =
            text == nullptr ? "NULL" : std::string(text, static_cast<std::size_t>(sqlite3_column_bytes(statement, i)));
        line += (i == 0 ? "" : " ") + (blob ? literal(Value(Blob(value.begin(), value.end()))) : value);
      }
      out.push_back(squeezed(line));
    }
    if (code != SQLITE_DONE) ADD_FAILURE() << sqlite3_errmsg(db.handle()) << " in " << sql;
    sqlite3_finalize(statement);
  }
  return out;
}

/// The replicas that a page speaks of, by name.
class Replicas {
 public:
  Site& operator[](const std::string& name) { return sites_.try_emplace(name, name).first->second; }

  /// Runs a page's blocks from top to bottom; returns how many results were compared.
  int run(const std::string& page) {
    int compared = 0;
    Lines last;
    for (const Block& block : blocks_of(page)) {
      SCOPED_TRACE(page + ":" + std::to_string(block.line));
      if (block.language == "sql") last = run_sql(block);
      if (block.language == "sync") sync(block);
      if (block.language != "text") continue;
      Lines expected;
      for (const std::string& line : block.lines) expected.push_back(squeezed(line));
      EXPECT_EQ(last, expected);
      ++compared;
    }
    return compared;
  }

 private:
  Lines run_sql(const Block& block) {
    const std::regex where("-- on (\\w+)( and (\\w+))?");
    std::smatch names;
    Lines result;
    if (!std::regex_match(block.lines.front(), names, where)) {
      ADD_FAILURE() << "no '-- on NAME' in the first line";
      return result;
    }
    std::string sql;
    for (const std::string& line : block.lines) sql += line + "\n";
    for (const std::string& name : {names[1].str(), names[3].str()}) {
      if (!name.empty()) result = shown((*this)[name].db(), sql);
    }
    return result;
  }

  void sync(const Block& block) {
    for (const std::string& line : block.lines) {
      const std::size_t to = line.find(" to ");
      ASSERT_NE(to, std::string::npos);
      sync_full((*this)[line.substr(0, to)], (*this)[line.substr(to + 4)]);
    }
  }

  std::map<std::string, Site> sites_;
};

TEST(Documents, StorageFormatShowsWhatIsThere) {
  Replicas replicas;
  EXPECT_GE(replicas.run("storage-format.md"), 10);
}

TEST(Documents, MergeShowsWhatHappens) {
  Replicas replicas;
  EXPECT_GE(replicas.run("merge.md"), 7);
  Replica phone = std::move(Replica::on(replicas["phone"].db().handle())).value();
  const Digest digest = *phone.digest();
  char hex[40];
  std::snprintf(hex, sizeof hex, "0x%016llx%016llx", static_cast<unsigned long long>(digest.high),
                static_cast<unsigned long long>(digest.low));
  EXPECT_NE(text_of_page("merge.md").find("`" + std::string(hex) + "`"), std::string::npos) << hex;
}

// Names and numbers that the page spells are those of the code.
TEST(Documents, StorageFormatNamesWhatTheCodeNames) {
  const std::string page = text_of_page("storage-format.md");
  using namespace internal;
  for (const std::string_view name :
       {kClockSuffix, kKeysSuffix, kInsertTriggerSuffix, kUpdateTriggerSuffix, kDeleteTriggerSuffix,
        kAlterTriggerSuffix, kHeldTable, kVersionKey, kPreCompactKey}) {
    EXPECT_NE(page.find(name), std::string::npos) << name;
  }
  EXPECT_NE(page.find("up to " + std::to_string(kFormatVersion)), std::string::npos);
  EXPECT_NE(page.find("below " + std::to_string(kOldestFormatVersion)), std::string::npos);
  EXPECT_EQ(kVersionLimit, std::int64_t{1} << 62);
  EXPECT_EQ(kSequenceLimit, std::int64_t{1} << 31);
}

}  // namespace
}  // namespace rejoin::test

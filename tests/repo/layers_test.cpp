// The layers have one direction: std <- base <- sqlite <- crr <- public headers <- sync <- net, capi, wasm, cli.

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "repo/source_tree.hpp"

namespace rejoin::repo {
namespace {

// What a layer may include, as patterns of the text between the quotes or angle brackets.
struct Layer {
  std::string dir;
  std::vector<std::string> allowed;
};

const std::string kStd = "[a-z_0-9]+";
const std::string kPublic = "rejoin/(sync/)?[a-z_]+\\.(hpp|h)";
const std::string kEngine = "rejoin/[a-z_]+\\.(hpp|h)";

const std::vector<Layer> kLayers = {
    {"include/rejoin", {kStd, "std(def|int)\\.h", kPublic}},
    {"src/base", {kStd, "base/.*", "xxhash\\.h", "rejoin/status\\.hpp"}},
    {"src/sqlite", {kStd, "base/.*", "sqlite/.*", "sqlite3(ext)?\\.h", "rejoin/(status|value)\\.hpp"}},
    {"src/crr", {kStd, "base/.*", "sqlite/.*", "crr/.*", kEngine}},
    {"src/sync", {kStd, "base/.*", "sync/.*", "(zstd|xxhash)\\.h", "nlohmann/json\\.hpp", kPublic}},
    {"src/net",
     {kStd, "base/.*", "sync/.*", "net/.*", "sqlite3\\.h", "boost/.*", "openssl/.*", "(unistd|fcntl|signal|spawn)\\.h",
      "sys/[a-z]+\\.h", kPublic}},
    {"src/capi", {kStd, "capi/.*", kEngine}},
    {"src/wasm", {kStd, "net/schema\\.hpp", "sqlite3\\.h", kPublic}},
    {"src/cli",
     {kStd, "sync/.*", "net/.*", "cli/.*", "sqlite3\\.h", "CLI/.*", "nlohmann/.*", "(unistd|fcntl|signal)\\.h",
      "sys/[a-z]+\\.h", kPublic}},
};

std::vector<std::string> includes_of(const SourceFile& file) {
  static const std::regex kInclude("^\\s*#\\s*include\\s*[<\"]([^>\"]+)[>\"].*");
  std::vector<std::string> found;
  for (const std::string& line : file.lines) {
    std::smatch match;
    if (std::regex_match(line, match, kInclude)) found.push_back(match[1]);
  }
  return found;
}

bool allowed_in(const Layer& layer, const std::string& include) {
  for (const std::string& pattern : layer.allowed) {
    if (std::regex_match(include, std::regex(pattern))) return true;
  }
  return false;
}

TEST(Layers, IncludeOnlyWhatIsBelowThem) {
  for (const Layer& layer : kLayers) {
    for (const SourceFile& file : files_in(layer.dir, {".cpp", ".hpp", ".h"})) {
      for (const std::string& include : includes_of(file)) {
        EXPECT_TRUE(allowed_in(layer, include)) << file.path << " must not include " << include;
      }
    }
  }
}

TEST(Layers, CoverAllSources) {
  for (const SourceFile& file : files_in("src", {".cpp", ".hpp", ".h"})) {
    bool known = false;
    for (const Layer& layer : kLayers) known = known || file.path.starts_with(layer.dir + "/");
    EXPECT_TRUE(known) << file.path << " is in no layer";
  }
}

TEST(Layers, NoHeaderIncludesItselfByARoundaboutWay) {
  std::map<std::string, std::vector<std::string>> graph;
  for (const SourceFile& file : files_in("src", {".hpp"})) graph[file.path.substr(4)] = includes_of(file);
  for (const SourceFile& file : files_in("include", {".hpp", ".h"})) graph[file.path.substr(8)] = includes_of(file);

  std::set<std::string> done;
  std::vector<std::string> way;
  const std::function<void(const std::string&)> walk = [&](const std::string& header) {
    for (std::size_t i = 0; i < way.size(); ++i) {
      if (way[i] == header) {
        ADD_FAILURE() << header << " includes itself by way of " << way.back();
        return;
      }
    }
    if (!done.insert(header).second || !graph.contains(header)) return;
    way.push_back(header);
    for (const std::string& next : graph[header]) walk(next);
    way.pop_back();
  };
  for (const auto& [header, includes] : graph) walk(header);
}

TEST(Layers, HeadersHavePragmaOnceAndCHasGuards) {
  for (const char* dir : {"include", "src"}) {
    for (const SourceFile& file : files_in(dir, {".hpp"})) {
      bool once = false;
      for (const std::string& line : file.lines) once = once || line == "#pragma once";
      EXPECT_TRUE(once) << file.path << " has no #pragma once";
    }
  }
}

}  // namespace
}  // namespace rejoin::repo

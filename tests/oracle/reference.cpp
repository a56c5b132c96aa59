#include "oracle/reference.hpp"

#include <array>
#include <bit>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

#include "oracle/text.hpp"

namespace rejoin::oracle {

namespace {

using nlohmann::json;

json to_json(const Value& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return {{"i", std::to_string(*integer)}};
  if (const auto* real = std::get_if<double>(&value)) {
    std::string bytes;
    for (int shift = 56; shift >= 0; shift -= 8) {
      bytes += static_cast<char>(std::bit_cast<std::uint64_t>(*real) >> shift & 0xff);
    }
    return {{"r", to_hex(bytes)}};
  }
  if (const auto* text = std::get_if<std::string>(&value)) return {{"x", to_hex(*text)}};
  if (const auto* blob = std::get_if<Blob>(&value)) return {{"b", to_hex(*blob)}};
  return nullptr;
}

double real_of(const std::string& digits) {
  return std::bit_cast<double>(static_cast<std::uint64_t>(std::stoull(digits, nullptr, 16)));
}

Value from_json(const json& value) {
  if (value.is_null()) return std::monostate();
  const std::string kind = value.begin().key();
  const auto& text = value.begin().value().get_ref<const std::string&>();
  if (kind == "i") return std::int64_t{std::stoll(text)};
  if (kind == "r") return real_of(text);
  if (kind == "t") return text;
  const std::string bytes = from_hex(text);
  if (kind == "x") return bytes;
  return Blob(bytes.begin(), bytes.end());
}

Rows rows_from_json(const json& lines) {
  Rows rows;
  for (const json& line : lines) {
    Row& row = rows.emplace_back();
    for (const json& value : line) row.push_back(from_json(value));
  }
  return rows;
}

json ask(Process& process, const json& request) {
  process.write_line(request.dump());
  return json::parse(process.read_line());
}

// For requests that never fail.
json demand(Process& process, const json& request) {
  json answer = ask(process, request);
  if (answer.contains("trap")) {
    throw std::runtime_error(request.at("op").get<std::string>() + ": " + answer["trap"].get<std::string>());
  }
  return answer;
}

}  // namespace

std::string Reference::missing() {
  const std::filesystem::path wasm = REJOIN_ORACLE_DIR "/node_modules/@vlcn.io/crsqlite-wasm/dist/crsqlite.wasm";
  if (!std::filesystem::exists(wasm)) return "the real cr-sqlite is not installed: run " REJOIN_ORACLE_INSTALL;
  const char* path = std::getenv("PATH");
  std::istringstream dirs(path == nullptr ? "" : path);
  for (std::string dir; std::getline(dirs, dir, ':');) {
    if (std::filesystem::exists(std::filesystem::path(dir) / "node")) return {};
  }
  return "the real cr-sqlite needs Node, which is not here";
}

Reference::Reference() : process_({"node", REJOIN_SOURCE_DIR "/tests/oracle/server.mjs", REJOIN_ORACLE_DIR}) {
  process_.read_line();  // {"ready":true}
}

void Reference::open(const std::string& db) { demand(process_, {{"op", "open"}, {"db", db}}); }

void Reference::open_file(const std::string& db, const Blob& content) {
  demand(process_, {{"op", "open"}, {"db", db}, {"bytes", to_hex(content)}});
}

Blob Reference::content(const std::string& db) {
  const json answer = demand(process_, {{"op", "export"}, {"db", db}});
  const std::string bytes = from_hex(answer.at("bytes").get_ref<const std::string&>());
  return {bytes.begin(), bytes.end()};
}

void Reference::close(const std::string& db) { demand(process_, {{"op", "close"}, {"db", db}}); }

Answer Reference::run(const std::string& db, const std::string& sql, const Row& params) {
  json values = json::array();
  for (const Value& value : params) values.push_back(to_json(value));
  const json reply = ask(process_, {{"op", "run"}, {"db", db}, {"sql", sql}, {"params", std::move(values)}});
  Answer answer;
  if (reply.contains("trap")) {
    answer.trapped = true;
    return answer;
  }
  for (const json& lines : reply.at("results")) answer.results.push_back(rows_from_json(lines));
  if (const auto error = reply.find("error"); error != reply.end()) {
    answer.failure = Failure{error->at("code").get<int>() & 0xff, error->at("message").get<std::string>()};
  }
  answer.autocommit = reply.at("autocommit").get<bool>();
  return answer;
}

}  // namespace rejoin::oracle

#include "scripts/script.hpp"

#include <cctype>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace rejoin::test {

namespace {

class ScriptError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

std::vector<std::string> split(const std::string& line) {
  std::istringstream in(line);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

bool is_blank(const std::string& line) { return line.find_first_not_of(" \t") == std::string::npos; }

std::string joined(const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines) out += "\n  " + line;
  return out.empty() ? "\n  (no rows)" : out;
}

constexpr const char* kNews =
    R"(SELECT "table", pk, cid, val, col_version, db_version, site_id, cl, seq FROM crsql_changes )"
    R"(WHERE db_version > ? AND site_id IS NOT ?)";
constexpr const char* kMerge =
    R"(INSERT INTO crsql_changes ("table", pk, cid, val, col_version, db_version, site_id, cl, seq) )"
    R"(VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?))";

}  // namespace

Script::Script(const std::filesystem::path& file) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) lines_.push_back(line);
}

std::string Script::run() {
  if (lines_.empty()) return "the script is empty";
  try {
    while (!at_end()) run_line();
  } catch (const std::exception& error) {
    return "line " + std::to_string(statement_line_) + ": " + error.what();
  }
  return {};
}

void Script::open(Replica& replica) {
  replica.db = std::make_unique<Database>(replica.path, Engine::kAttached, replica.flags);
  replica.id = replica.db->blob("SELECT crsql_site_id()");
}

Script::Replica& Script::replica(const std::string& name) {
  Replica& replica = replicas_[name];
  if (!replica.db) open(replica);
  return replica;
}

void Script::run_line() {
  statement_line_ = next_ + 1;
  const std::string& line = lines_[next_];
  if (is_blank(line) || line.starts_with("#")) {
    ++next_;
    return;
  }
  if (line.starts_with("@")) {
    current_.clear();
    for (const std::string& word : split(line)) current_.push_back(word.substr(1));
    ++next_;
    return;
  }
  if (run_directive(split(line))) {
    ++next_;
    return;
  }
  run_statement();
}

bool Script::run_directive(const std::vector<std::string>& words) {
  const auto is = [&](const char* verb, std::size_t count) { return words[0] == verb && words.size() == count; };
  if (is("sync", 4) && words[2] == "->") {
    sync(words[1], words[3]);
  } else if (is("sync", 2) && words[1] == "all") {
    sync_all();
  } else if (is("resend", 4) && words[2] == "->") {
    send_everything(words[1], words[3]);
  } else if (is("file", 2)) {
    replicas_[words[1]].path = (directory_.path() / (words[1] + ".db")).string();
  } else if (is("connect", 4) && (words[2] == "to" || words[2] == "reading")) {
    Replica& second = replicas_[words[1]];
    second.path = replica(words[3]).path;
    if (words[2] == "reading") second.flags = SQLITE_OPEN_READONLY;
  } else if (is("close", 2)) {
    Replica& closing = replica(words[1]);
    if (closing.db->close() != SQLITE_OK) throw ScriptError("the database does not close");
    closing.db.reset();
  } else {
    return false;
  }
  return true;
}

// A statement goes up to the semicolon that ends it; behind it stand its rows or its error.
void Script::run_statement() {
  std::string sql;
  for (; !at_end(); ++next_) {
    sql += lines_[next_] + "\n";
    if (sqlite3_complete(sql.c_str()) != 0) break;
  }
  if (at_end()) throw ScriptError("a statement without end, or an unknown directive: " + sql);
  ++next_;
  std::vector<std::string> expected;
  std::string error;
  for (; !at_end(); ++next_) {
    const std::string& line = lines_[next_];
    if (line.starts_with("> ")) {
      expected.push_back(line.substr(2));
    } else if (line.starts_with("error: ") && error.empty()) {
      error = line.substr(7);
    } else {
      break;
    }
  }
  if (current_.empty()) throw ScriptError("on which replica? Say @name first");
  for (const std::string& name : current_) {
    try {
      check(*replica(name).db, expand(sql), expected, error);
    } catch (const std::exception& problem) {
      throw ScriptError("@" + name + ": " + sql + problem.what());
    }
  }
}

std::string Script::expand(std::string sql) {
  for (auto& [name, replica] : replicas_) {
    const std::string variable = "$" + name;
    for (std::size_t at = sql.find(variable); at != std::string::npos; at = sql.find(variable, at)) {
      const std::size_t end = at + variable.size();
      if (end < sql.size() && (std::isalnum(static_cast<unsigned char>(sql[end])) != 0)) {
        at = end;
        continue;
      }
      sql.replace(at, variable.size(), literal(Value(replica.id)));
    }
  }
  return sql;
}

std::string Script::shown(const Value& value) const {
  for (const auto& [name, replica] : replicas_) {
    if (!replica.id.empty() && value == Value(replica.id)) return "$" + name;
  }
  return literal(value);
}

void Script::check(Database& db, const std::string& sql, const std::vector<std::string>& expected,
                   const std::string& error) {
  Rows rows;
  try {
    rows = db.query(sql);
  } catch (const SqlError& problem) {
    if (error.empty()) throw ScriptError(std::string("fails: ") + problem.what());
    if (std::string(problem.what()).find(error) == std::string::npos) {
      throw ScriptError("fails with \"" + std::string(problem.what()) + "\", not with \"" + error + "\"");
    }
    return;
  }
  if (!error.empty()) throw ScriptError("does not fail; expected \"" + error + "\"");
  std::vector<std::string> got;
  for (const Row& row : rows) {
    std::string& line = got.emplace_back();
    for (const Value& value : row) line += (&value == &row.front() ? "" : "|") + shown(value);
  }
  if (got != expected) throw ScriptError("gives" + joined(got) + "\nnot" + joined(expected));
}

void Script::sync(const std::string& from, const std::string& to) {
  std::int64_t& cursor = cursors_[{to, from}];
  Replica& receiver = replica(to);
  Statement news(replica(from).db->handle(), kNews);
  news.bind(1, cursor).bind(2, receiver.id);
  receiver.db->exec("BEGIN");
  Statement merge(receiver.db->handle(), kMerge);
  while (news.step()) {
    for (int i = 0; i < 9; ++i) merge.bind(i + 1, news.column(i));
    merge.run();
    cursor = news.integer(5);
  }
  receiver.db->exec("COMMIT");
}

void Script::send_everything(const std::string& from, const std::string& to) {
  cursors_[{to, from}] = 0;
  sync(from, to);
}

void Script::sync_all() {
  for (std::size_t round = 0; round < replicas_.size() + 1; ++round) {
    for (const auto& [from, sender] : replicas_) {
      for (const auto& [to, receiver] : replicas_) {
        if (from != to) sync(from, to);
      }
    }
  }
}

}  // namespace rejoin::test

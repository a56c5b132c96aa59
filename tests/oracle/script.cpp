#include "oracle/script.hpp"

#include <sqlite3.h>

#include <sstream>
#include <stdexcept>

namespace rejoin::oracle {

namespace {

class Parser {
 public:
  Script parse(const std::string& text) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      ++line_;
      if (line.starts_with("--") || (line.empty() && sql_.empty())) continue;
      if (sql_.empty() && line.starts_with(".")) {
        directive(line);
      } else {
        statement_line(line);
      }
    }
    if (!sql_.empty()) fail("a statement without its semicolon");
    return std::move(script_);
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw std::runtime_error("line " + std::to_string(line_) + ": " + what);
  }

  void add(Step step) {
    step.line = line_;
    script_.push_back(std::move(step));
    next_ = Step{};
    next_.db = script_.back().kind == Step::Kind::kRun ? script_.back().db : db_;
  }

  void statement_line(const std::string& line) {
    sql_ += (sql_.empty() ? "" : "\n") + line;
    if (sqlite3_complete(sql_.c_str()) == 0) return;
    next_.db = db_;
    next_.sql = std::move(sql_);
    sql_.clear();
    add(next_);
  }

  void directive(const std::string& line) {
    std::istringstream words(line);
    std::string word;
    words >> word;
    std::string rest;
    std::getline(words >> std::ws, rest);
    if (word == ".on") {
      db_ = rest;
    } else if (word == ".unordered") {
      next_.unordered = true;
    } else if (word == ".differs") {
      next_.rule = rest;
    } else if (word == ".reference") {
      next_.reference = rest;
    } else if (word == ".rejoin") {
      next_.rejoin = rest;
    } else if (word == ".check" || word == ".blind" || word == ".fresh") {
      Step step;
      step.db = db_;
      step.kind = word == ".check" ? Step::Kind::kCheck : word == ".blind" ? Step::Kind::kBlind : Step::Kind::kFresh;
      add(step);
    } else if (word == ".copy") {
      Step step;
      step.kind = Step::Kind::kCopy;
      std::istringstream(rest) >> step.from >> step.db >> step.percent >> step.seed;
      add(step);
    } else {
      fail("unknown directive " + word);
    }
  }

  Script script_;
  Step next_;
  std::string db_ = "a";
  std::string sql_;
  int line_ = 0;
};

void print_run(std::ostringstream& out, const Step& step) {
  if (step.unordered) out << ".unordered\n";
  if (!step.rule.empty()) {
    out << ".differs " << step.rule << "\n.reference " << step.reference << "\n.rejoin " << step.rejoin << "\n";
  }
  out << step.sql << "\n";
}

}  // namespace

Script parse_script(const std::string& text) { return Parser().parse(text); }

std::string print_script(const Script& script) {
  std::ostringstream out;
  std::string db = "a";
  for (const Step& step : script) {
    switch (step.kind) {
      case Step::Kind::kRun:
        if (step.db != db) out << ".on " << (db = step.db) << "\n";
        print_run(out, step);
        break;
      case Step::Kind::kCopy:
        out << ".copy " << step.from << " " << step.db;
        if (step.seed != 0) out << " " << step.percent << " " << step.seed;
        out << "\n";
        break;
      case Step::Kind::kCheck:
        if (step.db != db) out << ".on " << (db = step.db) << "\n";
        out << ".check\n";
        break;
      case Step::Kind::kBlind:
        out << ".blind\n";
        break;
      case Step::Kind::kFresh:
        out << ".fresh\n";
        break;
    }
  }
  return out.str();
}

Step run_step(const std::string& db, const std::string& sql) {
  Step step;
  step.db = db;
  step.sql = sql;
  return step;
}

}  // namespace rejoin::oracle

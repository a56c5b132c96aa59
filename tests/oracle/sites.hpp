// The site ids of one engine's databases. They are random, so both engines' answers name them by database.
#pragma once

#include <map>
#include <string>

#include "oracle/engine.hpp"

namespace rejoin::oracle {

class Sites {
 public:
  /// Asks for the site id of the (open) database.
  void learn(Engine& engine, const std::string& db);
  void clear() { ids_.clear(); }

  [[nodiscard]] bool knows(const std::string& db) const { return ids_.contains(db); }
  [[nodiscard]] const Blob& of(const std::string& db) const { return ids_.at(db); }

  /// `sql` with each {site DB} as a literal.
  [[nodiscard]] std::string spell(std::string sql) const;

  /// A site id known here as the text {site DB}; other values as they are.
  [[nodiscard]] Value mask(const Value& value) const;
  void mask(Rows& rows) const;
  /// The other way round.
  [[nodiscard]] Value unmask(const Value& value) const;

 private:
  std::map<std::string, Blob> ids_;
};

}  // namespace rejoin::oracle

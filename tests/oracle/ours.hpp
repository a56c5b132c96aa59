// Rejoin behind the same interface as the reference.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "oracle/engine.hpp"

struct sqlite3;

namespace rejoin::oracle {

class Ours : public Engine {
 public:
  Ours();

  using Engine::run;
  void open(const std::string& db) override;
  void open_file(const std::string& db, const Blob& content) override;
  Blob content(const std::string& db) override;
  void close(const std::string& db) override;
  Answer run(const std::string& db, const std::string& sql, const Row& params) override;

  [[nodiscard]] sqlite3* handle(const std::string& db) const { return databases_.at(db).get(); }

 private:
  struct Close {
    void operator()(sqlite3* db) const;
  };
  using Handle = std::unique_ptr<sqlite3, Close>;

  static Handle connect();

  std::map<std::string, Handle> databases_;
};

}  // namespace rejoin::oracle

// The real cr-sqlite, served by server.mjs in a Node process.
#pragma once

#include <memory>
#include <string>

#include "oracle/engine.hpp"
#include "oracle/process.hpp"

namespace rejoin::oracle {

class Reference : public Engine {
 public:
  Reference();

  /// Why there is no reference here (Node, npm or its packages are missing); empty where there is one.
  static std::string missing();

  using Engine::run;
  void open(const std::string& db) override;
  void open_file(const std::string& db, const Blob& content) override;
  Blob content(const std::string& db) override;
  void close(const std::string& db) override;
  Answer run(const std::string& db, const std::string& sql, const Row& params) override;

 private:
  Process process_;
};

}  // namespace rejoin::oracle

/// At the start of each test: skips where there is no reference, but fails in CI, which must not go without.
#define REJOIN_NEEDS_REFERENCE()                                                      \
  if (const std::string why = ::rejoin::oracle::Reference::missing(); !why.empty()) { \
    if (std::getenv("CI") != nullptr) FAIL() << why;                                  \
    GTEST_SKIP() << why;                                                              \
  }                                                                                   \
  static_assert(true)

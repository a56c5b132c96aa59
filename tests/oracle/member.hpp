// One site of a cluster in which both engines take part: a database on either of them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "oracle/engine.hpp"

namespace rejoin::oracle {

struct Member {
  Engine* engine = nullptr;
  std::string db;
  bool is_reference = false;
  Blob site;

  /// The highest version of each other member whose changes are merged here.
  std::map<std::string, std::int64_t> cursors;
};

/// What `from` has written or taken in since `to` last asked, and `to` did not write itself, goes to `to` in one
/// transaction. Returns how many changes went.
std::size_t sync_news(const Member& from, Member& to);

/// What replicas agree on when they have seen the same: the rows of all tables but the engine's own, and of each clock
/// row all but where and under which version it was stored. Sorted.
Rows agreed_state(Engine& engine, const std::string& db);

/// "ok", or what PRAGMA integrity_check complains of.
std::string integrity(Engine& engine, const std::string& db);

/// The rows that only one of two states has, a line each; empty where they are equal.
std::string difference(const Rows& left, const Rows& right);

}  // namespace rejoin::oracle

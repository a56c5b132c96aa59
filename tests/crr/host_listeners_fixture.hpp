// What the tests of hosts' listeners share: one form for what each host is told, behind the filter of its applications.
#pragma once

#include <gtest/gtest.h>

#include <rejoin/replica.hpp>

#include <algorithm>
#include <optional>

#include "crr/host_listeners.hpp"
#include "support/site.hpp"

namespace rejoin::test {

using Lines = std::vector<std::string>;

enum class HostKind { kExpo, kWasm, kOp };
inline constexpr HostKind kHosts[] = {HostKind::kExpo, HostKind::kWasm, HostKind::kOp};

/// A host's listener on a connection, which must outlive it.
class Listening {
 public:
  Listening(HostKind kind, sqlite3* db) : kind_(kind) {
    const auto tell = [this](const std::string& type, const std::string& table, std::int64_t row_id) {
      told_.push_back({table, type + " " + table + " " + std::to_string(row_id)});
    };
    if (kind == HostKind::kExpo) {
      expo_ = std::make_unique<ExpoHost>(db, [tell](const ExpoChange& change) {
        EXPECT_EQ(change.database, "main");
        tell(change.type, change.table, change.row_id);
      });
    } else if (kind == HostKind::kWasm) {
      wasm_ = std::make_unique<WasmHost>(db);
      wasm_->on_update([tell](const WasmUpdate& update) {
        EXPECT_EQ(update.database, "main");
        const char* type = update.type == SQLITE_INSERT ? "insert" : update.type == SQLITE_UPDATE ? "update" : "delete";
        tell(type, update.table, update.row_id);
      });
    } else {
      op_ = std::make_unique<OpHost>(db);
      op_->update_hook([tell](const OpUpdate& update) {
        std::string type = update.operation;
        for (char& c : type) c = static_cast<char>(c - 'A' + 'a');
        tell(type, update.table, update.row_id);
      });
    }
  }

  /// Since it was asked last: `insert t 1`, of all tables but those that the host's applications pass over.
  Lines take() {
    const char* part = kind_ == HostKind::kExpo ? "__crsql_" : kind_ == HostKind::kWasm ? "__crsql" : "crsql";
    return texts(without_tables(std::exchange(told_, {}), part));
  }
  /// The same of all tables.
  Lines take_raw() { return texts(std::exchange(told_, {})); }

  [[nodiscard]] HostKind kind() const { return kind_; }

 private:
  struct Event {
    std::string table;
    std::string text;
  };
  static Lines texts(const std::vector<Event>& events) {
    Lines lines;
    for (const Event& event : events) lines.push_back(event.text);
    return lines;
  }

  HostKind kind_;
  std::vector<Event> told_;
  std::unique_ptr<ExpoHost> expo_;
  std::unique_ptr<WasmHost> wasm_;
  std::unique_ptr<OpHost> op_;
};

/// A database with a listener.
struct Stage {
  Stage(HostKind kind, Engine engine) : db(":memory:", engine), listening(kind, db.handle()) {}

  /// What is told of `sql`, and the code of its error, if it fails.
  Lines play(const std::string& sql) {
    const std::optional<SqlError> error = db.error_of(sql);
    Lines told = listening.take();
    if (error) told.push_back("error " + std::to_string(error->code()));
    return told;
  }

  Database db;
  Listening listening;
};

inline Lines sorted(Lines lines) {
  std::sort(lines.begin(), lines.end());
  return lines;
}

/// `{key}` in `sql` becomes `by`.
inline std::string with_key(std::string sql, const std::string& by) {
  for (std::size_t at = 0; (at = sql.find("{key}", at)) != std::string::npos; at += by.size()) sql.replace(at, 5, by);
  return sql;
}

/// How changes go in.
enum class Route { kChangeByChange, kOneStatement, kBatch };
inline constexpr Route kRoutes[] = {Route::kChangeByChange, Route::kOneStatement, Route::kBatch};

inline constexpr const char* kInsertChange =
    R"(INSERT INTO crsql_changes ("table", pk, cid, val, col_version, db_version, site_id, cl, seq) VALUES )";

inline std::string as_row(const Change& change) {
  return "(" + literal(Value(change.table)) + ", " + literal(Value(change.pk)) + ", " + literal(Value(change.column)) +
         ", " + literal(change.value) + ", " + std::to_string(change.column_version) + ", " +
         std::to_string(change.db_version) + ", " + literal(Value(change.site_id)) + ", " +
         std::to_string(change.causal_length) + ", " + std::to_string(change.seq) + ")";
}

inline void merge_by(Route route, const Database& db, const std::vector<Change>& changes) {
  if (route == Route::kBatch) {
    Replica replica = std::move(Replica::on(db.handle())).value();
    const auto merged = replica.merge(changes);
    ASSERT_TRUE(merged.ok()) << merged.status().message();
    return;
  }
  std::string rows;
  for (const Change& change : changes) {
    if (route == Route::kChangeByChange) db.exec(kInsertChange + as_row(change));
    rows += (rows.empty() ? "" : ", ") + as_row(change);
  }
  if (route == Route::kOneStatement && !rows.empty()) db.exec(kInsertChange + rows);
}

inline std::vector<Change> changes_since(const Database& db, std::int64_t since) {
  Statement select(db.handle(),
                   R"(SELECT "table", pk, cid, val, col_version, db_version, site_id, cl, seq FROM crsql_changes )"
                   "WHERE db_version > ?1 ORDER BY db_version, seq");
  select.bind(1, since);
  return all_changes(select);
}

}  // namespace rejoin::test

// What is written and merged by the operations.
#pragma once

#include <vector>

#include <rejoin/change.hpp>

#include "faults/operations.hpp"

namespace rejoin::test {

const Blob& peer_site();

/// Changes for table t and u: a new row, a win, a loss, a draw, a delete, a new life, a delete of what is unknown.
const std::vector<Change>& batch();

/// The same as statements, each of one change.
std::vector<Step> merge_steps();

#define REJOIN_MERGE(values)                                                                                       \
  "INSERT INTO crsql_changes (\"table\", pk, cid, val, col_version, db_version, site_id, cl, seq) VALUES (" values \
  ")"                                                                                                              \
  ";"
#define REJOIN_PEER "x'11111111111111111111111111111111'"

inline constexpr const char* kMergeTransaction =
    "BEGIN;" REJOIN_MERGE("'t', x'010907', 'a', 'new', 1, 4, " REJOIN_PEER ", 1, 0")
        REJOIN_MERGE("'t', x'010907', 'b', 'neu', 1, 4, " REJOIN_PEER ", 1, 1")
            REJOIN_MERGE("'t', x'010901', 'a', 'wins', 5, 4, " REJOIN_PEER ", 1, 2")
                REJOIN_MERGE("'t', x'010902', 'a', 'loses', 1, 4, " REJOIN_PEER ", 1, 3")
                    REJOIN_MERGE("'t', x'010902', 'b', 'zwei', 1, 4, " REJOIN_PEER ", 1, 4")
                        REJOIN_MERGE("'t', x'010903', 'b', 'lives', 1, 5, " REJOIN_PEER ", 3, 0")
                            REJOIN_MERGE("'u', x'020b016b0901', '-1', NULL, 2, 5, " REJOIN_PEER ", 2, 1")
                                REJOIN_MERGE("'u', x'020b017a0909', '-1', NULL, 2, 5, x'22', 2, 2")
                                    REJOIN_MERGE("'t', x'010901', '-1', NULL, 3, 6, x'22', 3, 0") "COMMIT";

inline constexpr const char* kMergeUnknown =
    "BEGIN;" REJOIN_MERGE("'t', x'010901', 'c', 'early', 2, 4, " REJOIN_PEER ", 1, 0")
        REJOIN_MERGE("'later', x'010901', 'v', 1, 1, 4, " REJOIN_PEER ", 1, 1")
            REJOIN_MERGE("'t', x'010901', 'a', 'known', 9, 4, " REJOIN_PEER ", 1, 2")
                REJOIN_MERGE("'later', x'010902', '-1', NULL, 2, 4, " REJOIN_PEER ", 2, 3") "COMMIT;";

inline constexpr const char* kMakeStaging =
    "CREATE TABLE staged (tbl, pk, cid, val, cv, dv, site, cl, seq);"
    "INSERT INTO staged VALUES ('t', x'010907', 'a', 'new', 1, 4, " REJOIN_PEER
    ", 1, 0), ('t', x'010907', 'b', 'neu', 1, 4, " REJOIN_PEER
    ", 1, 1), ('t', x'010901', '-1', NULL, 2, 5, " REJOIN_PEER ", 2, 0)";
inline constexpr const char* kMergeStaged = "INSERT INTO crsql_changes SELECT * FROM staged";
inline constexpr const char* kMergeStagedTogether =
    "BEGIN; INSERT INTO crsql_changes SELECT * FROM staged; INSERT INTO t (id) VALUES (66); COMMIT";

inline constexpr const char* kLocalTransaction =
    "BEGIN; INSERT INTO t (id, a) VALUES (11, 'x'), (3, 'again'); UPDATE t SET a = a || '!', b = NULL;"
    "SELECT count(*), sum(db_version), sum(seq) FROM crsql_changes;"
    "SAVEPOINT s; UPDATE u SET n = n + 10; DELETE FROM t; SELECT count(*) FROM crsql_changes; ROLLBACK TO s;"
    "DELETE FROM t WHERE id = 1; RELEASE s; INSERT OR REPLACE INTO u VALUES ('k', 2, 7), ('new', 5, 1);"
    "UPDATE u SET k = 'moved' WHERE n = 1; UPDATE t SET id = 40 WHERE id = 2; COMMIT";

inline constexpr const char* kManyRows =
    "BEGIN; INSERT INTO t (id, a) VALUES (20, 'p'), (21, 'q'), (22, 'r'), (23, 's'), (24, 't');"
    "INSERT INTO t (id, a) VALUES (25, 'u'), (26, 'v'), (3, 'again'), (27, 'w'); SAVEPOINT s; UPDATE t SET b = a;"
    "SELECT count(*) FROM crsql_changes; ROLLBACK TO s; UPDATE t SET a = a || '!', b = id; DELETE FROM t WHERE id < 24;"
    "COMMIT";

inline constexpr const char* kAddColumn =
    "SELECT crsql_begin_alter('t'); ALTER TABLE t ADD COLUMN c DEFAULT 5; SELECT crsql_commit_alter('t')";
inline constexpr const char* kRenameColumn =
    "BEGIN; UPDATE t SET a = 'first'; SELECT crsql_begin_alter('t'); ALTER TABLE t RENAME COLUMN a TO z;"
    "SELECT crsql_commit_alter('t'); COMMIT";
inline constexpr const char* kRebuild =
    "BEGIN; SELECT crsql_begin_alter('t'); CREATE TABLE fresh (id INTEGER PRIMARY KEY NOT NULL, a, e DEFAULT 1);"
    "INSERT INTO fresh (id, a) SELECT id, a FROM t; DROP TABLE t; ALTER TABLE fresh RENAME TO t;"
    "SELECT crsql_commit_alter('t'); COMMIT";
inline constexpr const char* kLeftToCommit =
    "BEGIN; SELECT crsql_begin_alter('t'); ALTER TABLE t ADD COLUMN c; UPDATE t SET c = id; COMMIT";
inline constexpr const char* kAutomigrate =
    "SELECT crsql_automigrate('CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, a, e); CREATE TABLE fresh (id INTEGER "
    "PRIMARY KEY NOT NULL, v); CREATE TABLE p (id TEXT PRIMARY KEY NOT NULL, x, y); CREATE INDEX p_x ON p (x); SELECT "
    "crsql_as_crr(''t''); SELECT crsql_as_crr(''fresh'')')";

inline constexpr const char* kMakeList =
    "CREATE TABLE l (id INTEGER PRIMARY KEY NOT NULL, list, ord TEXT); SELECT crsql_as_crr('l')";
inline constexpr const char* kUseList =
    "BEGIN; INSERT INTO l VALUES (1, 'a', 1), (2, 'a', 1), (3, 'a', -1);"
    "INSERT INTO l_fractindex (id, list, after_id) VALUES (4, 'a', 1); COMMIT";

}  // namespace rejoin::test

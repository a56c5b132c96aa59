// Change sets as JSON, as Expo's first to-do example has them: what expo-sqlite returned for
//
//   SELECT "table", quote(pk) as pk, cid, val, col_version, db_version, site_id FROM crsql_changes
//
//   [{"rows": [{"table": "todo", "pk": "X'010B0161'", "cid": "text", "val": "milk",
//               "col_version": 1, "db_version": 2, "site_id": null}, …]}]
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <rejoin/change.hpp>
#include <rejoin/status.hpp>

namespace rejoin::sync::partykit {

/// The cid by which cr-sqlite 0.14 says that a row is deleted; since then it is the sentinel.
inline constexpr const char* kOldDelete = "__crsql_del";

struct Row {
  Change change;          ///< the cid as it came
  bool has_life = false;  ///< it said cl, which the seven columns do not
};

/// Reads the first result of a set, as the example does: the others and whatever else is in there count for nothing.
/// kInvalidArgument, with what is wrong and where, if it is none. May throw std::bad_alloc.
Status read_change_set(std::string_view text, std::vector<Row>& rows);

/// The parts of a set: kSetBegin, rows with commas between them, kSetEnd.
inline constexpr std::string_view kSetBegin = "[{\"rows\":[";
inline constexpr std::string_view kSetEnd = "]}]";

/// The seven columns, in the order in which the example binds them, and with a site_id of null: each end of it knows
/// only itself. What JSON cannot say: blobs become arrays of numbers, whole numbers that JavaScript would round become
/// text, which an INTEGER column turns into the same number again. May throw std::bad_alloc.
void append_row(const Change& change, std::string& out);

}  // namespace rejoin::sync::partykit

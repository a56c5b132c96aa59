// What a replica holds at one moment, and what must hold of it: the shadow tables agree with the rows, and every local
// write left the change that it should.
#pragma once

#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include <rejoin/change.hpp>

#include "support/shapes.hpp"
#include "support/site.hpp"

namespace rejoin::test {

/// A property that should hold and does not.
class Violation : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct TableContent {
  std::vector<std::string> cells;  ///< the tracked columns
  std::map<Blob, Row> rows;        ///< by packed key: the tracked columns, then all columns, generated ones too
};

struct Snapshot {
  std::map<std::string, TableContent> tables;
  std::vector<Change> changes;  ///< crsql_changes, ordered by cell
  std::int64_t version = 0;     ///< crsql_db_version()
};

Snapshot take_snapshot(Site& site, const std::vector<Shape>& shapes);

/// Throws a Violation unless both are the same, clocks and versions included.
void require_same(const Snapshot& before, const Snapshot& after, const std::string& when);

/// Throws a Violation unless one transaction of local writes, all of them, led from `before` to `after` and left
/// exactly the changes that the contract asks for.
void require_captured(const Snapshot& before, const Snapshot& after, const Blob& own_site);

/// Throws a Violation unless the changes of `version`, in which nothing was written twice, count seq from 0 without a
/// hole.
void require_dense(const Snapshot& after, std::int64_t version);

/// Throws a Violation unless rejoin_check finds nothing.
void require_no_fault(Site& site);

/// Throws a Violation unless the shadow tables hold together, as rejoin_check sees it, and say what crsql_changes and
/// the tables say.
void require_sound(Site& site, const std::vector<Shape>& shapes);

/// Throws a Violation unless both replicas hold the same rows with the same clocks: (table, key, column, value,
/// col_version, cl), and also the same winners' sites where `sites_too`.
void require_equal(Site& left, Site& right, const std::vector<Shape>& shapes, bool sites_too);

}  // namespace rejoin::test

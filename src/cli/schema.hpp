// What the CRRs of a file look like, and whether two files can be merged.
#pragma once

#include <string>
#include <vector>

#include <cli/database.hpp>

namespace rejoin::cli {

struct ColumnShape {
  std::string name;
  std::string affinity;  ///< how SQLite stores what is put there: INTEGER, TEXT, BLOB, REAL or NUMERIC
};

struct TableShape {
  std::string name;
  std::vector<ColumnShape> key;      ///< in key order
  std::vector<ColumnShape> columns;  ///< the other ones, generated ones left out
};

/// Whether the table has a row of this packed key.
bool has_row(const Database& db, const TableShape& table, const Blob& packed_key);

struct FileShape {
  const Database& db;
  const std::vector<TableShape>& tables;
};

/// Opens a file that is a replica; a Failure where it is none.
Database open_replica(const std::string& path, Access access, std::chrono::milliseconds wait);

/// The failure that a file without any CRR is.
Failure no_crr(const Database& db);

/// The CRRs of a file by name.
std::vector<TableShape> crr_shapes(const Database& db, const Replica& replica);

/// The tables that are no CRRs, by name; SQLite's, the engine's and virtual ones left out.
std::vector<std::string> plain_tables(const Database& db, const Replica& replica);

/// The one of that name; null where there is none.
const TableShape* find_table(const std::vector<TableShape>& shapes, const std::string& name);

/// Throws a Failure that names file, table and column where the files' CRRs are not the same. The order of columns and
/// their defaults and constraints are each file's own affair.
void require_same_schema(const std::vector<FileShape>& files);

}  // namespace rejoin::cli

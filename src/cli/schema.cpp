#include <cli/schema.hpp>

#include <cli/text.hpp>

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

namespace rejoin::cli {
namespace {

// SQLite's rules for the affinity of a declared type, in their order.
std::string affinity_of(std::string type, bool strict) {
  std::transform(type.begin(), type.end(), type.begin(), [](unsigned char c) { return std::toupper(c); });
  const auto has = [&](const char* word) { return type.find(word) != std::string::npos; };
  if (has("INT")) return "INTEGER";
  if (has("CHAR") || has("CLOB") || has("TEXT")) return "TEXT";
  if (has("BLOB") || type.empty() || (strict && type == "ANY")) return "BLOB";
  if (has("REAL") || has("FLOA") || has("DOUB")) return "REAL";
  return "NUMERIC";
}

TableShape shape_of(const Database& db, const std::string& table) {
  TableShape shape{table, {}, {}};
  std::map<std::int64_t, ColumnShape> key;
  Query query(db,
              "SELECT c.name, c.type, c.pk, (SELECT max(strict) FROM pragma_table_list(?1) WHERE schema = 'main')"
              " FROM pragma_table_xinfo(?1, 'main') AS c WHERE c.hidden = 0 ORDER BY c.cid");
  query.bind(1, table);
  while (query.step()) {
    const ColumnShape column{query.text(0), affinity_of(query.text(1), query.integer(3) != 0)};
    if (query.integer(2) > 0) {
      key.emplace(query.integer(2), column);
    } else {
      shape.columns.push_back(column);
    }
  }
  for (const auto& [place, column] : key) shape.key.push_back(column);
  return shape;
}

std::string quoted_name(const std::string& name) {
  std::string quoted = "\"";
  for (const char c : name) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

bool has_table(const Database& db, const std::string& name) {
  Query query(db, "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ? COLLATE NOCASE");
  return query.bind(1, name).step();
}

std::string listed(const std::vector<ColumnShape>& columns) {
  std::string text;
  for (const ColumnShape& column : columns) text += cat(text.empty() ? "" : ", ", printable(column.name));
  return text;
}

class Comparison {
 public:
  Comparison(const Database& one, const Database& other) : one_(one), other_(other) {}

  // Every table of `ours` against the one of that name in `theirs`.
  void tables(const std::vector<TableShape>& ours, const std::vector<TableShape>& theirs) const {
    for (const TableShape& shape : ours) {
      const TableShape* there = find_table(theirs, shape.name);
      if (there == nullptr) missing(shape.name);
      key(shape, *there);
      columns(shape, *there);
    }
  }

 private:
  [[noreturn]] void missing(const std::string& name) const {
    const std::string what = cat("table '", printable(name), "'");
    if (has_table(other_, name)) {
      throw Failure(cat(other_.path(), ": ", what, " is no CRR, but it is one in ", one_.path(),
                        "; make it one with: ", "rejoin init ", other_.path(), " '", printable(name), "'"));
    }
    throw Failure(cat(other_.path(), ": ", what, " is missing; ", one_.path(), " has it"));
  }

  void key(const TableShape& ours, const TableShape& theirs) const {
    const auto same = [](const ColumnShape& a, const ColumnShape& b) { return a.name == b.name; };
    if (!std::equal(ours.key.begin(), ours.key.end(), theirs.key.begin(), theirs.key.end(), same)) {
      throw Failure(cat(other_.path(), ": table '", printable(ours.name), "' has the primary key (", listed(theirs.key),
                        "), but (", listed(ours.key), ") in ", one_.path()));
    }
    for (std::size_t i = 0; i < ours.key.size(); ++i) type(ours.name, ours.key[i], theirs.key[i]);
  }

  void columns(const TableShape& ours, const TableShape& theirs) const {
    for (const ColumnShape& column : ours.columns) {
      const auto at = std::find_if(theirs.columns.begin(), theirs.columns.end(),
                                   [&](const ColumnShape& c) { return c.name == column.name; });
      if (at == theirs.columns.end()) {
        throw Failure(cat(other_.path(), ": table '", printable(ours.name), "' has no column '", printable(column.name),
                          "'; ", one_.path(), " has it"));
      }
      type(ours.name, column, *at);
    }
  }

  void type(const std::string& table, const ColumnShape& ours, const ColumnShape& theirs) const {
    if (ours.affinity == theirs.affinity) return;
    throw Failure(cat(other_.path(), ": table '", printable(table), "', column '", printable(ours.name),
                      "' is stored as ", theirs.affinity, ", but as ", ours.affinity, " in ", one_.path()));
  }

  const Database& one_;
  const Database& other_;
};

}  // namespace

const TableShape* find_table(const std::vector<TableShape>& shapes, const std::string& name) {
  const auto at = std::find_if(shapes.begin(), shapes.end(), [&](const TableShape& s) { return s.name == name; });
  return at == shapes.end() ? nullptr : &*at;
}

bool has_row(const Database& db, const TableShape& table, const Blob& packed_key) {
  std::vector<Value> values;
  if (!unpack_key(packed_key, values) || values.size() != table.key.size()) return false;
  std::string sql = cat("SELECT 1 FROM main.", quoted_name(table.name));
  for (std::size_t i = 0; i < table.key.size(); ++i) {
    sql += cat(i == 0 ? " WHERE " : " AND ", quoted_name(table.key[i].name), " IS ?", i + 1);
  }
  Query query(db, sql);
  for (std::size_t i = 0; i < values.size(); ++i) query.bind_value(static_cast<int>(i) + 1, values[i]);
  return query.step();
}

Database open_replica(const std::string& path, Access access, std::chrono::milliseconds wait) {
  OpenOptions open;
  open.access = access;
  open.wait = wait;
  Database db = Database::open(path, open);
  if (!db.is_replica()) throw no_crr(db);
  return db;
}

Failure no_crr(const Database& db) {
  return Failure(
      cat(db.path(), ": none of its tables is a CRR; make them so with: rejoin init ", db.path(), " TABLE…"));
}

std::vector<TableShape> crr_shapes(const Database& db, const Replica& replica) {
  std::vector<TableShape> shapes;
  for (const std::string& table : db.take(replica.tables())) shapes.push_back(shape_of(db, table));
  return shapes;
}

std::vector<std::string> plain_tables(const Database& db, const Replica& replica) {
  const std::vector<std::string> names = db.take(replica.tables());
  const std::set<std::string> crrs(names.begin(), names.end());
  std::vector<std::string> plain;
  Query query(
      db,
      "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite\\_%'"
      " ESCAPE '\\' AND name NOT LIKE 'crsql\\_%' ESCAPE '\\' AND name NOT LIKE '%\\_\\_crsql\\_%' ESCAPE '\\'"
      " ORDER BY name");
  while (query.step()) {
    if (const std::string name = query.text(0); !crrs.contains(name)) plain.push_back(name);
  }
  return plain;
}

void require_same_schema(const std::vector<FileShape>& files) {
  for (const FileShape& file : files) {
    if (file.tables.empty()) throw no_crr(file.db);
  }
  const FileShape& first = files.front();
  for (const FileShape& file : files) {
    Comparison(first.db, file.db).tables(first.tables, file.tables);
    Comparison(file.db, first.db).tables(file.tables, first.tables);
  }
}

}  // namespace rejoin::cli

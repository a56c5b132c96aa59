#include "oracle/sites.hpp"

#include "oracle/text.hpp"

namespace rejoin::oracle {

namespace {

std::string name_of(const std::string& db) { return "{site " + db + "}"; }

}  // namespace

void Sites::learn(Engine& engine, const std::string& db) {
  ids_[db] = std::get<Blob>(engine.rows(db, "SELECT crsql_site_id()").at(0).at(0));
}

std::string Sites::spell(std::string sql) const {
  for (const auto& [db, id] : ids_) {
    const std::string name = name_of(db);
    const std::string literal = show(Value(id));
    for (std::size_t at = sql.find(name); at != std::string::npos; at = sql.find(name, at)) {
      sql.replace(at, name.size(), literal);
    }
  }
  return sql;
}

Value Sites::mask(const Value& value) const {
  const auto* blob = std::get_if<Blob>(&value);
  if (blob == nullptr || blob->size() != 16) return value;
  for (const auto& [db, id] : ids_) {
    if (id == *blob) return name_of(db);
  }
  return value;
}

void Sites::mask(Rows& rows) const {
  for (Row& row : rows) {
    for (Value& value : row) value = mask(value);
  }
}

Value Sites::unmask(const Value& value) const {
  const auto* text = std::get_if<std::string>(&value);
  if (text == nullptr) return value;
  for (const auto& [db, id] : ids_) {
    if (*text == name_of(db)) return id;
  }
  return value;
}

}  // namespace rejoin::oracle

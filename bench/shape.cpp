#include "shape.hpp"

#include <charconv>
#include <cstring>

namespace bench {

namespace {

std::uint64_t scattered(std::uint64_t x) {  // splitmix64
  x += 0x9e3779b97f4a7c15U;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31);
}

/// `prefix` and eight digits.
KeyPart text_part(const char* prefix, int number) {
  KeyPart part;
  part.type = SQLITE_TEXT;
  const std::size_t length = std::strlen(prefix);
  std::memcpy(part.bytes.data(), prefix, length);
  for (std::size_t i = length + 8; i > length; --i) {
    part.bytes[i - 1] = static_cast<char>('0' + number % 10);
    number /= 10;
  }
  part.size = static_cast<int>(length) + 8;
  return part;
}

KeyPart integer_part(int number) {
  KeyPart part;
  part.number = number;
  return part;
}

/// Like a random UUID: keys that come in no order.
KeyPart blob_part(int number) {
  KeyPart part;
  part.type = SQLITE_BLOB;
  const auto seed = static_cast<std::uint64_t>(number);
  const std::uint64_t halves[] = {scattered(2 * seed), scattered(2 * seed + 1)};
  std::memcpy(part.bytes.data(), halves, sizeof halves);
  part.size = sizeof halves;
  return part;
}

void set_number(std::string& text, std::size_t prefix, int row, int round) {
  std::array<char, 24> digits{};
  char* end = std::to_chars(digits.data(), digits.data() + digits.size(), row).ptr;
  *end++ = static_cast<char>('a' + round % 26);
  text.resize(prefix);
  text.append(digits.data(), end);
}

constexpr const char* kText = "the text of row ";
constexpr const char* kMore = "more ";

}  // namespace

void KeyPart::bind(sqlite3_stmt* statement, int index) const {
  if (type == SQLITE_INTEGER) {
    sqlite3_bind_int64(statement, index, number);
  } else if (type == SQLITE_TEXT) {
    sqlite3_bind_text(statement, index, bytes.data(), size, SQLITE_STATIC);
  } else {
    sqlite3_bind_blob(statement, index, bytes.data(), size, SQLITE_STATIC);
  }
}

void KeyPart::result(sqlite3_context* context) const {
  if (type == SQLITE_INTEGER) {
    sqlite3_result_int64(context, number);
  } else if (type == SQLITE_TEXT) {
    sqlite3_result_text(context, bytes.data(), size, SQLITE_TRANSIENT);
  } else {
    sqlite3_result_blob(context, bytes.data(), size, SQLITE_TRANSIENT);
  }
}

std::string Shape::name() const {
  static constexpr const char* kNames[] = {"integer", "text", "composite", "blob", "without_rowid"};
  return std::string(kNames[static_cast<int>(key)]) + "/" + std::to_string(columns);
}

std::vector<std::string> Shape::key_names() const {
  return key == KeyKind::kComposite ? std::vector<std::string>{"list", "number"} : std::vector<std::string>{"id"};
}

std::vector<std::string> Shape::cell_names() const {
  std::vector<std::string> names;
  for (int i = 0; i < columns; ++i) {
    if (columns <= 5) {
      names.emplace_back(1, static_cast<char>('a' + i));
    } else {
      names.push_back("c" + std::to_string(100 + i));  // in their order also to the clock's index
    }
  }
  return names;
}

std::string Shape::create_sql(const std::string& table) const {
  static constexpr const char* kTypes[] = {"TEXT", "INTEGER", "REAL", "TEXT", "BLOB"};
  static constexpr const char* kKeys[] = {"id INTEGER PRIMARY KEY NOT NULL", "id TEXT PRIMARY KEY NOT NULL",
                                          "list TEXT NOT NULL, number INTEGER NOT NULL", "id BLOB PRIMARY KEY NOT NULL",
                                          "id INTEGER PRIMARY KEY NOT NULL"};
  std::string sql = "CREATE TABLE " + table + " (" + kKeys[static_cast<int>(key)];
  const std::vector<std::string> cells = cell_names();
  for (std::size_t i = 0; i < cells.size(); ++i) sql += ", " + cells[i] + " " + kTypes[i % 5];
  if (key == KeyKind::kComposite) sql += ", PRIMARY KEY (list, number)";
  return sql + (key == KeyKind::kWithoutRowid ? ") WITHOUT ROWID" : ")");
}

Key Shape::key_of(int row) const {
  switch (key) {
    case KeyKind::kText:
      return {text_part("key-", row), {}};
    case KeyKind::kComposite:
      return {text_part("list-", row / 100), integer_part(row % 100)};
    case KeyKind::kBlob:
      return {blob_part(row), {}};
    default:
      return {integer_part(row), {}};
  }
}

CellValues::CellValues() : text_(kText), more_(kMore) {}

void CellValues::bind(sqlite3_stmt* statement, int first_index, const Shape& shape, int row, int round) {
  set_number(text_, std::strlen(kText), row, round);
  set_number(more_, std::strlen(kMore), row % 100, round);
  const std::int64_t number = std::int64_t{row} * 3 + round;
  std::memcpy(blob_.data(), &number, sizeof number);
  for (int i = 0; i < shape.columns; ++i) {
    const int index = first_index + i;
    switch (i % 5) {
      case 0:
        sqlite3_bind_text(statement, index, text_.data(), static_cast<int>(text_.size()), SQLITE_STATIC);
        break;
      case 1:
        sqlite3_bind_int64(statement, index, number);
        break;
      case 2:
        sqlite3_bind_double(statement, index, row * 1.5 + round);
        break;
      case 3:
        sqlite3_bind_text(statement, index, more_.data(), static_cast<int>(more_.size()), SQLITE_STATIC);
        break;
      default:
        sqlite3_bind_blob(statement, index, blob_.data(), static_cast<int>(blob_.size()), SQLITE_STATIC);
        break;
    }
  }
}

std::string listed(const std::vector<std::string>& names, const std::string& each, int first,
                   const std::string& between) {
  std::string out;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i != 0) out += between;
    for (const char c : each) {
      if (c == '$') {
        out += names[i];
      } else if (c == '#') {
        out += std::to_string(first + static_cast<int>(i));
      } else {
        out += c;
      }
    }
  }
  return out;
}

}  // namespace bench

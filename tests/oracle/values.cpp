#include "oracle/values.hpp"

#include <array>

namespace rejoin::oracle {

namespace {

using List = std::vector<std::string>;

// Around every edge of the packed form: 1 to 8 bytes, and the ends.
List make_integers() {
  List list = {"0", "1", "-1", "2", "-2", "127", "-128", "-129", "9223372036854775807", "-9223372036854775808"};
  for (int bytes = 1; bytes < 8; ++bytes) {
    const unsigned long long edge = 1ULL << (8 * bytes);
    for (const unsigned long long value : {edge / 2 - 1, edge / 2, edge - 1, edge})
      list.push_back(std::to_string(value));
    list.push_back("-" + std::to_string(edge));
  }
  return list;
}

// Only what both builds read as the same double: short binary fractions, and what arithmetic makes of them.
const List kReals = {"0.0",
                     "-0.0",
                     "0.5",
                     "-2.25",
                     "4.0",
                     "9007199254740992.0",
                     "1.0/3",
                     "-1.0/3",
                     "9e999",
                     "-9e999",
                     "(1.0/3)/1099511627776",
                     "1048576.0*1048576.0*1048576.0*4.0/3",
                     "1.0"};

std::string text_of(int length) { return "replace(hex(zeroblob(" + std::to_string(length) + ")), '00', 'x')"; }

std::string blob_of(int length) { return "zeroblob(" + std::to_string(length) + ")"; }

// Empty, not ASCII, like a sentinel or a number, with a NUL, not UTF-8; and at the edges of one byte of length.
List make_texts() {
  List list = {"''",
               "'a'",
               "'b'",
               "'A'",
               "'it''s'",
               "'\xc3\xa9'",
               "'-1'",
               "'5'",
               "' 5'",
               "CAST(x'610062' AS TEXT)",
               "CAST(x'00' AS TEXT)",
               "CAST(x'ff' AS TEXT)",
               "CAST(x'c328' AS TEXT)",
               "CAST(x'eda080' AS TEXT)"};
  for (const int length : {127, 128, 255, 256}) list.push_back(text_of(length));
  return list;
}

List make_blobs() {
  List list = {"x''", "x'00'", "x'ff'", "x'0102'", "x'61'"};
  for (const int length : {127, 128, 255, 256}) list.push_back(blob_of(length));
  return list;
}

/// The values of one kind after the other, in the order of Kind.
using Lists = std::array<List, 5>;

const List& list_of(const Lists& lists, Kind kind) { return lists[static_cast<std::size_t>(kind)]; }

// Few, so that equal ones meet; the first ones of each kind.
const Lists kCommon = {{{"1", "2", "0.5", "'a'", "x'00'", "'b'"},
                        {"0", "1", "2", "3", "-1", "300"},
                        {"''", "'a'", "'b'", "'ab'"},
                        {"0.5", "1.5", "-2.25"},
                        {"x''", "x'00'", "x'0102'"}}};

const Lists& odd_lists() {
  static const Lists kLists = [] {
    Lists lists = {{{"NULL"}, make_integers(), make_texts(), kReals, make_blobs()}};
    for (std::size_t kind = 1; kind < lists.size(); ++kind) {
      lists[0].insert(lists[0].end(), lists[kind].begin(), lists[kind].end());
    }
    return lists;
  }();
  return kLists;
}

}  // namespace

const List& odd_values() { return list_of(odd_lists(), Kind::kAny); }

std::string own_value(Kind kind, test::Choices& choices) {
  if (choices.chance(10)) return "NULL";
  // At the edges of two bytes of length: rare, for they are slow to compare.
  const int huge = choices.chance(1) ? 65535 + static_cast<int>(choices.below(2)) : 0;
  if (huge != 0 && kind == Kind::kText) return text_of(huge);
  if (huge != 0 && kind == Kind::kBlob) return blob_of(huge);
  return choices.pick(choices.chance(75) ? list_of(kCommon, kind) : list_of(odd_lists(), kind));
}

std::string any_value(test::Choices& choices) {
  return choices.pick(choices.chance(60) ? list_of(kCommon, Kind::kAny) : odd_values());
}

std::string key_value(Kind kind, test::Choices& choices) {
  static const List kOdd = {
      "1", "'a'", "x'00'", "0.5", "-1", "CAST(x'ff00' AS TEXT)", "x''", "''", "9223372036854775807"};
  if (kind == Kind::kAny) return choices.pick(kOdd);
  if (choices.chance(90)) return choices.pick(list_of(kCommon, kind));
  // A REAL column stores -0.0 as 0.0; the reference's keys table does not (rule affinity).
  const std::string& value = choices.pick(list_of(odd_lists(), kind));
  return value == "-0.0" ? "0.0" : value;
}

}  // namespace rejoin::oracle

#include "oracle/values.hpp"

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

const List& list_of(Kind kind) {
  static const List kIntegers = make_integers();
  static const List kTexts = make_texts();
  static const List kBlobs = make_blobs();
  switch (kind) {
    case Kind::kInteger:
      return kIntegers;
    case Kind::kText:
      return kTexts;
    case Kind::kReal:
      return kReals;
    case Kind::kBlob:
      return kBlobs;
    case Kind::kAny:
      break;
  }
  return odd_values();
}

// Few, so that equal ones meet; the first ones of each kind.
const List& common_of(Kind kind) {
  static const List kIntegers = {"0", "1", "2", "3", "-1", "300"};
  static const List kTexts = {"''", "'a'", "'b'", "'ab'"};
  static const List kSomeReals = {"0.5", "1.5", "-2.25"};
  static const List kBlobs = {"x''", "x'00'", "x'0102'"};
  static const List kAll = {"1", "2", "0.5", "'a'", "x'00'", "'b'"};
  switch (kind) {
    case Kind::kInteger:
      return kIntegers;
    case Kind::kText:
      return kTexts;
    case Kind::kReal:
      return kSomeReals;
    case Kind::kBlob:
      return kBlobs;
    case Kind::kAny:
      break;
  }
  return kAll;
}

}  // namespace

const List& odd_values() {
  static const List kAll = [] {
    List all = {"NULL"};
    for (const Kind kind : {Kind::kInteger, Kind::kText, Kind::kReal, Kind::kBlob}) {
      all.insert(all.end(), list_of(kind).begin(), list_of(kind).end());
    }
    return all;
  }();
  return kAll;
}

std::string own_value(Kind kind, test::Choices& choices) {
  if (choices.chance(10)) return "NULL";
  // At the edges of two bytes of length: rare, for they are slow to compare.
  const int huge = choices.chance(1) ? 65535 + static_cast<int>(choices.below(2)) : 0;
  if (huge != 0 && kind == Kind::kText) return text_of(huge);
  if (huge != 0 && kind == Kind::kBlob) return blob_of(huge);
  return choices.pick(choices.chance(75) ? common_of(kind) : list_of(kind));
}

std::string any_value(test::Choices& choices) {
  return choices.pick(choices.chance(60) ? common_of(Kind::kAny) : odd_values());
}

std::string key_value(Kind kind, test::Choices& choices) {
  static const List kOdd = {
      "1", "'a'", "x'00'", "0.5", "-1", "CAST(x'ff00' AS TEXT)", "x''", "''", "9223372036854775807"};
  if (kind == Kind::kAny) return choices.pick(kOdd);
  if (choices.chance(90)) return choices.pick(common_of(kind));
  // A REAL column stores -0.0 as 0.0; the reference's keys table does not (rule affinity).
  const std::string& value = choices.pick(list_of(kind));
  return value == "-0.0" ? "0.0" : value;
}

}  // namespace rejoin::oracle

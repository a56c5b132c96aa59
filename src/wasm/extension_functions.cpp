// The SQL functions that crsqlite-wasm has beside SQLite's own, for the drop-in: same names, same results, also where
// SQLite's function of that name says something else (its log() is log10, its ceil() of a real is one). What is not a
// number counts as the number that it begins with, or 0; text ends at its first NUL; a character is a byte and the
// continuation bytes after it.
//
// What SQLite calls are a few functions: each is about twice as long by Asyncify, since it may free or allocate memory.
// The functions of SQL behind them do neither.
#include <sqlite3.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <numbers>
#include <string_view>

namespace {

// An integer, or a real; one that is not a number (the root of -1) is NULL as a result.
struct Number {
  bool is_integer;
  sqlite3_int64 integer;
  double real;
};

Number integer(sqlite3_int64 value) { return {true, value, static_cast<double>(value)}; }
Number real(double value) { return {false, 0, value}; }

bool is_null(sqlite3_value* value) { return sqlite3_value_type(value) == SQLITE_NULL; }

// --- Mathematics ---

double cotangent(double x) { return 1 / std::tan(x); }
double hyperbolic_cotangent(double x) { return 1 / std::tanh(x); }
// In this order: the last digit, and the overflow of huge angles, are as there.
double to_degrees(double x) { return x * 180 / std::numbers::pi; }
double to_radians(double x) { return x * std::numbers::pi / 180; }

constexpr double kBeyond = 9223372036854775808.0;

// An integer where one can hold it, as there; what is beyond (and overflows there) stays a real.
Number whole(double value) {
  return value >= -kBeyond && value < kBeyond ? integer(static_cast<sqlite3_int64>(value)) : real(value);
}

Number ceil_of(const Number& x) { return x.is_integer ? x : whole(std::ceil(x.real)); }
Number floor_of(const Number& x) { return x.is_integer ? x : whole(std::floor(x.real)); }

Number sign_of(const Number& x) {
  const int sign = (x.real > 0) - (x.real < 0);
  return x.is_integer ? integer(sign) : real(sign);
}

Number square_of(const Number& x) {
  sqlite3_int64 product = 0;
  if (x.is_integer && !__builtin_mul_overflow(x.integer, x.integer, &product)) return integer(product);
  return real(x.real * x.real);
}

struct Mathematics {
  const char* name;
  double (*of_real)(double) = nullptr;
  Number (*of_number)(const Number&) = nullptr;
  double (*of_two)(double, double) = nullptr;
};

const Mathematics kMathematics[] = {
    {"acos", std::acos},
    {"acosh", std::acosh},
    {"asin", std::asin},
    {"asinh", std::asinh},
    {"atan", std::atan},
    {"atan2", nullptr, nullptr, std::atan2},
    {"atanh", std::atanh},
    {"atn2", nullptr, nullptr, std::atan2},
    {"ceil", nullptr, ceil_of},
    {"cos", std::cos},
    {"cosh", std::cosh},
    {"cot", cotangent},
    {"coth", hyperbolic_cotangent},
    {"degrees", to_degrees},
    {"exp", std::exp},
    {"floor", nullptr, floor_of},
    {"log", std::log},
    {"log10", std::log10},
    {"power", nullptr, nullptr, std::pow},
    {"radians", to_radians},
    {"sign", nullptr, sign_of},
    {"sin", std::sin},
    {"sinh", std::sinh},
    {"sqrt", std::sqrt},
    {"square", nullptr, square_of},
    {"tan", std::tan},
    {"tanh", std::tanh},
};

void calculate(sqlite3_context* context, int count, sqlite3_value** values) {
  const auto* function = static_cast<const Mathematics*>(sqlite3_user_data(context));
  if (is_null(values[0]) || is_null(values[count - 1])) return;
  Number x = real(sqlite3_value_double(values[0]));
  if (function->of_two != nullptr) {
    x.real = function->of_two(x.real, sqlite3_value_double(values[1]));
  } else if (function->of_real != nullptr) {
    x.real = function->of_real(x.real);
  } else {
    if (sqlite3_value_type(values[0]) == SQLITE_INTEGER) x = integer(sqlite3_value_int64(values[0]));
    x = function->of_number(x);
  }
  x.is_integer ? sqlite3_result_int64(context, x.integer) : sqlite3_result_double(context, x.real);
}

// --- Text ---

bool continues(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

// Where the character after the one at `at` begins.
std::size_t next(std::string_view text, std::size_t at) {
  do ++at;
  while (at < text.size() && continues(text[at]));
  return at;
}

sqlite3_int64 characters(std::string_view text) {
  sqlite3_int64 count = 0;
  for (std::size_t at = 0; at < text.size(); at = next(text, at)) ++count;
  return count;
}

// Where the character with that number begins, from 0; the end where there are not as many.
std::size_t offset_of(std::string_view text, sqlite3_int64 character) {
  std::size_t at = 0;
  for (; character > 0 && at < text.size(); --character) at = next(text, at);
  return at;
}

// Where whole characters of `text` are `sought`, from the one that is at `at` on.
std::size_t place_of(std::string_view sought, std::string_view text, std::size_t at) {
  for (; at < text.size() && sought.size() <= text.size() - at; at = next(text, at)) {
    const std::size_t end = at + sought.size();
    if (text.substr(at, sought.size()) == sought && (end == text.size() || !continues(text[end]))) return at;
  }
  return text.npos;
}

// Texts that are not NULL, and the number after them, or 0.
struct Arguments {
  std::string_view text, second;
  sqlite3_int64 count;
};

// How many bytes a result has at most; kRefused: the number is none for that function.
constexpr std::uint64_t kRefused = std::numeric_limits<std::uint64_t>::max();

std::uint64_t as_long(const Arguments& of) { return of.text.size(); }
std::uint64_t as_long_or_refused(const Arguments& of) { return of.count < 0 ? kRefused : of.text.size(); }

std::uint64_t replicated(const Arguments& of) {
  std::uint64_t size = 0;
  if (of.count < 0) return kRefused;
  return __builtin_mul_overflow(of.text.size(), of.count, &size) ? kRefused - 1 : size;
}

std::uint64_t padded(const Arguments& of) {
  if (of.count < 0) return kRefused;
  return of.text.size() + static_cast<std::uint64_t>(std::max<sqlite3_int64>(of.count - characters(of.text), 0));
}

// Each writes a text for which there are `room` bytes, and returns its size.

std::size_t copy(char* to, std::string_view text) {
  if (!text.empty()) std::memcpy(to, text.data(), text.size());
  return text.size();
}

std::size_t reverse(const Arguments& of, char* made, std::size_t room) {
  for (std::size_t from = 0, to = 0; from < room; from = to) {
    to = next(of.text, from);
    copy(made + room - to, of.text.substr(from, to - from));
  }
  return room;
}

// The first letter of each word large, the others small, in ASCII.
std::size_t proper(const Arguments& of, char* made, std::size_t) {
  char before = ' ';
  for (const char c : of.text) {
    const bool begins = before == ' ' || before == '\t';
    const bool turns = begins ? c >= 'a' && c <= 'z' : c >= 'A' && c <= 'Z';
    *made++ = static_cast<char>(turns ? c ^ 0x20 : c);
    before = c;
  }
  return of.text.size();
}

std::size_t leftstr(const Arguments& of, char* made, std::size_t) {
  return copy(made, of.text.substr(0, offset_of(of.text, of.count)));
}

std::size_t rightstr(const Arguments& of, char* made, std::size_t) {
  return copy(made, of.text.substr(offset_of(of.text, characters(of.text) - of.count)));
}

std::size_t replicate(const Arguments& of, char* made, std::size_t room) {
  for (std::size_t at = 0; at < room;) at += copy(made + at, of.text);
  return room;
}

std::size_t pad(const Arguments& of, char* made, std::size_t room, std::size_t before) {
  std::memset(made, ' ', room);
  copy(made + before, of.text);
  return room;
}

std::size_t padl(const Arguments& of, char* made, std::size_t room) {
  return pad(of, made, room, room - of.text.size());
}

std::size_t padr(const Arguments& of, char* made, std::size_t room) { return pad(of, made, room, 0); }

std::size_t padc(const Arguments& of, char* made, std::size_t room) {
  return pad(of, made, room, (room - of.text.size()) / 2);
}

// The characters of the first text that are in the second, too.
std::size_t strfilter(const Arguments& of, char* made, std::size_t) {
  std::size_t size = 0;
  for (std::size_t from = 0, to = 0; from < of.text.size(); from = to) {
    to = next(of.text, from);
    const std::string_view character = of.text.substr(from, to - from);
    if (place_of(character, of.second, 0) != of.second.npos) size += copy(made + size, character);
  }
  return size;
}

// Which character of the second text the first one begins at, from 1, and from the third argument on; 0: none.
sqlite3_int64 charindex(const Arguments& of) {
  const std::size_t from = of.count > 0 ? offset_of(of.second, of.count - 1) : 0;
  const std::size_t at = of.text.empty() ? of.second.npos : place_of(of.text, of.second, from);
  return at == of.second.npos ? 0 : characters(of.second.substr(0, at)) + 1;
}

constexpr std::string_view kDigits = "01230120022455012623010202";  // from A to Z

// How a word sounds: its first letter, and digits for it and the consonants after it. It is Soundex but for what that
// has against repetitions, and bytes beyond ASCII count as the letters that they are without their highest bit: as
// there.
struct Sound {
  explicit Sound(std::string_view text) {
    std::size_t size = 0;
    for (const char c : text) {
      const char letter = static_cast<char>(c & 0x5F);
      if (letter < 'A' || letter > 'Z' || size == sizeof(code)) continue;
      if (size == 0 && (c & 0x80) != 0) continue;
      if (size == 0) code[size++] = letter;
      const char digit = kDigits[static_cast<std::size_t>(letter - 'A')];
      if (digit != '0') code[size++] = digit;
    }
  }

  char code[4] = {'?', '0', '0', '0'};
};

// How alike two words sound, from 0 to 4.
sqlite3_int64 difference(const Arguments& of) {
  const Sound one(of.text), other(of.second);
  int same = 0;
  for (std::size_t i = 0; i < sizeof(one.code); ++i) same += one.code[i] == other.code[i] ? 1 : 0;
  return same;
}

struct Text {
  const char* name;
  int arguments, texts, needed;  // the first ones are texts; the needed ones are not NULL, or the result is
  std::uint64_t (*room)(const Arguments&);
  std::size_t (*make)(const Arguments&, char* made, std::size_t room);
  sqlite3_int64 (*count)(const Arguments&) = nullptr;
};

const Text kTexts[] = {
    {"charindex", 2, 2, 2, nullptr, nullptr, charindex},
    {"charindex", 3, 2, 2, nullptr, nullptr, charindex},
    {"difference", 2, 2, 2, nullptr, nullptr, difference},
    {"leftstr", 2, 1, 2, as_long, leftstr},
    {"padc", 2, 1, 1, padded, padc},
    {"padl", 2, 1, 1, padded, padl},
    {"padr", 2, 1, 1, padded, padr},
    {"proper", 1, 1, 1, as_long, proper},
    {"replicate", 2, 1, 1, replicated, replicate},
    {"reverse", 1, 1, 1, as_long, reverse},
    {"rightstr", 2, 1, 2, as_long_or_refused, rightstr},
    {"strfilter", 2, 2, 2, as_long, strfilter},
};

void edit(sqlite3_context* context, int count, sqlite3_value** values) {
  const auto* function = static_cast<const Text*>(sqlite3_user_data(context));
  for (int i = 0; i < function->needed; ++i) {
    if (is_null(values[i])) return;
  }
  std::string_view texts[2];
  for (int i = 0; i < function->texts; ++i) {
    const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(values[i]));
    if (text == nullptr) return sqlite3_result_error_nomem(context);
    texts[i] = text;
  }
  const bool has_number = count > function->texts;
  const Arguments of{texts[0], texts[1], has_number ? sqlite3_value_int64(values[function->texts]) : 0};
  if (function->count != nullptr) return sqlite3_result_int64(context, function->count(of));

  const std::uint64_t room = function->room(of);
  const int limit = sqlite3_limit(sqlite3_context_db_handle(context), SQLITE_LIMIT_LENGTH, -1);
  if (room == kRefused) return sqlite3_result_error(context, "domain error", -1);
  if (room > static_cast<std::uint64_t>(limit)) return sqlite3_result_error_toobig(context);
  auto* made = static_cast<char*>(sqlite3_malloc64(room + 1));
  if (made == nullptr) return sqlite3_result_error_nomem(context);
  const std::size_t size = function->make(of, made, static_cast<std::size_t>(room));
  sqlite3_result_text(context, made, static_cast<int>(size), sqlite3_free);
}

// Not as deterministic functions, as there: an index on log() would be wrong for whoever opens the database with
// SQLite's own.
int register_functions(sqlite3* db, const char**, const sqlite3_api_routines*) {
  int code = SQLITE_OK;
  const auto add = [db, &code](const auto& function, int arguments, decltype(&edit) call) {
    void* data = const_cast<void*>(static_cast<const void*>(&function));
    if (code != SQLITE_OK) return;
    code = sqlite3_create_function_v2(db, function.name, arguments, SQLITE_UTF8, data, call, nullptr, nullptr, nullptr);
  };
  for (const Mathematics& it : kMathematics) add(it, it.of_two != nullptr ? 2 : 1, calculate);
  for (const Text& it : kTexts) add(it, it.arguments, edit);
  return code;
}

[[maybe_unused]] const int kRegistered = sqlite3_auto_extension(reinterpret_cast<void (*)()>(register_functions));

}  // namespace

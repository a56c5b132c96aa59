// The aggregates that crsqlite-wasm has beside SQLite's own, for the drop-in, as extension_functions.cpp has the other
// functions. NULLs do not count; what is not a number counts as the number that it begins with, or 0.
#include <sqlite3.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace {

bool is_null(sqlite3_value* value) { return sqlite3_value_type(value) == SQLITE_NULL; }

// --- Spread ---

// By Welford: sums of squares would lose the digits of large numbers that are close together.
struct Spread {
  sqlite3_int64 count;
  double mean, squares;
};

void spread_step(sqlite3_context* context, int, sqlite3_value** values) {
  auto* spread = static_cast<Spread*>(sqlite3_aggregate_context(context, sizeof(Spread)));
  if (spread == nullptr || is_null(values[0])) return;
  const double x = sqlite3_value_double(values[0]), delta = x - spread->mean;
  spread->mean += delta / static_cast<double>(++spread->count);
  spread->squares += delta * (x - spread->mean);
}

double variance_of(sqlite3_context* context) {
  const auto* spread = static_cast<const Spread*>(sqlite3_aggregate_context(context, 0));
  return spread != nullptr && spread->count > 1 ? spread->squares / static_cast<double>(spread->count - 1) : 0;
}

void stdev(sqlite3_context* context) { sqlite3_result_double(context, std::sqrt(variance_of(context))); }
void variance(sqlite3_context* context) { sqlite3_result_double(context, variance_of(context)); }

// --- Order ---

// std::bit_cast(), which libc++ has not yet at Emscripten 3.1.6.
template <typename To, typename From>
To same_bits(From from) {
  To to;
  static_assert(sizeof(to) == sizeof(from));
  std::memcpy(&to, &from, sizeof(to));
  return to;
}

// All values, as integers when the first one is; else as reals, by integers that have the same order.
struct Values {
  sqlite3_int64* all;
  sqlite3_int64 count, room;
  bool are_integers;

  double number(sqlite3_int64 i) const {
    return are_integers ? static_cast<double>(all[i]) : same_bits<double>(turned(all[i]));
  }
  bool are_same(sqlite3_int64 i, sqlite3_int64 j) const {
    return are_integers ? all[i] == all[j] : number(i) == number(j);
  }
  // Bits of reals to what has their order, and back.
  static sqlite3_int64 turned(sqlite3_int64 bits) {
    return bits < 0 ? bits ^ std::numeric_limits<sqlite3_int64>::max() : bits;
  }
};

void values_step(sqlite3_context* context, int, sqlite3_value** values) {
  auto* held = static_cast<Values*>(sqlite3_aggregate_context(context, sizeof(Values)));
  if (held == nullptr || is_null(values[0])) return;
  if (held->count == held->room) {
    const sqlite3_int64 room = held->room * 2 + 8;
    void* more = sqlite3_realloc64(held->all, static_cast<sqlite3_uint64>(room) * sizeof(sqlite3_int64));
    if (more == nullptr) return sqlite3_result_error_nomem(context);
    held->all = static_cast<sqlite3_int64*>(more);
    held->room = room;
  }
  if (held->count == 0) held->are_integers = sqlite3_value_numeric_type(values[0]) == SQLITE_INTEGER;
  held->all[held->count++] = held->are_integers
                                 ? sqlite3_value_int64(values[0])
                                 : Values::turned(same_bits<sqlite3_int64>(sqlite3_value_double(values[0])));
}

// The place of the most frequent value; none, -1, where there are several.
sqlite3_int64 most_frequent(const Values& held) {
  sqlite3_int64 best = -1, most = 0;
  for (sqlite3_int64 first = 0, end = 0; first < held.count; first = end) {
    while (end < held.count && held.are_same(first, end)) ++end;
    if (end - first >= most) best = end - first > most ? first : -1;
    most = std::max(most, end - first);
  }
  return best;
}

// Frees the values, once the result is told: the most frequent one, or that which so many quarters of all are below.
void result_of(sqlite3_context* context, sqlite3_int64 quarters) {
  auto* held = static_cast<Values*>(sqlite3_aggregate_context(context, 0));
  if (held == nullptr || held->all == nullptr) return;
  std::make_heap(held->all, held->all + held->count);  // small, unlike std::sort()
  std::sort_heap(held->all, held->all + held->count);
  const bool is_mode = quarters == 0;
  const sqlite3_int64 place = is_mode ? most_frequent(*held) : held->count * quarters / 4;
  if (!is_mode && held->count * quarters % 4 == 0 && !held->are_same(place - 1, place)) {
    sqlite3_result_double(context, (held->number(place - 1) + held->number(place)) / 2);
  } else if (place >= 0 && held->are_integers) {
    sqlite3_result_int64(context, held->all[place]);
  } else if (place >= 0) {
    sqlite3_result_double(context, held->number(place) + (is_mode ? -0.0 : 0.0));  // -0 is a mode, but no median
  }
  sqlite3_free(held->all);
}

void mode(sqlite3_context* context) { result_of(context, 0); }
void lower_quartile(sqlite3_context* context) { result_of(context, 1); }
void median(sqlite3_context* context) { result_of(context, 2); }
void upper_quartile(sqlite3_context* context) { result_of(context, 3); }

const struct {
  const char* name;
  void (*step)(sqlite3_context*, int, sqlite3_value**);
  void (*final)(sqlite3_context*);
} kAggregates[] = {
    {"lower_quartile", values_step, lower_quartile},
    {"median", values_step, median},
    {"mode", values_step, mode},
    {"stdev", spread_step, stdev},
    {"upper_quartile", values_step, upper_quartile},
    {"variance", spread_step, variance},
};

int register_aggregates(sqlite3* db, const char**, const sqlite3_api_routines*) {
  int code = SQLITE_OK;
  for (const auto& it : kAggregates) {
    if (code != SQLITE_OK) break;
    code = sqlite3_create_function_v2(db, it.name, 1, SQLITE_UTF8, nullptr, nullptr, it.step, it.final, nullptr);
  }
  return code;
}

[[maybe_unused]] const int kRegistered = sqlite3_auto_extension(reinterpret_cast<void (*)()>(register_aggregates));

}  // namespace

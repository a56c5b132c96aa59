// Any two texts as ordering keys: a key strictly between them, or an error; the function of SQL says the same.
#include <cstdint>
#include <optional>
#include <string>

#include "crr/fractional_index.hpp"
#include "fuzz/target.hpp"
#include "support/choices.hpp"
#include "support/database.hpp"

namespace rejoin::fuzz {
namespace {

using test::Choices;

// Often letters and the alphabet's digits, so that keys come about; else any byte.
std::optional<std::string> some_text(Choices& choices) {
  if (choices.chance(10)) return std::nullopt;
  const bool any_byte = choices.chance(10);
  std::string text(choices.index(40), ' ');
  for (char& c : text) c = static_cast<char>(any_byte ? choices.below(256) : ' ' + choices.below(95));
  if (!text.empty() && choices.chance(70)) text[0] = "aZbYzA"[choices.index(6)];
  return text;
}

Value value_of(const std::optional<std::string>& text) { return text ? Value(*text) : Value(); }

std::optional<std::string> by_sql(const Value& before, const Value& after) {
  static const test::Database db;
  test::Statement statement(db.handle(), "SELECT crsql_fract_key_between(?, ?)");
  statement.bind(1, before).bind(2, after);
  try {
    require(statement.step(), "no row");
  } catch (const test::SqlError&) {
    return std::nullopt;
  }
  return std::get<std::string>(statement.column(0));
}

void run(std::span<const std::uint8_t> bytes) {
  Choices choices = Choices::from_bytes(&bytes);
  std::optional<std::string> before = some_text(choices);
  const std::optional<std::string> after = some_text(choices);
  // A row of keys, each between the one before and the same end: they grow, but never by much at once.
  for (int i = 0; i < 20; ++i) {
    const Result<std::string> key = internal::key_between(before, after);
    const std::optional<std::string> same = by_sql(value_of(before), value_of(after));
    require(key.ok() == same.has_value(), "crsql_fract_key_between does not say what it is made of");
    if (!key.ok()) {
      require(i == 0, "a key that was made is refused: " + key.status().message());
      return;
    }
    require(*key == *same, "crsql_fract_key_between gives another key");
    require(!before || *before < *key, "not behind the one before");
    require(!after || *key < *after, "not in front of the one after");
    const std::size_t longest = std::max(before ? before->size() : 0, after ? after->size() : 0);
    require(key->size() <= longest + 2, "a key grows by more than two digits");
    before = *key;
  }
}

}  // namespace
}  // namespace rejoin::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return rejoin::fuzz::run_target([&] { rejoin::fuzz::run({data, size}); });
}

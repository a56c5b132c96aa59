// Anything at all in the nine columns of an INSERT INTO crsql_changes: no crash, nothing corrupt, no version that leads
// out of bounds, and local writes are captured afterwards.
#include <limits>
#include <string>

#include "fuzz/target.hpp"
#include "support/choices.hpp"
#include "support/shapes.hpp"
#include "support/site.hpp"
#include "support/snapshot.hpp"
#include "support/writes.hpp"

namespace rejoin::test {
namespace {

Blob some_bytes(Choices& choices) {
  Blob bytes(choices.index(24));
  for (auto& byte : bytes) byte = static_cast<std::uint8_t>(choices.below(256));
  return bytes;
}

Value anything(Choices& choices) {
  switch (choices.below(6)) {
    case 0:
      return {};
    case 1:
      return static_cast<std::int64_t>(choices.below(UINT64_MAX));
    case 2: {
      static const std::vector<double> reals = {0.0,
                                                -0.0,
                                                1.0,
                                                -1.5,
                                                9e99,
                                                std::numeric_limits<double>::infinity(),
                                                std::numeric_limits<double>::quiet_NaN()};
      return choices.pick(reals);
    }
    case 3: {
      const Blob bytes = some_bytes(choices);
      return std::string(bytes.begin(), bytes.end());
    }
    case 4:
      return some_bytes(choices);
    default:
      return static_cast<std::int64_t>(choices.below(8)) - 1;
  }
}

std::int64_t some_number(Choices& choices) {
  static const std::vector<std::int64_t> edges = {0,
                                                  1,
                                                  2,
                                                  3,
                                                  4,
                                                  5,
                                                  (std::int64_t{1} << 31) - 1,
                                                  std::int64_t{1} << 31,
                                                  (std::int64_t{1} << 62) - 2,
                                                  (std::int64_t{1} << 62) - 1,
                                                  std::int64_t{1} << 62,
                                                  INT64_MAX,
                                                  INT64_MIN,
                                                  -1};
  return choices.chance(80) ? static_cast<std::int64_t>(choices.below(6)) : choices.pick(edges);
}

class MergeInput {
 public:
  MergeInput(Site& site, const std::vector<Shape>& shapes, Choices& choices)
      : site_(site),
        shapes_(shapes),
        choices_(choices),
        insert_(site.db().handle(), R"(INSERT INTO crsql_changes ("table", pk, cid, val, col_version, db_version, )"
                                    R"(site_id, cl, seq) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?))") {}

  void one() {
    const Shape& shape = choices_.pick(shapes_);
    insert_.bind(1, mostly(Value(shape.name)));
    insert_.bind(2, mostly(site_.db().value("SELECT crsql_pack_columns(" + key(shape) + ")")));
    insert_.bind(3, mostly(column(shape)));
    insert_.bind(4, anything(choices_));
    insert_.bind(5, mostly(some_number(choices_)));
    insert_.bind(6, mostly(some_number(choices_)));
    insert_.bind(7, mostly(choices_.chance(50) ? Value(Blob{1, 2}) : Value(some_bytes(choices_))));
    insert_.bind(8, mostly(some_number(choices_)));
    insert_.bind(9, mostly(some_number(choices_)));
    try {
      insert_.run();
    } catch (const SqlError&) {  // NOLINT: a refusal is an answer
    }
  }

 private:
  Value mostly(Value value) { return choices_.chance(6) ? anything(choices_) : value; }

  std::string key(const Shape& shape) {
    std::string values;
    for (const Column& column : shape.keys) {
      values += (values.empty() ? "" : ", ") +
                (choices_.chance(90) ? any_key_value(column.kind, choices_) : literal(anything(choices_)));
    }
    return values;
  }

  Value column(const Shape& shape) {
    const std::size_t index = choices_.index(shape.cells.size() + 2);
    if (index == shape.cells.size()) return std::string(kSentinelColumn);
    return index > shape.cells.size() ? shape.keys[0].name : shape.cells[index].name;
  }

  Site& site_;
  const std::vector<Shape>& shapes_;
  Choices& choices_;
  Statement insert_;
};

using fuzz::require;

// A row at the last version below 2^62 takes no local writes: that alone may keep a transaction from committing.
void end_transaction(Site& site, const std::string& how) {
  const auto error = site.db().error_of(how);
  if (!error) return;
  require(std::string(error->what()).find("has reached the last") != std::string::npos, error->what());
  if (site.db().in_transaction()) site.db().exec("ROLLBACK");
}

// A fresh row is written, and crsql_changes shows it.
void require_capturing(Site& site, const Shape& shape) {
  const std::int64_t before = site.version();
  require(before < std::int64_t{1} << 62, "version " + std::to_string(before));
  const std::string key = quoted(shape.keys[0].name);
  const std::string free = "SELECT max(4711, coalesce(max(" + key + "), 0)) + 1 FROM " +
                           quoted(shape.name + "__crsql_pks") + " WHERE typeof(" + key + ") = 'integer' AND " + key +
                           " < 1 << 62";
  site.db().exec("INSERT INTO " + quoted(shape.name) + " (" + key + ") " + free);
  require(site.version() == before + 1, "a local write gave no version of its own");
  require(site.db().integer("SELECT count(*) FROM crsql_changes WHERE cl = 1 AND db_version > " +
                            std::to_string(before) + " AND \"table\" = " + literal(Value(shape.name))) > 0,
          "a local write went unseen");
}

Database empty_replica(const std::vector<Shape>& shapes) {
  Database db;
  for (const Shape& shape : shapes) {
    db.exec(shape.create);
    db.exec("SELECT crsql_as_crr(" + literal(Value(shape.name)) + ")");
  }
  return db;
}

void run(std::span<const std::uint8_t> bytes) {
  Choices choices = Choices::from_bytes(&bytes);
  static const std::vector<Shape> shapes = {all_shapes()[0], all_shapes()[2], all_shapes()[5], all_shapes()[6],
                                            all_shapes()[8]};
  static const Database empty = empty_replica(shapes);
  Site site("a", empty);
  if (choices.chance(30)) site.db().exec("SELECT crsql_config_set('merge-equal-values', 1)");
  MergeInput input(site, shapes, choices);
  for (int step = 0; step < 100 && !choices.exhausted(); ++step) {
    if (choices.chance(80)) {
      input.one();
    } else if (choices.chance(80)) {
      const auto ignored = site.db().error_of(WriteMaker(choices.pick(shapes), choices).any().sql);
    } else {
      end_transaction(site, site.db().in_transaction() ? (choices.chance(70) ? "COMMIT" : "ROLLBACK") : "BEGIN");
    }
  }
  if (site.db().in_transaction()) end_transaction(site, "COMMIT");
  require_sound(site, shapes);
  require(site.db().integer("SELECT crsql_internal_sync_bit()") == 0, "the sync bit is left on");
  require(site.db().text("PRAGMA integrity_check") == "ok", "the database is corrupt");
  require_capturing(site, shapes[0]);
  require_sound(site, shapes);
}

}  // namespace
}  // namespace rejoin::test

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return rejoin::fuzz::run_target([&] { rejoin::test::run({data, size}); });
}

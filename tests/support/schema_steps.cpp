#include "support/schema_steps.hpp"

#include <algorithm>
#include <optional>

#include "support/merge_model.hpp"
#include "support/sync_steps.hpp"
#include "support/writes.hpp"

namespace rejoin::test {

namespace {

Shape* find_shape(Site& site, const std::string& name) {
  const auto found = std::ranges::find(site.shapes(), name, &Shape::name);
  return found == site.shapes().end() ? nullptr : &*found;
}

/// What comes next on the way to the newest schema.
struct Lack {
  const Shape* table = nullptr;
  const Column* column = nullptr;  ///< null: the table itself
};

std::optional<Lack> find_lack(World& world, Site& site, Choices& choices) {
  std::vector<Lack> lacks;
  for (const Shape& newest : world.shapes) {
    const Shape* shape = find_shape(site, newest.name);
    if (shape == nullptr) {
      lacks.push_back({&newest, nullptr});
    } else if (shape->cells.size() < newest.cells.size()) {
      const std::size_t next = newest.later.size() - (newest.cells.size() - shape->cells.size());
      lacks.push_back({&newest, &newest.later[next]});
    }
  }
  if (lacks.empty()) return std::nullopt;
  return choices.pick(lacks);
}

std::vector<Change> held_changes(Site& site) {
  Statement select(site.db().handle(), R"(SELECT "table", pk, cid, val, col_version, db_version, site_id, cl, seq )"
                                       "FROM crsql_held__crsql_changes ORDER BY rowid");
  return all_changes(select);
}

class SchemaChange {
 public:
  SchemaChange(World& world, Site& site, const Lack& lack, Choices& choices)
      : world_(world), site_(site), lack_(lack), choices_(choices) {}

  void run(bool in_vain) {
    const std::vector<Shape> old_shapes = site_.shapes();
    const Snapshot before = take_snapshot(site_, site_.shapes());
    MergeModel model(before.changes, site_.id(), before.version, world_.merge_equal_values);
    const std::vector<Change> held = held_changes(site_);
    if (in_vain || choices_.chance(30)) sql("BEGIN");
    const std::optional<Change> nudge = change(before.changes);
    if (in_vain) {
      sql("ROLLBACK");
      site_.shapes() = old_shapes;
      require_same(before, take_snapshot(site_, site_.shapes()), "a schema change rolled back");
      if (held_changes(site_) != held) throw Violation("a schema change rolled back lost what was held");
      return;
    }
    if (site_.db().in_transaction()) sql("COMMIT");
    model.begin();
    for (const Change& kept : held) {
      if (knows(site_, kept)) model.merge(kept);
    }
    if (nudge) model.merge(*nudge);
    require_as_model(site_, model, "a schema change");
    require_sound(site_, site_.shapes());
  }

 private:
  // Returns the change that was merged to have the held ones taken up, where it took one.
  std::optional<Change> change(const std::vector<Change>& present) {
    world_.tally.alters += 1;
    if (lack_.column == nullptr) {
      create_table(world_, site_, oldest(*lack_.table), false, choices_);
      return std::nullopt;
    }
    const std::string table = literal(Value(lack_.table->name));
    const std::string add = "ALTER TABLE " + quoted(lack_.table->name) + " ADD COLUMN " + lack_.column->added_as;
    const bool bare = !present.empty() && choices_.chance(35);
    if (!bare) sql("SELECT crsql_begin_alter(" + table + ")");
    sql(add);
    if (!bare) sql("SELECT crsql_commit_alter(" + table + ")");
    find_shape(site_, lack_.table->name)->cells.push_back(*lack_.column);
    if (!bare) return std::nullopt;
    Change again = choices_.pick(present);
    site_.merge(again);
    return again;
  }

  void sql(const std::string& text) {
    world_.note(site_, text);
    site_.db().exec(text);
  }

  World& world_;
  Site& site_;
  const Lack& lack_;
  Choices& choices_;
};

}  // namespace

Shape oldest(const Shape& newest) {
  Shape shape = newest;
  shape.cells.resize(shape.cells.size() - shape.later.size());
  return shape;
}

void create_table(World& world, Site& site, const Shape& shape, bool with_rows, Choices& choices) {
  site.shapes().push_back(shape);
  site.db().exec(shape.create);
  for (std::size_t rows = with_rows && choices.chance(30) ? choices.index(4) : 0; rows > 0; --rows) {
    const Write write = WriteMaker(shape, choices).any();
    world.note(site, write.sql);
    if (site.db().error_of(write.sql)) world.note(site, "  fails");
  }
  if (shape.null_key) site.db().exec("DELETE FROM " + quoted(shape.name) + " WHERE id IS NULL");
  world.note(site, "crsql_as_crr " + shape.name);
  site.db().query("SELECT crsql_as_crr(" + literal(Value(shape.name)) + ")");
}

void alter_step(World& world, Site& site, Choices& choices) {
  if (const std::optional<Lack> lack = find_lack(world, site, choices)) {
    SchemaChange(world, site, *lack, choices).run(choices.chance(12));
  }
}

void bring_up_to_date(World& world, Site& site, Choices& choices) {
  while (const std::optional<Lack> lack = find_lack(world, site, choices)) {
    SchemaChange(world, site, *lack, choices).run(false);
  }
}

}  // namespace rejoin::test

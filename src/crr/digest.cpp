#include "crr/digest.hpp"

#include "base/hash.hpp"
#include "crr/format.hpp"
#include "crr/packed_key.hpp"
#include "sqlite/error.hpp"

namespace rejoin::internal {

namespace {

void append_text(Bytes& out, std::string_view text) {
  ValueView value;
  value.type = SQLITE_TEXT;
  value.bytes = {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
  append_packed_value(out, value);
}

void append_integer(Bytes& out, std::int64_t number) {
  ValueView value;
  value.type = SQLITE_INTEGER;
  value.integer = number;
  append_packed_value(out, value);
}

/// Adds one item: the sum, modulo 2^128, of items' hashes is the same in whatever order they come.
void add(Digest& digest, const Bytes& item) {
  const Hash hash = hash_of(view_of(item));
  digest.low += hash.low;
  digest.high += hash.high + (digest.low < hash.low ? 1 : 0);
}

class TableDigest {
 public:
  TableDigest(Clock& clock, const Table& table, Digest& digest) : clock_(clock), table_(table), digest_(digest) {}

  Status run() {
    REJOIN_TRY(clock_.scan_by_row(table_, scan_));
    REJOIN_TRY(clock_.select_row(table_, row_));
    Status status;
    while (scan_.step(status, "computing a digest")) {
      if (scan_.integer(0) != key_) REJOIN_TRY(begin_row());
      if (known_ && scan_.text(1) != kSentinel) add_cell();
    }
    return status;
  }

 private:
  /// item := table:text key:value* cl:integer   the row itself, alive or deleted
  Status begin_row() {
    key_ = scan_.integer(0);
    row_.reset();
    row_.bind(1, key_);
    Status status;
    known_ = row_.step(status, "computing a digest");
    if (!known_) return status;
    prefix_.clear();
    append_text(prefix_, table_.name);
    for (std::size_t i = 0; i < table_.keys.size(); ++i) append_value(prefix_, static_cast<int>(i) + 1);
    append_integer(prefix_, row_.is_null(0) ? 1 : row_.integer(0));
    add(digest_, prefix_);
    return {};
  }

  /// item := (the row's) column:text col_version:integer value:value
  void add_cell() {
    const int cell = table_.cell_index(scan_.text(1));
    const auto keys = static_cast<int>(table_.keys.size());
    if (cell < 0 || row_.integer(1 + keys) == 0) return;
    item_ = prefix_;
    append_text(item_, scan_.text(1));
    append_integer(item_, scan_.integer(2));
    append_value(item_, 2 + keys + cell);
    add(digest_, item_);
  }

  void append_value(Bytes& out, int column) {
    ValueView value = ValueView::of_column(row_.get(), column);
    if (value.type == SQLITE_FLOAT && value.real == 0) value.real = 0;  // -0.0 and 0.0 are one value to the merge rule
    append_packed_value(out, value);
  }

  Clock& clock_;
  const Table& table_;
  Digest& digest_;
  Lease scan_;
  Lease row_;
  std::int64_t key_ = 0;
  bool known_ = false;
  Bytes prefix_;
  Bytes item_;
};

}  // namespace

Status compute_digest(Engine& engine, std::string_view only, Digest& digest) {
  digest = {};
  REJOIN_TRY(engine.enter_to_read());
  for (const std::string& name : engine.catalogue().names()) {
    if (!only.empty() && name != only) continue;
    Status status;
    const auto table = engine.catalogue().find(name, status);
    REJOIN_TRY(std::move(status));
    REJOIN_TRY(TableDigest(engine.clock(), *table, digest).run());
  }
  return {};
}

}  // namespace rejoin::internal

#include "sync/batch.hpp"

#include <limits>
#include <utility>
#include <variant>

namespace rejoin::sync {

namespace {

enum Flag : std::uint8_t {
  kSameTable = 1,
  kSameSite = 2,
  kSameVersion = 4,
  kNextSeq = 8,
  kFirstLife = 16,
  kSameColumns = 32,
  kAllFlags = 63,
};

enum Tag : std::uint8_t { kNull = 0, kInteger = 1, kReal = 2, kText = 3, kBlob = 4 };

constexpr std::uint64_t kInTag = 31;  // numbers below stand in the tag itself

// What is added or taken may go around: what a peer has sent may hold anything.
std::int64_t sum(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}
std::int64_t difference(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}

void append_tagged(Bytes& out, Tag tag, std::uint64_t number) {
  const std::uint64_t n = number < kInTag ? number : kInTag;
  out.push_back(static_cast<std::uint8_t>(tag | (n << 3)));
  if (n == kInTag) append_varint(out, number);
}

void append_value(Bytes& out, const Value& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    append_tagged(out, kInteger, zigzag(*integer));
  } else if (const auto* real = std::get_if<double>(&value)) {
    out.push_back(kReal);
    internal::append_unsigned(out, internal::bits_as<std::uint64_t>(*real), 8);
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    append_tagged(out, kText, text->size());
    out.insert(out.end(), text->begin(), text->end());
  } else if (const auto* blob = std::get_if<Blob>(&value)) {
    append_tagged(out, kBlob, blob->size());
    out.insert(out.end(), blob->begin(), blob->end());
  } else {
    out.push_back(kNull);
  }
}

}  // namespace

bool BatchEncoder::continues(const Change& change) const {
  if (!open_) return false;
  const auto column = table_->columns.find(change.column);
  if (column != table_->columns.end() && column->second.group == group_) return false;
  return change.db_version == last_.db_version && change.seq == sum(last_.seq, 1) &&
         change.causal_length == last_.causal_length && change.pk == last_.pk && change.site_id == last_.site_id &&
         change.table == last_.table;
}

void BatchEncoder::add(const Change& change) {
  if (!continues(change)) begin_group(change);
  add_cell(change);
  last_.table = change.table;
  last_.pk = change.pk;
  last_.site_id = change.site_id;
  last_.db_version = change.db_version;
  last_.seq = change.seq;
  last_.causal_length = change.causal_length;
  ++changes_;
}

void BatchEncoder::begin_group(const Change& change) {
  end_group();
  const bool first = changes_ == 0;
  flags_ = 0;
  head_.clear();
  if (!first && change.table == last_.table) {
    flags_ |= kSameTable;
  } else {
    TableState& table = tables_[change.table];
    append_varint(head_, table.number);
    if (table.number == 0) {
      table.number = tables_.size();
      append_sized(head_, change.table);
    }
    table_ = &table;
  }
  if (!first && change.site_id == last_.site_id) {
    flags_ |= kSameSite;
  } else {
    std::uint64_t& site = sites_[change.site_id];
    append_varint(head_, site);
    if (site == 0) {
      site = sites_.size();
      append_sized(head_, internal::view_of(change.site_id));
    }
  }
  const std::int64_t version = first ? 0 : last_.db_version;
  if (change.db_version == version) {
    flags_ |= kSameVersion;
  } else {
    append_varint(head_, zigzag(difference(change.db_version, version)));
  }
  const std::int64_t seq = first || change.db_version != version ? 0 : sum(last_.seq, 1);
  if (change.seq == seq) {
    flags_ |= kNextSeq;
  } else {
    append_varint(head_, zigzag(difference(change.seq, seq)));
  }
  if (change.causal_length == 1) {
    flags_ |= kFirstLife;
  } else {
    append_varint(head_, static_cast<std::uint64_t>(change.causal_length));
  }
  append_sized(head_, internal::view_of(change.pk));
  open_ = true;
  plain_ = true;
  ++group_;
}

void BatchEncoder::add_cell(const Change& change) {
  TableState::Column& column = table_->columns[change.column];
  append_varint(cells_, column.number);
  if (column.number == 0) {
    column.number = table_->columns.size();
    append_sized(cells_, change.column);
  }
  column.group = group_;
  append_varint(cells_, static_cast<std::uint64_t>(change.column_version));
  append_value(cells_, change.value);
  append_value(values_, change.value);
  plain_ = plain_ && change.column_version == 1;
  group_columns_.push_back(column.number);
}

void BatchEncoder::end_group() {
  if (!open_) return;
  const bool same = plain_ && group_columns_ == table_->last_columns;
  out_.push_back(static_cast<std::uint8_t>(flags_ | (same ? kSameColumns : 0)));
  internal::append_bytes(out_, internal::view_of(head_));
  if (!same) append_varint(out_, group_columns_.size());
  internal::append_bytes(out_, internal::view_of(same ? values_ : cells_));
  table_->last_columns = group_columns_;
  group_columns_.clear();
  cells_.clear();
  values_.clear();
  open_ = false;
}

Bytes BatchEncoder::take() {
  end_group();
  Bytes taken = std::move(out_);
  *this = BatchEncoder();
  return taken;
}

Status BatchDecoder::malformed(const char* what) const {
  return {ErrorCode::kInvalidArgument,
          "byte " + std::to_string(size_ - reader_.left()) + " of a batch of changes: " + what};
}

Status BatchDecoder::read_table() {
  std::uint64_t ref = 0;
  if (!read_varint(reader_, ref) || ref > tables_.size()) return malformed("no table that was named");
  if (ref == 0) {
    TableState table;
    if (!read_sized(reader_, table.name)) return malformed("a table's name is cut off");
    tables_.push_back(std::move(table));
    ref = tables_.size();
  }
  table_ = ref - 1;
  return {};
}

Status BatchDecoder::read_head(std::uint8_t flags) {
  const bool first = tables_.empty();
  if (first && (flags & (kSameTable | kSameSite)) != 0) return malformed("there is no group before this one");
  if ((flags & kSameTable) == 0) {
    if (Status status = read_table(); !status.ok()) return status;
  }
  std::uint64_t number = 0;
  if ((flags & kSameSite) == 0) {
    if (!read_varint(reader_, number) || number > sites_.size()) return malformed("no site that was named");
    if (number == 0) {
      ByteView site;
      if (!read_sized(reader_, site)) return malformed("a site id is cut off");
      sites_.emplace_back(site.data, site.data + site.size);
      number = sites_.size();
    }
    site_ = number - 1;
  }
  if ((flags & kSameVersion) == 0) {
    if (!read_varint(reader_, number)) return malformed("a version is cut off");
    if (number == 0) return malformed("a version that is the one before has a flag for that");
    version_ = sum(version_, unzigzag(number));
    seq_ = 0;
  }
  if ((flags & kNextSeq) == 0) {
    if (!read_varint(reader_, number)) return malformed("a place within a version is cut off");
    seq_ = sum(seq_, unzigzag(number));
  }
  life_ = 1;
  if ((flags & kFirstLife) == 0) {
    if (!read_varint(reader_, number)) return malformed("a causal length is cut off");
    life_ = static_cast<std::int64_t>(number);
  }
  ByteView key;
  if (!read_sized(reader_, key)) return malformed("a key is cut off");
  key_.assign(key.data, key.data + key.size);
  return {};
}

Status BatchDecoder::read_group() {
  std::uint8_t flags = 0;
  if (!reader_.read_u8(flags) || (flags & ~kAllFlags) != 0) return malformed("unknown flags");
  if (Status status = read_head(flags); !status.ok()) return status;
  plain_ = (flags & kSameColumns) != 0;
  columns_.clear();
  if (plain_) {
    left_ = tables_[table_].last_columns.size();
  } else if (!read_varint(reader_, left_) || left_ > reader_.left()) {
    return malformed("a count of cells is beyond the bytes that are there");
  }
  if (left_ == 0) return malformed("a row without a cell");
  ++group_;
  return {};
}

Status BatchDecoder::read_value(Value& value) {
  std::uint8_t tag = 0;
  if (!reader_.read_u8(tag)) return malformed("a value is cut off");
  std::uint64_t number = tag >> 3;
  const auto type = static_cast<Tag>(tag & 7);
  if (type == kNull && number == 0) {
    value = std::monostate();
    return {};
  }
  if (type == kReal && number == 0) {
    if (!reader_.read_unsigned(8, number)) return malformed("a REAL is cut off");
    value = internal::bits_as<double>(number);
    return {};
  }
  if (type != kInteger && type != kText && type != kBlob) return malformed("a value of no known type");
  if (number == kInTag && !read_varint(reader_, number)) return malformed("a value is cut off");
  if (type == kInteger) {
    value = unzigzag(number);
    return {};
  }
  ByteView bytes;
  if (!reader_.read_bytes(number, bytes)) return malformed("a value is longer than what is left");
  if (type == kText) {
    value = std::string(reinterpret_cast<const char*>(bytes.data), bytes.size);
  } else {
    value = Blob(bytes.data, bytes.data + bytes.size);
  }
  return {};
}

Status BatchDecoder::read_cell(Change& change) {
  TableState& table = tables_[table_];
  std::uint64_t number = 0;
  if (plain_) {
    columns_.push_back(table.last_columns[table.last_columns.size() - left_]);
    change.column_version = 1;
  } else {
    if (!read_varint(reader_, number) || number > table.columns.size()) return malformed("no column that was named");
    if (number == 0) {
      std::string name;
      if (!read_sized(reader_, name)) return malformed("a column's name is cut off");
      table.columns.push_back(std::move(name));
      table.groups.push_back(0);
      number = table.columns.size();
    }
    // Else a key that is said once could stand for more changes than there are bytes to say them.
    if (table.groups[number - 1] == group_) return malformed("a column twice in a row");
    table.groups[number - 1] = group_;
    columns_.push_back(number - 1);
    if (!read_varint(reader_, number)) return malformed("a column version is cut off");
    change.column_version = static_cast<std::int64_t>(number);
  }
  change.column = table.columns[columns_.back()];
  return read_value(change.value);
}

Result<bool> BatchDecoder::next(Change& change) {
  if (left_ == 0) {
    if (reader_.left() == 0) return false;
    if (Status status = read_group(); !status.ok()) return status;
  }
  if (Status status = read_cell(change); !status.ok()) return status;
  change.table = tables_[table_].name;
  change.pk = key_;
  change.site_id = sites_[site_];
  change.db_version = version_;
  change.causal_length = life_;
  change.seq = seq_;
  seq_ = sum(seq_, 1);
  if (--left_ == 0) tables_[table_].last_columns = columns_;
  return true;
}

}  // namespace rejoin::sync

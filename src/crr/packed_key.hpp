// Packed keys: the bytes in which key values travel and are compared by peers.
//
//   packed  := count:u8 value*            count values
//   value   := tag:u8 payload             tag = type | length << 3
//   type    := 1 integer | 2 float | 3 text | 4 blob | 5 null
//   integer := length bytes, unsigned big-endian, as few as hold it (0 for zero; a negative number takes 8)
//   float   := 8 bytes, IEEE-754 big-endian; length 0
//   text    := length bytes that give the size as an integer does, then as many bytes; blob likewise
//   null    := nothing; length 0
//
// DO NOT CHANGE: part of the wire and of every peer's keys.
#pragma once

#include <string>
#include <vector>

#include <rejoin/status.hpp>

#include "base/bytes.hpp"
#include "sqlite/value.hpp"

namespace rejoin::internal {

/// The most values one packed key can count.
inline constexpr std::size_t kMaxPackedValues = 255;

void append_packed_value(Bytes& out, const ValueView& value);

/// Reads exactly one packed run of values: fewer bytes, more bytes, an unknown type or a wasteful number are errors
/// that say what is wrong and where. The values borrow from `packed`.
Status unpack(ByteView packed, std::vector<ValueView>& values);

/// The packed values as a person would write them, for messages: `(1, 'a', x'00ff')`. Cut short where long.
std::string describe_packed(ByteView packed);

}  // namespace rejoin::internal

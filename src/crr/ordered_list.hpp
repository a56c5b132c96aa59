// Tables whose rows are ordered lists: crsql_fract_as_ordered and the function that its view's triggers call.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <rejoin/status.hpp>

#include "crr/engine.hpp"

namespace rejoin::internal {

/// Makes `order` the column of `table` that holds a row's ordering key (fractional_index.hpp) within its list, which
/// are the rows with the same values in the columns `lists`; without any, the whole table is one list. Triggers on the
/// table put a row whose `order` is set to -1 first and to 1 last; the view "t_fractindex" inserts and moves rows by
/// the row that they come after. What an earlier call made is replaced. On an error nothing has changed.
Status make_ordered(Engine& engine, std::string_view table, std::string_view order,
                    const std::vector<std::string_view>& lists);

/// Whether a trigger of this name is one that make_ordered puts on a table (not on the view).
bool is_ordering_trigger(std::string_view name);

/// Rows that were put at one place by several replicas have one ordering key, and nothing fits between them: moves the
/// row `key_values` of them before the others. `room`: an ordering key between that row and those.
Status tell_apart(Engine& engine, std::string_view table, std::string_view order,
                  const std::vector<std::string_view>& lists, const std::vector<std::string_view>& key_names,
                  const std::vector<ValueView>& key_values, std::string& room);

}  // namespace rejoin::internal

// Reading what SQLite keeps as text: the definitions in sqlite_master.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace rejoin::internal {

/// The text of a column's definition in a CREATE TABLE statement, name and constraints, as written. False: there is
/// none. Names are matched as SQLite matches them: without regard to ASCII case, quoted in any of its four ways.
bool find_column_definition(std::string_view create_table, std::string_view column, std::string& definition);

/// How many arguments the first call of `function`, a name as it is written unquoted, has; 0: it is not called.
std::size_t count_arguments(std::string_view sql, std::string_view function);

}  // namespace rejoin::internal

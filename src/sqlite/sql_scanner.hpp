// Reading what SQLite keeps as text: the definitions in sqlite_master.
#pragma once

#include <string>
#include <string_view>

namespace rejoin::internal {

/// The text of a column's definition in a CREATE TABLE statement, name and constraints, as written. False: there is
/// none. Names are matched as SQLite matches them: without regard to ASCII case, quoted in any of its four ways.
bool find_column_definition(std::string_view create_table, std::string_view column, std::string& definition);

}  // namespace rejoin::internal

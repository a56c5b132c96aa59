// Reading SQL: the definitions in sqlite_master, and how a statement begins.
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

/// Whether `word` stands in it, outside quotes and comments.
bool mentions(std::string_view sql, std::string_view word);

/// Whether the statement is an INSERT or REPLACE into `table`, of whatever schema, that is not made for one row: of a
/// SELECT, or of several VALUES. One that begins with WITH, which may be, is not told.
bool inserts_rows_into(std::string_view sql, std::string_view table);

}  // namespace rejoin::internal

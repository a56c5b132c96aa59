// The SQL of the clocks: every statement on a clock table or a key table, by the table that it stands beside.
#pragma once

#include <string>

#include "crr/catalogue.hpp"

namespace rejoin::internal {

/// What an error of the clock's says was being done.
inline constexpr std::string_view kReading = "reading the clocks";
inline constexpr std::string_view kWriting = "writing the clocks";

/// The SQL function that takes what gather_changes finds (clock_walk.hpp).
inline constexpr const char* kGatherFunction = "crsql_internal_clock";

std::string clock_name(const Table& table);
std::string keys_name(const Table& table);

/// `k."a" = +t."a" AND …`: a key row k and a base row t are of one row. The plus takes the base column's affinity away,
/// with which the index of the key table could not be used.
std::string same_row_sql(const Table& table);
/// The same, found by the base table's own index, which may have a wider notion of what is equal.
std::string same_row_by_base_sql(const Table& table);

std::string select_clock_sql(const Table& table);
std::string select_any_clock_sql(const Table& table);
std::string load_row_sql(const Table& table);
std::string select_key_sql(const Table& table);
std::string insert_key_sql(const Table& table);
std::string write_cell_sql(const Table& table);
std::string insert_merged_sql(const Table& table);
std::string zero_cells_sql(const Table& table);
std::string drop_cells_sql(const Table& table);
std::string write_new_row_sql(const Table& table);
std::string replace_new_row_sql(const Table& table);
std::string touch_row_sql(const Table& table);
std::string touch_cell_sql(const Table& table);
std::string revive_sql(const Table& table);
std::string bury_sql(const Table& table);
/// The clock row of row ?1 and column ?2 (empty: any cell) whose col_version cannot be counted up.
std::string counted_out_sql(const Table& table);
// Of many rows, as crsql_internal_rows lists them (?1: db_version).
std::string find_rows_sql(const Table& table);
std::string last_key_sql(const Table& table);
std::string make_rows_sql(const Table& table);
std::string find_sentinels_sql(const Table& table);
std::string write_new_rows_sql(const Table& table);
std::string replace_new_rows_sql(const Table& table);
std::string revive_rows_sql(const Table& table);
/// Count up the clock rows of column ?2, and of all listed cells. What has no clock row is left to add_cells.
std::string touch_column_sql(const Table& table);
std::string touch_cells_sql(const Table& table);
/// The same, where the listed rows are many of those from number ?3 to number ?4: their clock rows are walked through.
std::string touch_cells_of_span_sql(const Table& table);
/// The same for whatever is listed, twice too.
std::string touch_rows_sql(const Table& table);
/// Clock rows of col_version 1 for the listed cells that have none.
std::string add_cells_sql(const Table& table);
std::string bury_rows_sql(const Table& table);
std::string drop_cells_of_rows_sql(const Table& table);
/// The same for all rows from number ?1 to number ?2.
std::string drop_cells_of_span_sql(const Table& table);
std::string max_version_sql(const Table& table);
std::string restore_changes_sql(const Table& table);
std::string restore_one_change_sql(const Table& table);
std::string gather_changes_sql(const Table& table);
std::string sort_changes_sql(const Table& table);
std::string scan_by_row_sql(const Table& table);
std::string select_row_sql(const Table& table);
std::string show_rows_sql(const Table& table);
std::string count_rows_sql(const Table& table);
std::string edited_since_sql(const Table& table);

// For the check. check_row: of the key row ?1, whether the base table has the row (by its own notion of what is equal,
// and byte by byte), and the key columns. The others: the keys that have a fault.
std::string check_row_sql(const Table& table);
std::string keys_without_clocks_sql(const Table& table);
std::string rows_without_clocks_sql(const Table& table);
std::string repeated_keys_sql(const Table& table);

}  // namespace rejoin::internal

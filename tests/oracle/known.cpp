#include "oracle/known.hpp"

namespace rejoin::oracle {

const std::vector<KnownDifference>& known_differences() {
  static const std::vector<KnownDifference> kList = {
      {"key-change",
       "the reference moves the clock rows of a row whose key changes and stamps none of them anew: cursor sync "
       "misses the cells. Rejoin: a delete and an insert, every cell stamped"},
      {"sync-bit", "after a failed merge the reference's sync bit stays 1 and local writes go unrecorded"},
      {"failing-upgrade",
       "a failing crsql_as_crr or alter rolls the application's whole transaction back in the reference"},
      {"malformed-key", "a pk that is not exactly one key of the table aborts the reference or writes rubbish"},
      {"bounds", "the reference takes negative and overflowing versions, causal lengths and places as they are"},
      {"odd-names", "names of tables and columns with blanks, quotes or dots fail half-way in the reference"},
      {"unknown-schema", "the reference says 'SQL logic error' where Rejoin names the table and column"},
      {"missing-columns",
       "an insert into crsql_changes without cl and seq is accepted by the reference and applies nothing"},
      {"nullable-key", "the reference refuses keys that do not say NOT NULL"},
      {"phantom-version",
       "an UPDATE that changes nothing, and a rolled back savepoint, raise the reference's "
       "crsql_db_version() though nothing is stored"},
      {"savepoint-version", "ROLLBACK TO does not take back the version that a merge inside it had asked for"},
      {"seq-holes", "rolled back statements, REPLACE and rewritten cells leave holes in the reference's seq"},
      {"affinity",
       "the reference compares a merged value, and looks up a merged key, before the column's affinity is applied"},
      {"autoincrement-word", "the word autoincrement in a comment or a name makes the reference refuse a table"},
      {"change-order", "ORDER BY of crsql_changes with a descending term and another one is wrong in the reference"},
      {"change-join",
       "crsql_changes cannot be joined with itself in the reference, nor crsql_unpack_columns with a table"},
      {"unique-rowid", "all cells of a row have the same rowid in the reference's crsql_changes"},
      {"impact-after-rollback", "crsql_rows_impacted() keeps counting over a rollback in the reference"},
      {"tombstone-version",
       "a change with an even cl is stored under its col_version by the reference, where it is honest "
       "they are equal"},
      {"remnant-writer",
       "what a cell held in an earlier life of its row is kept under the site that wrote it then: a peer on another "
       "schema that forgot it never gets it back from who filters by site. Rejoin: under this site"},
      {"stale-columns", "inside one transaction the reference does not see what as_crr or an alter has just changed"},
      {"finalize", "after crsql_finalize() the reference's connection takes no more writes"},
      {"version-goes-down", "crsql_as_table, or dropping clock rows, lowers the reference's crsql_db_version()"},
      {"partial-merge",
       "in a transaction a change that brings a row into a later life and then fails leaves the row behind in the "
       "reference"},
      {"later-life-trigger",
       "a cell that makes its row is overwritten by an AFTER INSERT trigger in life 1, not in later ones, in "
       "the reference: there it makes the row first, then writes the cell"},
      {"merge-upsert",
       "the reference merges into a row that is there by an upsert: BEFORE INSERT triggers fire for it"},
      {"lost-triggers", "a commit between begin_alter and commit_alter leaves the reference's table uncaptured"},
      {"bare-alter", "after a bare ALTER TABLE every update fails in the reference"},
      {"dropped-table",
       "after DROP TABLE of a CRR the reference cannot read crsql_changes, and a table of the same name has ghosts"},
      {"lost-history", "a renamed column loses its clocks in the reference"},
      {"unpack-errors", "crsql_unpack_columns aborts, or takes a malformed package in part, in the reference"},
      {"fract-errors",
       "crsql_fract_key_between aborts for equal or empty keys in the reference, and takes bytes outside of the "
       "alphabet"},
      {"ordered-lists",
       "the triggers of ordered lists are spelled otherwise: they keep still in merges and know lists named NULL, "
       "tables "
       "without rowid and rows of one place whose key has several columns; a key change by the view is of the row it "
       "names, and a failing call takes nothing away"},
      {"arguments", "a table that is not there, or named NULL, is passed over by crsql_as_table and crsql_begin_alter"},
      {"automigrate",
       "the reference leaves an index as it is whose definition has changed, and gives the text 'not an error' for an "
       "error"},
      {"build", "functions that this build of the reference lacks: crsql_sha, crsql_config_set, crsql_config_get"},
  };
  return kList;
}

}  // namespace rejoin::oracle

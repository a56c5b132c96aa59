#include <net/room_schema.hpp>

#include <net/schema.hpp>
#include <net/sql.hpp>
#include <net/text.hpp>

#include <base/try.hpp>
#include <sync/vlcn_schema.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <system_error>

namespace rejoin::net {
namespace {

Result<std::string> read_schema(const std::string& folder, const std::string& name) {
  if (folder.empty()) return Status(ErrorCode::kUnknownSchema, "this hub has no folder of schemas");
  if (!is_room_name(name)) {
    return Status(ErrorCode::kInvalidArgument, cat("no schema can be called \"", utf8_cut(name, 60), "\""));
  }
  const std::string path = cat(folder, "/", name);
  std::error_code ignored;
  std::ifstream file(path, std::ios::binary);
  if (!file || !std::filesystem::is_regular_file(path, ignored)) {
    return Status(ErrorCode::kUnknownSchema, cat("this hub has no schema \"", name, "\""));
  }
  return std::string(std::istreambuf_iterator<char>(file), {});
}

Result<std::optional<std::string>> master_value(sqlite3* db, std::string_view key) {
  auto row = Statement::prepare(db, "SELECT value FROM crsql_master WHERE key = ?");
  if (!row.ok()) return row.status();
  row->bind(1, key);
  const auto found = row->step();
  if (!found.ok()) return found.status();
  return *found && !row->is_null(0) ? std::optional(row->text(0)) : std::nullopt;
}

Status note_schema(sqlite3* db, const std::string& name, std::int64_t version) {
  auto row = Statement::prepare(db,
                                "INSERT OR REPLACE INTO crsql_master (key, value) VALUES ('schema_name', ?1), "
                                "('schema_version', ?2)");
  if (!row.ok()) return row.status();
  row->bind(1, name);
  row->bind(2, version);
  return row->step().status();
}

// A room that native clients have filled: what the schema has and the room lacks is added, and nothing dropped.
Status adopt_text(Replica& replica, const std::string& text) {
  auto scratch = Replica::open(":memory:");
  if (!scratch.ok()) return scratch.status();
  REJOIN_TRY(execute(scratch->connection(), text));
  const auto tables = describe_schema(*scratch);
  return tables.ok() ? adopt_schema(replica, *tables) : tables.status();
}

Status apply(Replica& replica, const std::string& text, bool known) {
  sqlite3* db = replica.connection();
  if (known) {
    auto migrate = Statement::prepare(db, "SELECT crsql_automigrate(?)");
    if (!migrate.ok()) return migrate.status();
    migrate->bind(1, text);
    return migrate->step().status();
  }
  const auto tables = replica.tables();
  if (!tables.ok()) return tables.status();
  return tables->empty() ? execute(db, text) : adopt_text(replica, text);
}

}  // namespace

Result<bool> bring_schema(Replica& replica, const std::string& folder, const std::string& name, std::int64_t version) {
  const auto present = master_value(replica.connection(), "schema_name");
  if (!present.ok()) return present.status();
  const auto present_version = master_value(replica.connection(), "schema_version");
  if (!present_version.ok()) return present_version.status();
  if (*present && **present != name) {
    return Status(ErrorCode::kUnknownSchema, cat("this room has the schema \"", **present, "\""));
  }
  if (*present && *present_version && **present_version == std::to_string(version)) return false;
  const auto text = read_schema(folder, name);
  if (!text.ok()) return text.status();
  if (sync::cryb64(*text) != version) {
    return Status(ErrorCode::kUnknownSchema, cat("the schema \"", name, "\" has another version here"));
  }
  const Status done = replica.in_transaction([&] {
    REJOIN_TRY(apply(replica, *text, present->has_value()));
    return note_schema(replica.connection(), name, version);
  });
  if (!done.ok()) return done;
  return true;
}

}  // namespace rejoin::net

// rejoin status: what a file is as a replica. Writes nothing.
#include <cli/commands.hpp>
#include <cli/json_value.hpp>
#include <cli/schema.hpp>
#include <cli/text.hpp>

#include <iostream>

namespace rejoin::cli {
namespace {

// A row of crsql_tracked_peers.
struct Peer {
  std::string site;
  std::int64_t version = 0;
  std::int64_t seq = 0;
  std::int64_t tag = 0;
  std::int64_t event = 0;
};

struct FileStatus {
  Blob site;
  std::int64_t version = 0;
  std::vector<TableSummary> tables;
  std::vector<std::string> plain;
  std::vector<Peer> peers;
  std::int64_t held = 0;  // changes for tables and columns that the file does not have
};

std::vector<Peer> peers_of(const Database& db) {
  std::vector<Peer> peers;
  Query query(db, "SELECT lower(hex(site_id)), version, seq, tag, event FROM crsql_tracked_peers ORDER BY 1, 4, 5");
  while (query.step()) {
    peers.push_back({query.text(0), query.integer(1), query.integer(2), query.integer(3), query.integer(4)});
  }
  return peers;
}

FileStatus read_status(const Database& db) {
  const Replica replica = db.attach();
  const Snapshot snapshot(db);
  FileStatus status;
  status.site = db.take(replica.site_id());
  status.version = db.take(replica.db_version());
  status.tables = db.take(replica.summaries());
  status.plain = plain_tables(db, replica);
  status.peers = peers_of(db);
  status.held = db.take(replica.held_changes());
  return status;
}

void print_text(const std::string& path, const FileStatus& status) {
  std::cout << path << "\n  site     " << to_hex(status.site) << "\n  version  " << status.version << '\n';
  const char* label = "  CRRs     ";
  for (const TableSummary& table : status.tables) {
    std::cout << label << printable(table.name) << ": " << count_of(table.rows, "row") << ", "
              << count_of(table.tombstones, "tombstone") << '\n';
    label = "           ";
  }
  if (status.tables.empty()) std::cout << label << "none\n";
  label = "  peers    ";
  for (const Peer& peer : status.peers) {
    std::cout << label << peer.site << ": ";
    if (peer.tag == 0 && peer.event == 0) {
      std::cout << "merged up to version " << peer.version;
    } else {
      std::cout << "version " << peer.version << " (tag " << peer.tag << ", event " << peer.event << ")";
    }
    std::cout << '\n';
    label = "           ";
  }
  if (status.peers.empty()) std::cout << label << "none\n";
  if (status.held > 0) {
    std::cout << "  held     " << count_of(status.held, "change") << " for tables and columns that are not here\n";
  }
  label = "  plain    ";
  for (const std::string& table : status.plain) {
    std::cout << label << printable(table) << ": no CRR, is not merged\n";
    label = "           ";
  }
}

void print_json(const std::string& path, const FileStatus& status) {
  Json tables = Json::array();
  for (const TableSummary& table : status.tables) {
    tables.push_back({{"table", text_to_json(table.name)}, {"rows", table.rows}, {"tombstones", table.tombstones}});
  }
  Json peers = Json::array();
  for (const Peer& peer : status.peers) {
    peers.push_back({{"site_id", peer.site},
                     {"version", to_json(peer.version)},
                     {"seq", to_json(peer.seq)},
                     {"tag", to_json(peer.tag)},
                     {"event", to_json(peer.event)}});
  }
  Json plain = Json::array();
  for (const std::string& table : status.plain) plain.push_back(text_to_json(table));
  const Json all{{"path", text_to_json(path)},
                 {"site_id", to_hex(status.site)},
                 {"db_version", to_json(status.version)},
                 {"crrs", std::move(tables)},
                 {"peers", std::move(peers)},
                 {"held_changes", to_json(Value(status.held))},
                 {"plain_tables", std::move(plain)}};
  std::cout << all.dump(2) << '\n';
}

}  // namespace

int run_status(const Options& options) {
  const Database db = open_replica(options.file, options.new_site_id ? Access::kWrite : Access::kRead, options.wait);
  if (options.new_site_id) {
    Replica replica = db.attach();
    Transaction transaction(db);
    db.take(replica.renew_site_id());
    transaction.commit();
  }
  const FileStatus status = read_status(db);
  options.json ? print_json(db.path(), status) : print_text(db.path(), status);
  return kExitFine;
}

}  // namespace rejoin::cli

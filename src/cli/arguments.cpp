#include <cli/arguments.hpp>

#include <cli/suggest.hpp>
#include <cli/text.hpp>

#include <rejoin/attach.hpp>

#include <CLI/CLI.hpp>

#include <cstring>
#include <iostream>
#include <memory>

namespace rejoin::cli {
namespace {

constexpr int kManyFiles = 1000;
constexpr double kLongestWait = 86400;
#ifdef REJOIN_WITH_NET
constexpr std::size_t kMostOfAnything = 1000000;
#endif

constexpr const char* kExitCodes =
    "Exit codes: 0 fine; 1 the work failed, or --check found a difference; 2 the command line is wrong.";

// Help without the parser's own notation for types and counts.
class HelpFormat : public CLI::Formatter {
 public:
  std::string make_option_opts(const CLI::Option* option) const override {
    return option->get_option_text().empty() ? "" : " " + option->get_option_text();
  }
  std::string make_option_usage(const CLI::Option* option) const override {
    const std::string name = option->get_name(true) + (option->get_expected_max() > 1 ? "…" : "");
    return option->get_required() ? name : "[" + name + "]";
  }
  std::string make_footer(const CLI::App* app) const override { return app->get_footer() + "\n"; }
};

// Builds the parser over one set of options and remembers which command was given.
class CommandLine {
 public:
  CommandLine() {
    app_.name("rejoin");
    app_.formatter(std::make_shared<HelpFormat>());
    app_.get_formatter()->label("SUBCOMMAND", "COMMAND");
    app_.require_subcommand(1);
    app_.set_version_flag("--version", cat("rejoin ", version()));
    app_.footer(
        cat("Example:\n  rejoin merge laptop.db phone.db\n\nrejoin COMMAND --help tells more about a command.\n",
            kExitCodes));
    add_merge();
    add_init();
    add_status();
    add_check();
    add_changes();
    add_apply();
    add_sql();
    add_export();
    add_import();
#ifdef REJOIN_WITH_NET
    add_serve();
    add_sync();
#endif
  }

  std::optional<Invocation> read(int argc, const char* const* argv, int& exit_code) {
    try {
      app_.parse(guarded_words(argc, argv));
    } catch (const CLI::Success& asked) {  // --help, --version
      exit_code = app_.exit(asked);
      return std::nullopt;
    } catch (const CLI::ParseError& error) {
      std::cerr << "rejoin: " << explain(error) << '\n';
      exit_code = kExitUsage;
      return std::nullopt;
    }
    unguard(options_.file);
    unguard(options_.output);
    unguard(options_.input);
    unguard(options_.serve.data);
    unguard(options_.serve.listen);
    for (std::string& name : options_.files) unguard(name);
    for (std::string& name : options_.tables) unguard(name);
    options_.wait = std::chrono::milliseconds(static_cast<std::int64_t>(wait_ * 1000));
    return Invocation{run_ == run_merge && options_.check ? run_compare : run_, options_,
                      run_ == run_check ? kExitUnchecked : kExitFailed};
  }

 private:
  // The arguments in the order that CLI11 wants, last one first. It takes "[a,b]" for a list; a NUL, which no argument
  // can have, keeps it from seeing one in the name of a file or table.
  static std::vector<std::string> guarded_words(int argc, const char* const* argv) {
    std::vector<std::string> words;
    for (int i = argc - 1; i > 0; --i) {
      std::string& word = words.emplace_back(argv[i]);
      if (word.starts_with('[')) word += '\0';
    }
    return words;
  }

  static void unguard(std::string& word) { word.resize(std::strlen(word.c_str())); }

  CLI::App* add_plain(const char* name, const char* what, int (*run)(const Options&), const std::string& footer) {
    CLI::App* command = app_.add_subcommand(name, what);
    command->callback([this, run] { run_ = run; });
    command->footer(footer);
    command->group("Commands");
    return command;
  }

  CLI::App* add(const char* name, const char* what, int (*run)(const Options&), const std::string& footer) {
    CLI::App* command = add_plain(name, what, run, footer);
    command->add_option("--wait", wait_, "How long to wait for another program's lock (5)")
        ->check(CLI::Range(0.0, kLongestWait))
        ->option_text("SECONDS");
    return command;
  }

  void add_file(CLI::App* command) { command->add_option("FILE", options_.file, "The database file")->required(); }

  void add_json(CLI::App* command) { command->add_flag("--json", options_.json, "Print JSON, for programs"); }

  void add_merge() {
    CLI::App* merge =
        add("merge", "Merge database files into each other until all hold the same rows", run_merge,
            "Only what the others lack travels. Each file is written in one transaction: an error leaves it as it was, "
            "and\n"
            "a run that was interrupted is completed by the next one.\n\n"
            "Examples:\n  rejoin merge laptop.db phone.db\n  rejoin merge --dry-run laptop.db phone.db tablet.db\n"
            "  rejoin merge --check laptop.db phone.db && echo the same");
    merge->add_option("FILES", options_.files, "The database files, two or more")->required()->expected(2, kManyFiles);
    CLI::Option* dry = merge->add_flag("--dry-run", options_.dry_run, "Tell what would be merged and write nothing");
    merge->add_flag("--check", options_.check, "Only compare: exit code 1 where the files differ; write nothing")
        ->excludes(dry);
    add_json(merge);
  }

  void add_init() {
    CLI::App* init = add("init", "Make tables mergeable (CRRs), all of them or none", run_init,
                         "The rows that are there are kept and become mergeable too.\n\n"
                         "Example:\n  rejoin init places.db capitals visits");
    add_file(init);
    init->add_option("TABLES", options_.tables, "The tables")->required()->expected(1, kManyFiles);
  }

  void add_status() {
    CLI::App* status =
        add("status", "Tell a file's site id, version, CRRs, rows, tombstones and peers", run_status,
            "Writes nothing, but with --new-site-id: then a copied file becomes a replica of its own. Do that to\n"
            "the copy before it is written to; its past stays attributed to the original.\n\n"
            "Examples:\n  rejoin status laptop.db\n  rejoin status --new-site-id copy-of-laptop.db");
    add_file(status);
    status->add_flag("--new-site-id", options_.new_site_id, "Give the file a new site id first");
    add_json(status);
  }

  void add_check() {
    CLI::App* check =
        add("check", "Verify a file's clocks against its rows and name each fault", run_check,
            "Writes nothing. What the file holds beside the CRRs is not looked at; PRAGMA integrity_check does that.\n"
            "Exit codes: 0 no fault; 1 faults, each named by table and key; 2 the check could not be done.\n\n"
            "Examples:\n  rejoin check laptop.db\n  rejoin check --json laptop.db");
    add_file(check);
    add_json(check);
  }

  void add_changes() {
    CLI::App* changes = add("changes", "List what a file has to tell others", run_changes,
                            "Writes nothing.\n\nExamples:\n  rejoin changes laptop.db --since 12\n"
                            "  rejoin changes laptop.db --json | rejoin apply phone.db");
    add_file(changes);
    changes->add_option("--since", options_.since, "Only changes stored after this version of the file")
        ->check(CLI::NonNegativeNumber)
        ->option_text("VERSION");
    add_json(changes);
  }

  void add_apply() {
    CLI::App* apply = add("apply", "Merge the changes on standard input, all of them or none", run_apply,
                          "Reads what `rejoin changes --json` prints.\n\n"
                          "Example:\n  rejoin apply phone.db < changes.json");
    add_file(apply);
    add_json(apply);
  }

  void add_sql() {
    CLI::App* sql =
        add("sql", "Run SQL with the engine attached and print the rows", run_sql,
            "Writes to CRRs are captured, and the functions and tables crsql_* are there. Without SQL as an\n"
            "argument it is read from standard input. It stops at the first error; what was committed until\n"
            "then stays. A file that is no replica yet gets its site id.\n\n"
            "Examples:\n  rejoin sql laptop.db \"SELECT * FROM capitals\"\n"
            "  rejoin sql --create new.db < schema.sql");
    add_file(sql);
    sql->add_option("SQL", options_.sql, "One or more statements");
    sql->add_flag("--create", options_.create, "Make the file if it is not there");
    add_json(sql);
  }

  void add_export() {
    CLI::App* command =
        add("export", "Write what a file has to tell others into a file to be carried to them", run_export,
            "Compressed and checked; `rejoin import` merges it. Without --output it goes to standard\n"
            "output. Writes nothing to FILE.\n\n"
            "Examples:\n  rejoin export laptop.db --output week.changes --since 120\n"
            "  rejoin export laptop.db | ssh phone rejoin import phone.db");
    add_file(command);
    command->add_option("--since", options_.since, "Only changes stored after this version of the file")
        ->check(CLI::NonNegativeNumber)
        ->option_text("VERSION");
    CLI::Option* output = command->add_option("--output", options_.output, "Where to")->option_text("PATH");
    command->add_flag("--json", options_.json, "Print JSON, for programs")->needs(output);
  }

  void add_import() {
    CLI::App* command =
        add("import", "Merge what `rejoin export` wrote, all of it or nothing", run_import,
            "Where it follows on what was merged of that replica before, `rejoin status` tells how far.\n\n"
            "Example:\n  rejoin import phone.db week.changes");
    add_file(command);
    command->add_option("CHANGES", options_.input, "The file of changes (standard input)");
    add_json(command);
  }

#ifdef REJOIN_WITH_NET
  void add_serve() {
    CLI::App* serve = add_plain(
        "serve", "Serve rooms, each a database file, to which clients sync over WebSockets", run_serve,
        "A room ROOM is the file ROOM.db in the folder, and ws://HOST:PORT/ROOM to clients. It speaks rejoin.1\n"
        "(rejoin sync), and the protocols of vlcn's and PartyKit's clients on the same port. GET /healthz,\n"
        "/metrics and / tell how it is. It ends with SIGTERM or SIGINT, when all is stored and said goodbye to.\n\n"
        "Whoever reaches it may enter, unless --tokens or --auth-command says who may. The file of --tokens has a\n"
        "line \"ROOM TOKEN\" or \"* TOKEN\" for each; the command of --auth-command finds the two in REJOIN_ROOM and\n"
        "REJOIN_TOKEN, and exit code 0 lets the client in.\n\n"
        "Examples:\n  rejoin serve --data rooms\n"
        "  rejoin serve --data rooms --listen 0.0.0.0:443 --tokens tokens.txt --tls-cert cert.pem --tls-key key.pem");
    ServeOptions& to = options_.serve;
    serve->add_option("--data", to.data, "The folder of the files")->required()->option_text("DIR");
    serve->add_option("--listen", to.listen, "Where (127.0.0.1:8787); port 0: any")->option_text("HOST:PORT");
    serve->add_option("--tokens", to.tokens, "Who may enter which room")->option_text("FILE");
    serve->add_option("--auth-command", to.auth_command, "Asks this who may enter")->option_text("COMMAND");
    serve->add_option("--origin", to.origins, "Origins of browsers' pages that may connect; *: all")
        ->option_text("ORIGIN");
    serve->add_option("--tls-cert", to.tls_cert, "Serve wss:// with this certificate chain")->option_text("FILE");
    serve->add_option("--tls-key", to.tls_key, "and its key")->option_text("FILE");
    serve->add_option("--schemas", to.schemas, "The .sql files that vlcn's clients name")->option_text("DIR");
    serve->add_flag("--fixed-schema", to.fixed_schema, "Make no tables and columns that a client has and a room lacks");
    add_number(serve, "--threads", to.threads, 1U, 1024U, "Threads (one a core)");
    add_number(serve, "--max-message", to.max_message, std::size_t{65536}, std::size_t{1} << 30,
               "Bytes of a message (16777216)");
    add_number(serve, "--max-connections", to.max_connections, std::size_t{1}, kMostOfAnything, "Connections (1000)");
    add_number(serve, "--max-room-connections", to.max_room_connections, std::size_t{1}, kMostOfAnything,
               "Connections to one room (1000)");
    add_number(serve, "--max-rooms", to.max_rooms, std::size_t{1}, kMostOfAnything, "Rooms open at once (1000)");
    serve->add_option("--idle", to.idle, "Hang up after that long without a sign of life (60)")
        ->check(CLI::Range(1.0, kLongestWait))
        ->option_text("SECONDS");
  }

  template <typename Number>
  static void add_number(CLI::App* command, const char* name, Number& number, Number least, Number most,
                         const char* what) {
    command->add_option(name, number, what)->check(CLI::Range(least, most))->option_text("N");
  }

  void add_sync() {
    CLI::App* sync = add_plain(
        "sync", "Bring a file and a room of a hub up to date", run_sync,
        "Only what the other side lacks travels, both ways; it ends when each has all that the other had. A new\n"
        "file gets the room's tables. Broken off, it goes on where it was the next time.\n\n"
        "Examples:\n  rejoin sync laptop.db ws://127.0.0.1:8787/family\n"
        "  rejoin sync --watch --create phone.db wss://hub.example.org/family --token secret");
    add_file(sync);
    SyncOptions& to = options_.sync;
    sync->add_option("URL", to.url, "The room: ws://HOST:PORT/ROOM, or wss:// for TLS")->required();
    sync->add_flag("--watch", to.watch, "Stay, and sync whatever happens on either side");
    sync->add_flag("--create", options_.create, "Make the file if it is not there");
    sync->add_option("--token", to.token, "The room's token (default: the variable REJOIN_TOKEN)")
        ->envname("REJOIN_TOKEN")
        ->option_text("TOKEN");
    sync->add_option("--ca", to.ca, "Trust these authorities (PEM) instead of the system's")->option_text("FILE");
    sync->add_flag("--repair", to.repair, "Compare all rows, whatever was synced before, and mend what differs");
    sync->add_flag("--fixed-schema", to.fixed_schema,
                   "Make no tables and columns that the room has and the file lacks");
    sync->add_option("--timeout", to.timeout, "Give up after that long (never)")
        ->check(CLI::Range(0.0, kLongestWait))
        ->option_text("SECONDS");
  }
#endif

  // The parser's complaint in our words, with a suggestion where something looks like a slip.
  std::string explain(const CLI::ParseError& error) const {
    const auto given = app_.get_subcommands();
    const CLI::App& command = given.empty() ? app_ : *given.front();
    const std::string help = cat("; see: rejoin ", given.empty() ? "" : command.get_name() + " ", "--help");
    const std::vector<std::string> unknown = app_.remaining(true);
    if (unknown.empty() && given.empty()) return cat("a command is missing", help);
    if (unknown.empty()) return cat(command.get_name(), ": ", printable(error.what()), help);
    const std::string& word = unknown.front();
    const bool is_option = word.size() > 1 && word[0] == '-';
    std::string text;
    if (is_option) {
      text = cat("unknown option '", printable(word), "'");
    } else if (given.empty()) {
      text = cat("unknown command '", printable(word), "'");
    } else {
      text = cat(command.get_name(), ": '", printable(word), "' is one argument too many");
    }
    const std::string near = is_option       ? suggestion_for(word.substr(0, word.find('=')), option_names(command))
                             : given.empty() ? suggestion_for(word, command_names())
                                             : "";
    if (!near.empty()) text += cat("; did you mean '", near, "'?");
    return near.empty() ? text + help : text;
  }

  std::vector<std::string> command_names() const {
    std::vector<std::string> names;
    for (const CLI::App* command : app_.get_subcommands([](const CLI::App*) { return true; })) {
      names.push_back(command->get_name());
    }
    return names;
  }

  static std::vector<std::string> option_names(const CLI::App& command) {
    std::vector<std::string> names;
    for (const CLI::Option* option : command.get_options()) {
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    }
    return names;
  }

  CLI::App app_{"Merges SQLite databases that were written apart."};
  Options options_;
  double wait_ = 5;
  int (*run_)(const Options&) = nullptr;
};

}  // namespace

std::optional<Invocation> read_arguments(int argc, const char* const* argv, int& exit_code) {
  return CommandLine().read(argc, argv, exit_code);
}

}  // namespace rejoin::cli

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "context_store/context_store.h"
#include "context_store/integrity.h"
#include "context_store/recall.h"
#include "context_store/transfer.h"
#include "server/commands/commands.h"
#include "server/commands/loaded_models.h"
#include "server/commands/model_choice.h"
#include "server/commands/store_calls.h"
#include "server/commands/turn_embedding.h"
#include "server/console/memory_lines.h"

namespace antiphon::server {
namespace {

using namespace context_store;

constexpr const char* kFooter = R"(
Exit code: 0; `check` 1 if something is damaged; 2 wrong use or an error.
A store that a server uses is locked: ask the server, or stop it.

Examples:
  antiphon memory stats --store memory
  antiphon memory export --store memory --tenant acme > acme.jsonl
  antiphon memory import --store other < acme.jsonl
  antiphon memory recall --store memory --tenant acme --user igor "what is my dog called?"
  antiphon memory embed --store memory
  antiphon memory recall --by-meaning --store memory --tenant acme --user igor "any pets?"
  antiphon memory forget --store memory --tenant acme --user igor --session s1)";

struct MemoryOptions {
  std::string store;
  std::string tenant;
  std::string user;
  std::string session;
  Ordinal turn = 0;
  std::string text;
  int turns_max = 10;
  int cold_after_hours = 24;
  bool by_meaning = false;
  ModelChoice models;
  bool turns_only = false;
};

// The part of the store that --tenant and --user name.
Path path_of(const MemoryOptions& options) {
  std::vector<std::string_view> names;
  if (!options.tenant.empty()) names.emplace_back(options.tenant);
  if (!options.user.empty()) names.emplace_back(options.user);
  if (options.tenant.empty() && !options.user.empty()) throw std::runtime_error("--user needs --tenant");
  const std::optional<Path> path = Path::of(names);
  if (!path) throw std::runtime_error("--tenant and --user have 1 to 200 bytes");
  return *path;
}

UserPath user_of(const MemoryOptions& options) {
  const std::optional<UserPath> user = UserPath::of(options.tenant, options.user);
  if (!user) throw std::runtime_error("--tenant and --user are needed, with 1 to 200 bytes");
  return *user;
}

ContextStore open(const MemoryOptions& options, ContextStore::Mode mode) {
  return ContextStore({.folder = options.store, .mode = mode});
}

void print_user(const UserPath& user, const UserState& state) {
  std::uint64_t edge_bytes = 0;
  std::uint64_t all = 0;
  for (std::size_t record = 0; record < state.block_bytes.size(); ++record) {
    const auto kind = static_cast<Record>(record);
    const std::uint64_t bytes = state.block_bytes[record];
    all += bytes;
    if (kind == Record::kForward || kind == Record::kReverse || kind == Record::kProvenance)
      edge_bytes += bytes;
  }
  std::printf(
      "%s: %u turns, %u sessions, %u entities, %u facts, %llu edges, %llu bytes, %.1f bytes per edge\n",
      user.path().text().c_str(), state.count(NodeKind::kTurn), state.count(NodeKind::kSession),
      state.count(NodeKind::kEntity), state.count(NodeKind::kFact),
      static_cast<unsigned long long>(state.edges), static_cast<unsigned long long>(all),
      static_cast<double>(edge_bytes) / static_cast<double>(std::max<std::uint64_t>(state.edges, 1)));
  for (std::size_t record = 0; record < state.block_bytes.size(); ++record) {
    if (state.block_bytes[record] == 0) continue;
    std::printf("  %-14s %12llu bytes\n", std::string(name_of(static_cast<Record>(record))).c_str(),
                static_cast<unsigned long long>(state.block_bytes[record]));
  }
}

void print_stats(const MemoryOptions& options) {
  const ContextStore store = open(options, ContextStore::Mode::kRead);
  const ContextStore::Figures figures = store.figures();
  std::printf("file: %llu bytes, %llu in use\n", static_cast<unsigned long long>(figures.file_bytes),
              static_cast<unsigned long long>(figures.used_bytes));
  if (figures.cold_bytes > 0) {
    std::printf("cold: %llu bytes, %llu edges, %.1f bytes per edge\n",
                static_cast<unsigned long long>(figures.cold_bytes),
                static_cast<unsigned long long>(figures.cold_edges),
                static_cast<double>(figures.cold_edge_bytes) /
                    static_cast<double>(std::max<std::uint64_t>(figures.cold_edges, 1)));
  }
  const ReadSnapshot snapshot = or_throw(store.snapshot(path_of(options), store_now()));
  for (const UserPath& user : or_throw(snapshot.users()))
    print_user(user, or_throw(snapshot.graph(user)).state());
}

void check(const MemoryOptions& options) {
  const ContextStore store = open(options, ContextStore::Mode::kRead);
  const ReadSnapshot snapshot = or_throw(store.snapshot(Path(), store_now()));
  const IntegrityReport report = check_integrity(snapshot);
  for (const std::string& problem : report.problems) std::cout << problem << "\n";
  std::cout << report.blocks << " blocks, " << report.users << " users, " << report.turns << " turns, "
            << report.edges << " edges: " << (report.whole() ? "whole" : "damaged") << "\n";
  if (!report.whole()) throw CLI::RuntimeError(1);
}

void export_lines(const MemoryOptions& options) {
  const ContextStore store = open(options, ContextStore::Mode::kRead);
  const ReadSnapshot snapshot = or_throw(store.snapshot(path_of(options), store_now()));
  const auto print = [](const auto& record) {
    std::cout << memory_line(record) << "\n";
    return std::cout.good();
  };
  or_throw(options.turns_only ? export_turns(snapshot, print) : export_graph(snapshot, print));
  if (!std::cout.flush()) throw std::runtime_error("cannot write to the standard output");
}

// The lines of the standard input, of which all have one form.
class MemoryInput {
 public:
  // None at the end.
  template <typename Record>
  std::optional<Record> next() {
    if (!line_ && !read()) return std::nullopt;
    MemoryLine line = *std::exchange(line_, std::nullopt);
    if (auto* record = std::get_if<Record>(&line)) return std::move(*record);
    throw std::runtime_error(place() + "told turns and whole graphs are in one file");
  }
  bool graphs() { return (line_ || read()) && std::holds_alternative<ExportedRecord>(*line_); }
  std::string place() const { return "line " + std::to_string(number_) + ": "; }

 private:
  bool read() {
    std::string text;
    if (!std::getline(std::cin, text)) return false;
    ++number_;
    line_ = parse_memory_line(text);
    if (const auto* fault = std::get_if<std::string>(&*line_)) throw std::runtime_error(place() + *fault);
    return true;
  }

  std::optional<MemoryLine> line_;  // read, not taken
  std::size_t number_ = 0;
};

void import_graphs(ContextStore& store, const WriteLease& lease, MemoryInput& input) {
  const auto restored = store.restore(lease, [&] { return input.next<ExportedRecord>(); });
  if (!restored) throw std::runtime_error(input.place() + restored.error().what);
  std::cout << restored->users << " users with " << restored->turns << " turns imported\n";
}

void import_turns(ContextStore& store, WriteLease& lease, MemoryInput& input) {
  constexpr std::size_t kTurnsPerCommit = 256;
  WriteLease* const leases[] = {&lease};
  std::size_t turns = 0;
  for (; auto told = input.next<ExportedTurn>(); ++turns) {
    const Status kept = lease.append_turn(told->user, std::move(told->turn));
    if (!kept) throw std::runtime_error(input.place() + kept.error().what);
    if (lease.waiting() >= kTurnsPerCommit) or_throw(store.commit(leases, store_now()));
  }
  or_throw(store.commit(leases, store_now()));
  std::cout << turns << " turns imported\n";
}

void import_lines(const MemoryOptions& options) {
  ContextStore store = open(options, ContextStore::Mode::kWrite);
  auto grant = store.try_lease({Path()}, "import");
  WriteLease& lease = std::get<std::vector<WriteLease>>(grant).front();
  MemoryInput input;
  input.graphs() ? import_graphs(store, lease, input) : import_turns(store, lease, input);
}

std::unique_ptr<const models::TextEmbedder> embedder_of(const MemoryOptions& options) {
  return std::move(load_models(options.models.resolve(), {.jobs = {models::Job::kEmbedding}}).embedder);
}

void embed(const MemoryOptions& options) {
  const Path path = path_of(options);
  const auto embedder = embedder_of(options);
  ContextStore store = open(options, ContextStore::Mode::kWrite);
  std::cout << embed_turns(store, path, *embedder) << " turns embedded\n";
}

void forget(const MemoryOptions& options) {
  const UserPath user = user_of(options);
  ContextStore store = open(options, ContextStore::Mode::kWrite);
  auto grant = store.try_lease({user.path()}, "forget");
  WriteLease& lease = std::get<std::vector<WriteLease>>(grant).front();
  if (options.turn != 0) {
    or_throw(lease.forget_turn(user, options.turn));
  } else if (!options.session.empty()) {
    or_throw(lease.forget_session(user, options.session));
  } else {
    or_throw(lease.forget_user(user));
  }
  WriteLease* const leases[] = {&lease};
  if (!or_throw(store.commit(leases, store_now())).front().front().applied) {
    throw std::runtime_error("there is nothing like that to forget");
  }
  const ContextStore::Compaction compaction = or_throw(store.compact(store_now()));
  std::cout << "forgotten; the file has " << compaction.bytes_after << " bytes instead of "
            << compaction.bytes_before << "\n";
}

void compact(const MemoryOptions& options) {
  ContextStore store({.folder = options.store, .cold_after = std::chrono::hours(options.cold_after_hours)});
  const ContextStore::Compaction compaction = or_throw(store.compact(store_now()));
  std::cout << compaction.bytes_before << " bytes before, " << compaction.bytes_after << " bytes after, "
            << store.figures().cold_bytes << " of them cold\n";
}

void recall(const MemoryOptions& options) {
  const UserPath user = user_of(options);
  const ContextStore store = open(options, ContextStore::Mode::kRead);
  const ReadSnapshot snapshot = or_throw(store.snapshot(user.path(), store_now()));
  const UserGraph graph = or_throw(snapshot.graph(user));
  std::vector<float> direction;
  if (options.by_meaning) direction = embed_query(graph, options.text, *embedder_of(options));
  Recaller recaller;
  const Recall found = or_throw(recaller.recall(
      graph,
      {.text = options.text, .now = store_now(), .turns_max = options.turns_max, .direction = direction}));
  for (const RecalledFact& fact : found.facts) {
    std::printf("%6.2f  fact  %s: %s (from turn %u)\n", fact.score, fact.fact.relation.c_str(),
                fact.fact.object.c_str(), fact.fact.source_turn);
  }
  for (const RecalledTurn& turn : found.turns) {
    const auto day = std::chrono::floor<std::chrono::days>(turn.turn.at);
    const std::chrono::year_month_day date(day);
    std::printf("%6.2f  turn %u, %04d-%02u-%02u  %s\n", turn.score, turn.turn.ordinal,
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), turn.turn.text.c_str());
  }
}

}  // namespace

void add_memory_command(CLI::App& app) {
  const auto options = std::make_shared<MemoryOptions>();
  CLI::App* memory = app.add_subcommand("memory", "Look into the memory of conversations, move it, forget");
  memory->require_subcommand(1);
  memory->footer(kFooter);
  const auto add = [&](const char* name, const char* does, void (*run)(const MemoryOptions&)) {
    CLI::App* command = memory->add_subcommand(name, does);
    command->add_option("--store", options->store, "The store's folder")->required();
    command->callback([options, run] { run(*options); });
    return command;
  };
  const auto add_scope = [&](CLI::App* command, bool needed) {
    command->add_option("--tenant", options->tenant, "Only this tenant")->required(needed);
    command->add_option("--user", options->user, "Only this user of it")->required(needed);
    return command;
  };
  add_scope(add("stats", "Turns, facts, edges and bytes of each user", print_stats), false);
  add("check", "Read every block and prove that all is whole", check);
  add_scope(add("export", "Write the graphs, whole, as JSON Lines to the standard output", export_lines),
            false)
      ->add_flag("--turns", options->turns_only,
                 "Only what was told: for a store that knows these users already");
  add("import", "Read JSON Lines of `export` from the standard input", import_lines);
  options->models.declare(
      *add_scope(add("embed", "Give each turn that has none its vector, for recall by meaning", embed),
                 false),
      {models::Job::kEmbedding});
  add("compact", "Write the store anew, as small as it can be, with old talks in a cold segment", compact)
      ->add_option("--cold-after", options->cold_after_hours, "Hours after which a talk is old")
      ->check(CLI::Range(0, 1'000'000))
      ->capture_default_str();
  CLI::App* forget_command = add_scope(
      add("forget", "Delete a user, or one session or turn, and all that came from it", forget), true);
  CLI::Option* session = forget_command->add_option("--session", options->session, "Only this session");
  forget_command->add_option("--turn", options->turn, "Only this turn (its number in `recall`)")
      ->check(CLI::PositiveNumber)
      ->excludes(session);
  CLI::App* recall_command = add_scope(add("recall", "What was said that bears on a text", recall), true);
  recall_command->add_option("text", options->text, "What is asked")->required();
  recall_command->add_flag("--by-meaning", options->by_meaning,
                           "Also by meaning, with the vectors of `embed`; needs the embedding model");
  options->models.declare(*recall_command, {models::Job::kEmbedding});
  recall_command->add_option("--turns", options->turns_max, "At most so many turns")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
}

}  // namespace antiphon::server

// A store of several times the memory that there is for it:
//   large_store_bench FOLDER [--limit-mib 32] [--names 100000] [--turns 100000]
// Fills a new folder (or takes one that it filled before), then goes into a memory cgroup of that limit, lets
// go of what the system has cached of the files, and measures: opening to the first answer, resident memory,
// two steps of the graph, alone and beside a durable writer, and the graph operators. Wants root, for the
// cgroup.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "context_store/graph_operators.h"
#include "context_store/recall.h"
#include "tests/bench/store_workload.h"

namespace {

using namespace antiphon::context_store;
using namespace antiphon::context_store::bench;
namespace fs = std::filesystem;

const UserPath kTalker = user_path("talker");
const UserPath kHops = user_path("hops");

struct Options {
  std::string folder;
  int limit_mib = 32;
  int names = 100'000;
  int turns = 100'000;
};

void fill(const Options& options) {
  ContextStore store({.folder = options.folder});
  Speaker speaker(1);
  std::vector<NewTurn> group;
  for (int number = 0; number < options.turns; ++number) {
    group.push_back(turn_of(speaker.sentence(14), number));
    if (group.size() < 512 && number + 1 < options.turns) continue;
    tell(store, kTalker, group);
    group.clear();
  }
  tell_names(store, kHops, options.names);
  tell_edges(store, kHops, options.names);
}

// This process and what it makes from now on may have so much memory, files' pages among it.
void limit_memory(int mib) {
  const std::string bytes = std::to_string(std::size_t{1} * mib << 20);
  for (const auto& [root, file] :
       {std::pair<fs::path, const char*>("/sys/fs/cgroup/memory", "memory.limit_in_bytes"),
        std::pair<fs::path, const char*>("/sys/fs/cgroup", "memory.max")}) {
    const fs::path group = root / "antiphon_large_store_bench";
    std::error_code refused;
    fs::create_directory(group, refused);
    if (refused || !fs::exists(group / file)) continue;
    std::ofstream limit(group / file);
    limit << bytes << std::flush;
    std::ofstream procs(group / "cgroup.procs");
    procs << ::getpid() << std::flush;
    if (limit && procs) return;
  }
  throw std::runtime_error("there is no memory cgroup that this process may use");
}

std::uintmax_t drop_cached(const fs::path& folder) {
  std::uintmax_t bytes = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const int file = ::open(entry.path().c_str(), O_RDONLY | O_CLOEXEC);
    ::fsync(file);
    ::posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
    ::close(file);
    bytes += entry.file_size();
  }
  return bytes;
}

void measure_opening(const Options& options) {
  const auto begin = Clock::now();
  const ContextStore store({.folder = options.folder});
  const ReadSnapshot snapshot = store.snapshot(kTalker.path(), {}).value();
  Recaller recaller;
  const Recall found =
      recaller.recall(snapshot.graph(kTalker).value(), {.text = "bakodumi", .now = kForever}).value();
  std::printf("open, nothing cached, to the first answer (%zu turns): %.1f ms, resident %.1f MiB\n",
              found.turns.size(), std::chrono::duration<double, std::milli>(Clock::now() - begin).count(),
              static_cast<double>(resident_kib()) / 1024);
}

void print_operator(const char* name, std::size_t found, bool complete, const MemoryBudget& budget,
                    Clock::time_point begin) {
  std::printf("%-44s %8zu found, %s, kept %5.2f of %5.2f MiB, %.2f s\n", name, found,
              complete ? "all" : "budget full", static_cast<double>(budget.peak()) / (1 << 20),
              static_cast<double>(budget.bytes_max()) / (1 << 20),
              std::chrono::duration<double>(Clock::now() - begin).count());
  std::fflush(stdout);
}

void measure_operators(const ContextStore& store) {
  const ReadSnapshot snapshot = store.snapshot(kHops.path(), {}).value();
  const UserGraph graph = snapshot.graph(kHops).value();
  const NodeId start{NodeKind::kEntity, 1};
  const std::array<Step, 1> about = {Step{UserGraph::Direction::kForward, EdgeType::kAbout, {}}};
  const std::array<Step, 2> twice = {about[0], about[0]};
  for (const std::size_t mib : {1, 16}) {
    MemoryBudget budget(mib << 20);
    auto begin = Clock::now();
    const Reached reached = reach(graph, start, about, 4, budget).value();
    print_operator("k-hop: four steps, all entities", reached.nodes.size(), reached.complete, budget, begin);
  }
  MemoryBudget ranks_budget(8 << 20);
  auto begin = Clock::now();
  const std::array<NodeId, 1> seeds = {start};
  const Ranks ranks = page_rank(graph, seeds, {.precision = 1e-6}, ranks_budget).value();
  print_operator("personalised PageRank", ranks.nodes.size(), ranks.complete, ranks_budget, begin);
  MemoryBudget counts_budget(1 << 20);
  begin = Clock::now();
  const Counts counts = count_ends(graph, start, twice, counts_budget).value();
  print_operator("pattern of two steps, counted by its ends", counts.ends.size(), counts.complete,
                 counts_budget, begin);
  MemoryBudget duplicates_budget(16 << 20);
  begin = Clock::now();
  const Duplicates duplicates = find_duplicates(graph, duplicates_budget).value();
  print_operator("duplicate entities", duplicates.pairs.size(), duplicates.complete, duplicates_budget,
                 begin);
}

void measure(const Options& options) {
  limit_memory(options.limit_mib);
  const auto bytes = static_cast<double>(drop_cached(options.folder));
  std::printf("files %.1f MiB, memory for all %d MiB\n", bytes / (1 << 20), options.limit_mib);
  measure_opening(options);
  ContextStore store({.folder = options.folder});
  Times idle;
  walk_two_hops(store, kHops, options.names, 2000, idle);
  idle.print("two steps, fan-out 32 (1,024 edges), idle");
  Times busy;
  beside_a_writer(store, [&] { walk_two_hops(store, kHops, options.names, 2000, busy); });
  busy.print("two steps, fan-out 32, while a durable writer runs");
  measure_operators(store);
  std::printf("resident at the end %.1f MiB\n", static_cast<double>(resident_kib()) / 1024);
}

// In a process of its own, so that nothing of one is left for the other.
void in_child(void (*work)(const Options&), const Options& options) {
  std::fflush(stdout);
  const pid_t child = ::fork();
  if (child == 0) {
    int code = 0;
    try {
      work(options);
    } catch (const std::exception& error) {
      std::fprintf(stderr, "large_store_bench: %s\n", error.what());
      code = 2;
    }
    std::fflush(stdout);
    ::_exit(code);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) throw std::runtime_error("a part has failed");
}

}  // namespace

int main(int argc, char** argv) try {
  CLI::App app("Figures of a context store larger than memory");
  Options options;
  app.add_option("folder", options.folder, "Where the store is, or is made")->required();
  app.add_option("--limit-mib", options.limit_mib, "Memory that there is")->capture_default_str();
  app.add_option("--names", options.names, "Entities of the graph, each with 32 edges")
      ->capture_default_str();
  app.add_option("--turns", options.turns, "Turns of a user beside it")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  if (!fs::exists(options.folder)) in_child(fill, options);
  in_child(measure, options);
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "large_store_bench: %s\n", error.what());
  return 2;
}

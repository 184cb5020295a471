// The context store's figures:
//   context_store_bench [--turns N] [--folder DIR]
// One user with N turns (100,000): recall, bytes per edge, opening; then durable writes, alone and at a
// steady rate, reading two steps of the graph while they go on, and leases with 10,000 outstanding.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "context_store/commit_window.h"
#include "context_store/context_store.h"
#include "context_store/recall.h"
#include "tests/support/temporary_folder.h"

namespace {

using namespace antiphon::context_store;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr int kNames = 2000;
constexpr int kWords = 8000;

class Times {
 public:
  template <typename Work>
  void run(Work&& work) {
    const auto begin = Clock::now();
    work();
    add(Clock::now() - begin);
  }
  void add(Clock::duration time) { ms_.push_back(std::chrono::duration<double, std::milli>(time).count()); }
  void print(const char* what) {
    std::ranges::sort(ms_);
    const auto at = [&](double share) {
      return ms_[static_cast<std::size_t>(share * static_cast<double>(ms_.size() - 1))];
    };
    std::printf("%-58s p50 %8.4f  p99 %8.4f  max %8.4f ms  (%zu)\n", what, at(0.5), at(0.99), at(1),
                ms_.size());
    std::fflush(stdout);
  }

 private:
  std::vector<double> ms_;
};

// Sentences whose words are as unevenly common as those of a language (Zipf).
class Speaker {
 public:
  explicit Speaker(unsigned seed) : random_(seed) {
    std::vector<double> weights;
    for (int i = 0; i < kWords; ++i) weights.push_back(1.0 / (i + 20));
    word_ = std::discrete_distribution<int>(weights.begin(), weights.end());
  }
  std::string word() { return spell(word_(random_)); }
  std::string sentence(int words) {
    std::string text = "so";
    for (int i = 0; i < words; ++i) text += " " + word();
    return text;
  }
  // With nine names: a turn of twelve edges.
  std::string story() {
    std::string text = sentence(8);
    for (int i = 0; i < 9; ++i)
      text += ", " + name(std::uniform_int_distribution<int>(0, kNames - 1)(random_));
    return text + ".";
  }
  static std::string name(int number) {
    std::string text = spell(number + kWords);
    text.front() = static_cast<char>(text.front() & ~0x20);
    return text;
  }

 private:
  static std::string spell(int number) {
    static constexpr std::string_view kSyllables = "bakodumifelanoriputesi";
    std::string text;
    for (int i = 0; i < 4; ++i, number /= 11)
      text += kSyllables.substr(static_cast<std::size_t>(number % 11) * 2, 2);
    return text;
  }
  std::mt19937 random_;
  std::discrete_distribution<int> word_;
};

UserPath user_path(const std::string& name) {
  return UserPath::of("bench", name).value();
}

NewTurn turn_of(std::string text, int number) {
  return {"session " + std::to_string(number / 30),
          std::string(number % 2 == 0 ? kUserSpeaker : kAssistantSpeaker),
          Timestamp(1'700'000'000'000ms + number * 9s),
          std::move(text),
          "",
          {}};
}

// Some turns of a user under one lease and one commit. Ends the program if they cannot be stored.
void tell(ContextStore& store, const UserPath& user, const std::vector<NewTurn>& turns) {
  auto grant = store.try_lease({user.path()}, "bench");
  WriteLease& lease = std::get<std::vector<WriteLease>>(grant).front();
  for (const NewTurn& turn : turns) {
    if (const Status kept = lease.append_turn(user, turn); !kept) throw std::runtime_error(kept.error().what);
  }
  WriteLease* const leases[] = {&lease};
  if (const auto done = store.commit(leases, turns.back().at); !done)
    throw std::runtime_error(done.error().what);
}

void fill(ContextStore& store, const UserPath& user, int turns) {
  Speaker speaker(1);
  std::vector<NewTurn> group;
  for (int number = 0; number < turns; ++number) {
    group.push_back(turn_of(speaker.sentence(14), number));
    if (group.size() == 512 || number + 1 == turns) {
      tell(store, user, group);
      group.clear();
    }
  }
}

void measure_recall(ContextStore& store, const UserPath& user) {
  const ReadSnapshot snapshot = store.snapshot(user.path(), {}).value();
  const UserGraph graph = snapshot.graph(user).value();
  Recaller recaller;
  Speaker speaker(2);
  Times times;
  for (int i = 0; i < 1000; ++i) {
    const std::string text = speaker.sentence(6);
    times.run([&] { static_cast<void>(recaller.recall(graph, {.text = text, .now = kForever}).value()); });
  }
  times.print("recall, six words, text to ten ranked turns");
}

double edge_bytes(const UserState& state) {
  const auto of = [&](Record record) {
    return static_cast<double>(state.block_bytes[static_cast<std::size_t>(record)]);
  };
  return (of(Record::kForward) + of(Record::kReverse) + of(Record::kProvenance)) /
         static_cast<double>(state.edges);
}

// Turns of twelve edges, in groups of `group`, as fast as they go.
void measure_writes(ContextStore& store, int group, int turns) {
  const UserPath user = user_path("writer" + std::to_string(group));
  Speaker speaker(3);
  std::vector<NewTurn> all;
  for (int number = 0; number < turns; ++number) all.push_back(turn_of(speaker.story(), number));
  Times times;
  const auto begin = Clock::now();
  for (int at = 0; at + group <= turns; at += group) {
    times.run([&] { tell(store, user, {all.begin() + at, all.begin() + at + group}); });
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  const ReadSnapshot snapshot = store.snapshot(user.path(), {}).value();
  const UserState state = snapshot.graph(user)->state();
  times.print(("commit of " + std::to_string(group) + " turns").c_str());
  std::printf("  %.0f edges/s, %.0f turns/s; %.1f bytes per edge\n",
              static_cast<double>(state.edges) / seconds, turns / seconds, edge_bytes(state));
}

// 200 turns a second, gathered by a CommitWindow: from a turn's coming to its acknowledgement, and until it
// is found.
void measure_steady_rate(ContextStore& store) {
  const UserPath user = user_path("steady");
  Speaker speaker(4);
  CommitWindow window;
  std::vector<std::pair<Clock::time_point, NewTurn>> waiting;
  Times acknowledged;
  Times searchable;
  Recaller recaller;
  const auto begin = Clock::now();
  for (int number = 0; number < 1000 || !waiting.empty();) {
    const auto next = begin + number * 5ms;
    const auto due = window.due_at();
    std::this_thread::sleep_until(due && (number >= 1000 || *due < next) ? *due : next);
    const auto now = Clock::now();
    if (number < 1000 && now >= next) {
      waiting.emplace_back(next, turn_of(speaker.story(), number++));
      window.add_turn(now);
    }
    if (!window.due(now)) continue;
    std::vector<NewTurn> group;
    for (const auto& [time, turn] : waiting) group.push_back(turn);
    tell(store, user, group);
    const auto done = Clock::now();
    for (const auto& [time, turn] : waiting) acknowledged.add(done - time);
    waiting.clear();
    window.committed();
    if (number % 10 == 0) {
      const ReadSnapshot snapshot = store.snapshot(user.path(), {}).value();
      const Recall found =
          recaller.recall(snapshot.graph(user).value(), {.text = group.back().text, .now = kForever}).value();
      if (found.turns.empty()) throw std::runtime_error("a turn is not found after its acknowledgement");
      searchable.add(Clock::now() - done);
    }
  }
  acknowledged.print("acknowledgement at 200 turns/s (window 2 ms)");
  searchable.print("from the acknowledgement until recall has found it");
}

// Two steps over "about" edges, 32 from each of 2,000 entities.
void measure_two_hops(ContextStore& store) {
  const UserPath user = user_path("hops");
  std::mt19937 random(5);
  std::uniform_int_distribution<Ordinal> entity(1, kNames);
  {
    std::string all_names = "so";
    auto grant = store.try_lease({user.path()}, "bench");
    WriteLease& lease = std::get<std::vector<WriteLease>>(grant).front();
    for (int first = 0; first < kNames; first += 25) {
      std::string text = "so";
      for (int i = first; i < first + 25; ++i) text += ", " + Speaker::name(i);
      static_cast<void>(lease.append_turn(user, turn_of(text, first)));
    }
    WriteLease* const leases[] = {&lease};
    store.commit(leases, {}).value();
    for (Ordinal from = 1; from <= kNames; ++from) {
      for (int i = 0; i < 32; ++i) {
        static_cast<void>(lease.add_edge(user, {EdgeType::kAbout,
                                                {NodeKind::kEntity, from},
                                                {NodeKind::kEntity, entity(random)},
                                                {},
                                                kForever,
                                                {},
                                                1}));
      }
    }
    store.commit(leases, {}).value();
  }
  const auto read = [&](Times& times, int rounds) {
    for (int i = 0; i < rounds; ++i) {
      const NodeId start{NodeKind::kEntity, entity(random)};
      times.run([&] {
        const ReadSnapshot snapshot = store.snapshot(user.path(), {}).value();
        const UserGraph graph = snapshot.graph(user).value();
        std::size_t reached = 0;
        static_cast<void>(graph.visit_edges(start, UserGraph::Direction::kForward, [&](const Edge& edge) {
          static_cast<void>(graph.visit_edges(edge.to, UserGraph::Direction::kForward,
                                              [&](const Edge&) { return ++reached > 0; }));
          return true;
        }));
      });
    }
  };
  Times idle;
  read(idle, 20'000);
  idle.print("two steps, fan-out 32 (1,024 edges), idle");
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    Speaker speaker(6);
    for (int number = 0; !stop; ++number)
      tell(store, user_path("beside"), {turn_of(speaker.story(), number)});
  });
  Times busy;
  read(busy, 20'000);
  stop = true;
  writer.join();
  busy.print("two steps, fan-out 32, while a durable writer runs");
}

void measure_leases() {
  LeaseRegistry registry;
  std::vector<LeaseRegistry::Grant> held;
  for (int i = 0; i < 10'000; ++i) {
    held.push_back(registry.try_acquire(
        {*Path::of({"tenant" + std::to_string(i % 100), "user" + std::to_string(i)})}, "x"));
  }
  Times times;
  std::mt19937 random(7);
  for (int i = 0; i < 100'000; ++i) {
    const Path path = *Path::of({"tenant" + std::to_string(random() % 100), "other" + std::to_string(i)});
    times.run([&] { static_cast<void>(registry.try_acquire({path}, "y")); });
  }
  times.print("lease, grant and release, 10,000 outstanding");
}

long resident_kib() {
  std::ifstream status("/proc/self/statm");
  long pages = 0;
  long resident = 0;
  status >> pages >> resident;
  return resident * 4;
}

void measure_open(const std::filesystem::path& folder, const UserPath& user) {
  Times times;
  for (int i = 0; i < 20; ++i) {
    times.run([&] {
      const ContextStore store({.folder = folder});
      const ReadSnapshot snapshot = store.snapshot(user.path(), {}).value();
      Recaller recaller;
      static_cast<void>(
          recaller.recall(snapshot.graph(user).value(), {.text = "bakodumi", .now = kForever}).value());
    });
  }
  times.print("open to the first answer, in the system's cache");
}

int run(int turns, const std::string& where) {
  const antiphon::test::TemporaryFolder temporary;
  const std::filesystem::path folder =
      where.empty() ? temporary.file("memory") : std::filesystem::path(where);
  const UserPath user = user_path("talker");
  {
    ContextStore store({.folder = folder});
    const auto begin = Clock::now();
    fill(store, user, turns);
    std::printf("filled with %d turns in %.1f s\n", turns,
                std::chrono::duration<double>(Clock::now() - begin).count());
    {
      const ReadSnapshot snapshot = store.snapshot(user.path(), {}).value();
      const UserState state = snapshot.graph(user)->state();
      std::uint64_t bytes = 0;
      for (const std::uint64_t size : state.block_bytes) bytes += size;
      std::printf("%.0f bytes per turn in all, %.1f bytes per edge (%.1f edges per turn)\n",
                  static_cast<double>(bytes) / turns, edge_bytes(state),
                  static_cast<double>(state.edges) / turns);
    }
    measure_recall(store, user);
    measure_writes(store, 1, 1000);
    measure_writes(store, 16, 8000);
    measure_writes(store, 128, 16'000);
    measure_steady_rate(store);
    measure_two_hops(store);
    const ContextStore::Figures figures = store.figures();
    std::printf("file %.1f MiB, in use %.1f MiB, resident %ld KiB\n",
                static_cast<double>(figures.file_bytes) / (1 << 20),
                static_cast<double>(figures.used_bytes) / (1 << 20), resident_kib());
  }
  measure_open(folder, user);
  measure_leases();
  return 0;
}

}  // namespace

int main(int argc, char** argv) try {
  CLI::App app("Figures of the context store");
  int turns = 100'000;
  std::string folder;
  app.add_option("--turns", turns, "Turns of the user that recall is measured on")->capture_default_str();
  app.add_option("--folder", folder, "A new folder on the disk to measure; else a temporary one");
  CLI11_PARSE(app, argc, argv);
  return run(turns, folder);
} catch (const std::exception& error) {
  std::fprintf(stderr, "context_store_bench: %s\n", error.what());
  return 2;
}

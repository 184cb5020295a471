// The context store's figures:
//   context_store_bench [--turns N] [--folder DIR]
// One user with N turns (100,000): recall, bytes per edge, opening; then durable writes, alone and at a
// steady rate, reading two steps of the graph while they go on, the same reading from a cold segment, and
// leases with 10,000 outstanding.
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

#include "context_store/context_store.h"
#include "context_store/recall.h"
#include "tests/bench/store_workload.h"
#include "tests/support/temporary_folder.h"

namespace {

using namespace antiphon::context_store;
using namespace antiphon::context_store::bench;
using namespace std::chrono_literals;

const UserPath kHops = user_path("hops");

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

// A thousand of six words; next_direction() -> what each is like in meaning, or nothing.
template <typename NextDirection>
void time_recalls(const ContextStore& store, const UserPath& user, NextDirection next_direction,
                  const char* name) {
  const ReadSnapshot snapshot = store.snapshot(user.path(), {}).value();
  const UserGraph graph = snapshot.graph(user).value();
  Recaller recaller;
  Speaker speaker(2);
  Times times;
  for (int i = 0; i < 1000; ++i) {
    const std::string text = speaker.sentence(6);
    const RecallQuery query{.text = text, .now = kForever, .direction = next_direction()};
    times.run([&] { static_cast<void>(recaller.recall(graph, query).value()); });
  }
  times.print(name);
}

void measure_recall(const ContextStore& store, const UserPath& user) {
  time_recalls(
      store, user, [] { return std::span<const float>(); }, "recall, six words, text to ten ranked turns");
}

// Directions for the newest turns; then recalls that compare them.
void measure_recall_by_meaning(ContextStore& store, const UserPath& user, int turns) {
  constexpr int kTurns = 5000;
  std::mt19937 random(5);
  std::normal_distribution<float> normal;
  std::vector<float> direction(384);
  const auto turn_around = [&] { std::ranges::generate(direction, [&] { return normal(random); }); };
  auto grant = store.try_lease({user.path()}, "bench");
  WriteLease& lease = std::get<std::vector<WriteLease>>(grant).front();
  for (int turn = std::max(1, turns - kTurns + 1); turn <= turns; ++turn) {
    turn_around();
    if (!lease.set_vector(user, static_cast<Ordinal>(turn), direction)) throw std::runtime_error("no vector");
  }
  WriteLease* const leases[] = {&lease};
  store.commit(leases, {}).value();
  const auto next = [&] {
    turn_around();
    return std::span<const float>(direction);
  };
  time_recalls(store, user, next, "the same, and by meaning");
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

// 200 turns a second; a commit takes what came while the one before ran. From a turn's coming to its
// acknowledgement, and until it is found.
void measure_steady_rate(ContextStore& store) {
  const UserPath user = user_path("steady");
  Speaker speaker(4);
  Times acknowledged;
  Times searchable;
  Recaller recaller;
  const auto begin = Clock::now();
  const auto time_of = [&](int number) { return begin + number * 5ms; };
  for (int number = 0; number < 1000;) {
    std::this_thread::sleep_until(time_of(number));
    const int first = number;
    std::vector<NewTurn> group;
    while (number < 1000 && time_of(number) <= Clock::now())
      group.push_back(turn_of(speaker.story(), number++));
    tell(store, user, group);
    const auto done = Clock::now();
    for (int told = first; told < number; ++told) acknowledged.add(done - time_of(told));
    if (number % 10 == 0) {
      const ReadSnapshot snapshot = store.snapshot(user.path(), {}).value();
      const Recall found =
          recaller.recall(snapshot.graph(user).value(), {.text = group.back().text, .now = kForever}).value();
      if (found.turns.empty()) throw std::runtime_error("a turn is not found after its acknowledgement");
      searchable.add(Clock::now() - done);
    }
  }
  acknowledged.print("acknowledgement at 200 turns/s");
  searchable.print("from the acknowledgement until recall has found it");
}

// 32 "about" edges from each of the entities.
void fill_hops(ContextStore& store) {
  tell_names(store, kHops, kNames);
  tell_edges(store, kHops, kNames);
}

void measure_two_hops(ContextStore& store) {
  fill_hops(store);
  Times idle;
  walk_two_hops(store, kHops, kNames, 20'000, idle);
  idle.print("two steps, fan-out 32 (1,024 edges), idle");
  Times busy;
  beside_a_writer(store, [&] { walk_two_hops(store, kHops, kNames, 20'000, busy); });
  busy.print("two steps, fan-out 32, while a durable writer runs");
}

// One compaction as the server makes it: steps on the thread that commits, each 10 ms after the one before,
// while turns come at 200 a second to the same thread and another one recalls.
void measure_compaction(ContextStore& store, const UserPath& user, Timestamp now) {
  const UserPath other = user_path("beside compaction");
  Speaker speaker(8);
  Times steps;
  Times commits;
  Times recalls;
  std::atomic<bool> done = false;
  std::thread reader([&] {
    Recaller recaller;
    Speaker asker(9);
    while (!done) {
      const std::string text = asker.sentence(6);
      recalls.run([&] {
        const ReadSnapshot snapshot = store.snapshot(user.path(), {}).value();
        static_cast<void>(
            recaller.recall(snapshot.graph(user).value(), {.text = text, .now = kForever}).value());
      });
      std::this_thread::sleep_for(2ms);
    }
  });
  const auto begin = Clock::now();
  auto next_step = begin;
  int turns = 0;
  for (bool more = true; more;) {
    const auto next_turn = begin + turns * 5ms;
    std::this_thread::sleep_until(std::min(next_turn, next_step));
    if (Clock::now() >= next_turn) {
      tell(store, other, {turn_of(speaker.story(), turns++)});
      commits.add(Clock::now() - next_turn);  // from its coming
    } else {
      steps.run([&] { more = !store.compact_step(now).value(); });
      next_step = Clock::now() + 10ms;
    }
  }
  done = true;
  reader.join();
  steps.print("compaction: one step");
  commits.print("acknowledgement at 200 turns/s, meanwhile");
  recalls.print("recall of 100,000 turns, meanwhile");
  std::printf("  compacted in %.1f s beside them\n",
              std::chrono::duration<double>(Clock::now() - begin).count());
}

// All of it a day later: what is read from the cold segment.
void measure_cold(ContextStore& store, const UserPath& user) {
  const Timestamp late(std::chrono::sys_days{std::chrono::year(2100) / 1 / 1});
  measure_compaction(store, user, late);
  const auto begin = Clock::now();
  store.compact(late).value();
  const ContextStore::Figures figures = store.figures();
  std::printf(
      "compacted again, alone, in %.1f s: table %.1f MiB, cold segment %.1f MiB, %.1f bytes per cold edge\n",
      std::chrono::duration<double>(Clock::now() - begin).count(),
      static_cast<double>(figures.used_bytes) / (1 << 20),
      static_cast<double>(figures.cold_bytes) / (1 << 20),
      static_cast<double>(figures.cold_edge_bytes) / static_cast<double>(figures.cold_edges));
  measure_recall(store, user);
  Times hops;
  walk_two_hops(store, kHops, kNames, 20'000, hops);
  hops.print("two steps, fan-out 32, cold, idle");
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
    measure_recall_by_meaning(store, user, turns);
    measure_writes(store, 1, 1000);
    measure_writes(store, 16, 8000);
    measure_writes(store, 32, 16'000);
    measure_writes(store, 128, 16'000);
    measure_steady_rate(store);
    measure_two_hops(store);
    measure_cold(store, user);
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

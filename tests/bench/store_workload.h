// What the context store's benches have in common: made-up talk, and times.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "context_store/context_store.h"

namespace antiphon::context_store::bench {

using Clock = std::chrono::steady_clock;

inline constexpr int kNames = 2000;
inline constexpr int kWords = 8000;

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
    for (int i = 0; i < 4 || number > 0; ++i, number /= 11)
      text += kSyllables.substr(static_cast<std::size_t>(number % 11) * 2, 2);
    return text;
  }
  std::mt19937 random_;
  std::discrete_distribution<int> word_;
};

inline UserPath user_path(const std::string& name) {
  return UserPath::of("bench", name).value();
}

inline NewTurn turn_of(std::string text, int number) {
  return {"session " + std::to_string(number / 30),
          std::string(number % 2 == 0 ? kUserSpeaker : kAssistantSpeaker),
          Timestamp(std::chrono::milliseconds(1'700'000'000'000 + number * 9000LL)),
          std::move(text),
          "",
          {}};
}

// Some turns of a user under one lease and one commit. Ends the program if they cannot be stored.
inline void tell(ContextStore& store, const UserPath& user, const std::vector<NewTurn>& turns) {
  auto grant = store.try_lease({user.path()}, "bench");
  WriteLease& lease = std::get<std::vector<WriteLease>>(grant).front();
  for (const NewTurn& turn : turns) {
    if (const Status kept = lease.append_turn(user, turn); !kept) throw std::runtime_error(kept.error().what);
  }
  WriteLease* const leases[] = {&lease};
  if (const auto done = store.commit(leases, turns.back().at); !done)
    throw std::runtime_error(done.error().what);
}

// The first `names` entities of a user.
inline void tell_names(ContextStore& store, const UserPath& user, int names) {
  constexpr int kNamesEach = 25;
  std::vector<NewTurn> turns;
  for (int first = 0; first < names; first += kNamesEach) {
    std::string text = "so";
    for (int i = first; i < first + kNamesEach; ++i) text += ", " + Speaker::name(i);
    turns.push_back(turn_of(text, first / kNamesEach));
  }
  tell(store, user, turns);
}

// 32 "about" edges from each of them to any of them.
inline void tell_edges(ContextStore& store, const UserPath& user, int names) {
  std::mt19937 random(5);
  std::uniform_int_distribution<Ordinal> entity(1, static_cast<Ordinal>(names));
  auto grant = store.try_lease({user.path()}, "bench");
  WriteLease& lease = std::get<std::vector<WriteLease>>(grant).front();
  WriteLease* const leases[] = {&lease};
  for (Ordinal from = 1; from <= static_cast<Ordinal>(names); ++from) {
    for (int i = 0; i < 32; ++i) {
      const Edge edge{EdgeType::kAbout,
                      {NodeKind::kEntity, from},
                      {NodeKind::kEntity, entity(random)},
                      {},
                      kForever,
                      {},
                      1 + (from - 1) / 25};
      if (!lease.add_edge(user, edge)) throw std::runtime_error("an edge was refused");
    }
    if (lease.waiting() < 100'000 && from < static_cast<Ordinal>(names)) continue;
    if (const auto done = store.commit(leases, {}); !done) throw std::runtime_error(done.error().what);
  }
}

// Two steps over edges, each time from another entity, each time in a snapshot of its own.
inline void walk_two_hops(const ContextStore& store, const UserPath& user, int names, int rounds,
                          Times& times) {
  std::mt19937 random(6);
  std::uniform_int_distribution<Ordinal> entity(1, static_cast<Ordinal>(names));
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
}

// While another user's turns are written, one to a commit.
template <typename Work>
void beside_a_writer(ContextStore& store, Work&& work) {
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    Speaker speaker(6);
    for (int number = 0; !stop; ++number)
      tell(store, user_path("beside"), {turn_of(speaker.story(), number)});
  });
  work();
  stop = true;
  writer.join();
}

// Of this process, now.
inline long resident_kib() {
  std::ifstream status("/proc/self/statm");
  long pages = 0;
  long resident = 0;
  status >> pages >> resident;
  return resident * 4;
}

}  // namespace antiphon::context_store::bench

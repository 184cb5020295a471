#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include "tests/load/load_stats.h"
#include "tests/load/talker.h"

namespace antiphon::load {

// Who is to be connected, and what happens to them.
struct Population {
  int talking = 0;
  int silent = 0;
  int mute = 0;
  int stop_reading = 0;
  int knocking = 0;             // each second, so many sessions beyond the server's limit are tried
  double leave_per_second = 0;  // of those that talk; others come for them
  double abrupt_share = 0.5;    // of those that leave
  double barge_in_share = 0;    // of the answers that are spoken into
};

// A thread with its part of all talkers.
//
// Owner: the main thread; become(), figures(): any time; the destructor ends the talkers.
class Crew {
 public:
  // `number` of `crews`: which of the parts are its own. `phases`: how many stats it keeps.
  Crew(const TalkerSettings& settings, int number, int crews, int phases, std::uint64_t seed);
  ~Crew();
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  // From now on: this population, this phase.
  void become(int phase, const Population& population);
  // All talkers end, and what they heard is counted in the phase that runs.
  void end();

  void add_to(int phase, LoadFigures* sum) const { stats_[static_cast<std::size_t>(phase)]->add_to(sum); }
  int connected() const { return connected_.load(std::memory_order_relaxed); }

 private:
  struct Member {
    std::shared_ptr<Talker> talker;
    int part = 0;
    bool knocks = false;
  };

  server::asio::awaitable<void> run();
  void send_frames(std::int64_t tick);
  void look_after();
  void match(Behaviour behaviour, int wanted);
  void knock();
  void let_some_leave();
  void add(Behaviour behaviour, bool knocks);

  const TalkerSettings& settings_;
  const int number_;
  const int crews_;
  std::vector<std::unique_ptr<LoadStats>> stats_;
  std::atomic<int> phase_ = 0;
  std::atomic<int> connected_ = 0;
  // The thread's.
  server::asio::io_context io_{1};
  std::mt19937_64 dice_;
  Population population_;
  std::vector<std::vector<Member>> by_offset_;  // of its frames in the 20 ms
  std::vector<int> free_parts_;
  std::size_t next_offset_ = 0;
  std::int64_t knocks_due_ = 0;  // in thousandths
  bool ending_ = false;
  Time begin_;
  std::jthread thread_;
};

}  // namespace antiphon::load

// Streams of tasks that earliest deadline first provably serves in time, on one lane in virtual time: streams
// with work C_i each period D_i miss nothing if sum(C_i / D_i) + (longest step) / min(D_i) <= 1 (Baker 1991,
// with a step that may not be interrupted as the blocking time). A policy that is not earliest deadline first
// must miss: that is the canary.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <random>
#include <vector>

#include "pipeline/compute/compute_scheduler.h"

namespace antiphon::pipeline {
namespace {

using std::chrono::milliseconds;

constexpr int kStepMsMax = 15;
constexpr int kShortestDeadlineMs = 80;
constexpr double kLoad = 0.8;  // + 15 / 80 < 1
constexpr int kSeeds = 200;
constexpr int kHorizonMs = 20000;

struct Stream {
  int period_ms;
  int step_ms;
  int steps;
  int phase_ms;
};

std::vector<Stream> random_streams(std::mt19937& random) {
  std::vector<Stream> streams;
  double load = 0;
  while (true) {
    Stream stream{};
    stream.period_ms = std::uniform_int_distribution(kShortestDeadlineMs, 2000)(random);
    stream.step_ms = std::uniform_int_distribution(1, kStepMsMax)(random);
    const int steps_max = std::max(1, stream.period_ms / 3 / stream.step_ms);
    stream.steps = std::uniform_int_distribution(1, steps_max)(random);
    stream.phase_ms = std::uniform_int_distribution(0, stream.period_ms)(random);
    load += static_cast<double>(stream.step_ms * stream.steps) / stream.period_ms;
    if (load > kLoad) return streams;
    streams.push_back(stream);
  }
}

// First come, first served, behind the calls that the simulation makes.
class FirstComeFirstServed {
 public:
  using TaskId = ComputeScheduler::TaskId;

  std::optional<TaskId> add(const TaskLabel& /*label*/) {
    waiting_.push_back(TaskId{count_++});
    return waiting_.back();
  }
  std::optional<ComputeScheduler::Decision> next(Time /*now*/) {
    if (waiting_.empty()) return std::nullopt;
    return ComputeScheduler::Decision{waiting_.front(), std::nullopt};
  }
  std::optional<TaskEnd> step_done(TaskId /*task*/, bool finished) {
    if (!finished) return std::nullopt;
    waiting_.pop_front();
    return TaskEnd::kDone;
  }

 private:
  std::deque<TaskId> waiting_;
  std::int32_t count_ = 0;
};

struct Outcome {
  int started = 0;
  int finished = 0;
  int missed = 0;
};

template <class Policy>
class OneLane {
 public:
  OneLane(Policy& policy, const std::vector<Stream>& streams) : policy_(policy) {
    for (const Stream& stream : streams) {
      for (int at = stream.phase_ms; at < kHorizonMs; at += stream.period_ms) {
        arrivals_.push_back({Time(milliseconds(at)), &stream});
      }
    }
    std::sort(arrivals_.begin(), arrivals_.end(),
              [](const Arrival& a, const Arrival& b) { return a.at < b.at; });
  }

  Outcome run() {
    Time now{};
    std::size_t next_arrival = 0;
    for (;;) {
      while (next_arrival < arrivals_.size() && arrivals_[next_arrival].at <= now) {
        begin(arrivals_[next_arrival++]);
      }
      const auto decision = policy_.next(now);
      if (decision) {
        Job& job = jobs_.at(decision->task);
        now += milliseconds(job.stream->step_ms);
        step(decision->task, job, now);
      } else if (next_arrival < arrivals_.size()) {
        now = arrivals_[next_arrival].at;
      } else {
        return outcome_;
      }
    }
  }

 private:
  struct Arrival {
    Time at;
    const Stream* stream;
  };
  struct Job {
    const Stream* stream;
    Deadline deadline;
    int steps_left;
  };

  void begin(const Arrival& arrival) {
    const Deadline deadline(arrival.at + milliseconds(arrival.stream->period_ms));
    TaskLabel label;
    label.kind = TaskKind::kSynthesis;
    label.deadline = deadline;
    jobs_.insert_or_assign(policy_.add(label).value(), Job{arrival.stream, deadline, arrival.stream->steps});
    ++outcome_.started;
  }

  void step(ComputeScheduler::TaskId id, Job& job, Time now) {
    --job.steps_left;
    if (!policy_.step_done(id, job.steps_left == 0)) return;
    ++outcome_.finished;
    if (job.deadline.passed(now)) ++outcome_.missed;
  }

  Policy& policy_;
  std::vector<Arrival> arrivals_;
  std::map<ComputeScheduler::TaskId, Job> jobs_;
  Outcome outcome_;
};

template <class Policy>
int total_missed(Policy (*make)()) {
  int missed = 0;
  for (int seed = 0; seed < kSeeds; ++seed) {
    std::mt19937 random(static_cast<std::uint32_t>(seed));
    const std::vector<Stream> streams = random_streams(random);
    Policy policy = make();
    const Outcome outcome = OneLane<Policy>(policy, streams).run();
    EXPECT_EQ(outcome.finished, outcome.started) << "seed " << seed;
    missed += outcome.missed;
  }
  return missed;
}

TEST(DeadlineGuarantee, TheSchedulerMissesNothingThatIsFeasible) {
  EXPECT_EQ(total_missed<ComputeScheduler>([] { return ComputeScheduler({.tasks_max = 256}); }), 0);
}

TEST(DeadlineGuarantee, TheCanaryOfFirstComeFirstServedMisses) {
  EXPECT_GT(total_missed<FirstComeFirstServed>([] { return FirstComeFirstServed(); }), kSeeds);
}

}  // namespace
}  // namespace antiphon::pipeline

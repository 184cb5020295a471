// The executor under real threads: submissions and cancels from several, steps on the lanes.
#include "pipeline/compute/compute_lanes.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <thread>
#include <vector>

#include "pipeline/compute/language_model_batcher.h"
#include "pipeline/runtime/doorbell.h"
#include "pipeline/runtime/mpsc_queue.h"
#include "tests/unit/pipeline/compute/counting_language_model.h"

namespace antiphon::pipeline {
namespace {

// Not atomic: only one lane at a time may touch it, and the end comes after every step.
struct Work {
  int steps = 0;
  int ends = 0;
};

class SharedCountTask final : public ComputeTask {
 public:
  SharedCountTask(const TaskLabel& label, int steps, Work* work, std::atomic<int>* ended)
      : ComputeTask(label), steps_(steps), work_(work), ended_(ended) {}
  bool step() override { return ++work_->steps == steps_; }
  void end(TaskEnd /*end*/) noexcept override {
    ++work_->ends;
    ++*ended_;
  }

 private:
  const int steps_;
  Work* const work_;
  std::atomic<int>* const ended_;
};

TEST(ComputeLanes, EveryTaskEndsOnceUnderSubmissionsAndCancelsFromManyThreads) {
  constexpr int kThreads = 3;
  constexpr int kTasks = 400;
  ComputeExecutor executor({.lanes = 2, .tasks_max = 64, .submitters_max = kThreads});
  std::vector<std::vector<Work>> work(kThreads, std::vector<Work>(kTasks));
  std::atomic<int> ended = 0;
  {
    const ComputeLanes lanes(&executor);
    std::vector<std::thread> sessions;
    for (int t = 0; t < kThreads; ++t) {
      sessions.emplace_back([&, t] {
        TaskLabel label;
        label.session = SessionId{static_cast<std::uint64_t>(t)};
        for (int i = 0; i < kTasks; ++i) {
          label.generation = Generation{static_cast<std::uint64_t>(i)};
          label.kind = static_cast<TaskKind>(i % static_cast<int>(kTaskKinds));
          label.deadline = Deadline(Clock::now() + std::chrono::milliseconds(i % 50));
          std::unique_ptr<ComputeTask> task = std::make_unique<SharedCountTask>(
              label, 1 + i % 5, &work[static_cast<std::size_t>(t)][static_cast<std::size_t>(i)], &ended);
          while (!executor.submit(task)) std::this_thread::yield();
          if (i % 7 == 0) {
            while (!executor.cancel(label.session, label.generation)) std::this_thread::yield();
          }
        }
      });
    }
    for (std::thread& session : sessions) session.join();
    while (ended < kThreads * kTasks) std::this_thread::yield();
  }
  for (const std::vector<Work>& of_session : work) {
    for (int i = 0; i < kTasks; ++i) {
      const Work& one = of_session[static_cast<std::size_t>(i)];
      ASSERT_EQ(one.ends, 1);
      ASSERT_LE(one.steps, 1 + i % 5);
      if (i % 7 != 0) {
        ASSERT_EQ(one.steps, 1 + i % 5);
      }
    }
  }
  EXPECT_EQ(executor.tasks_in_flight(), 0);
}

// Shares each step's parts, and writes plain memory in them.
class SharingTask final : public ComputeTask {
 public:
  SharingTask(ComputeExecutor* executor, int steps, std::atomic<int>* ended)
      : ComputeTask({}), executor_(executor), steps_(steps), ended_(ended) {}
  bool step() override {
    executor_->sharing().run(kParts, [&](int part) { ++parts_done_[static_cast<std::size_t>(part)]; });
    return --steps_ == 0;
  }
  void end(TaskEnd /*end*/) noexcept override {
    for (const int done : parts_done_) EXPECT_EQ(done, parts_done_[0]);
    ++*ended_;
  }

 private:
  static constexpr int kParts = 7;
  ComputeExecutor* const executor_;
  int steps_;
  std::atomic<int>* const ended_;
  std::array<int, kParts> parts_done_{};
};

TEST(ComputeLanes, StepsAreSharedWhileOtherTasksComeAndGo) {
  constexpr int kTasks = 300;
  std::vector<Work> work(kTasks);
  std::atomic<int> ended = 0;
  ComputeExecutor executor({.lanes = 3});
  const ComputeLanes lanes(&executor);
  const auto submit = [&](std::unique_ptr<ComputeTask> task) {
    while (!executor.submit(task)) std::this_thread::yield();
  };
  for (int i = 0; i < 2; ++i) submit(std::make_unique<SharingTask>(&executor, 2000, &ended));
  for (Work& one : work) submit(std::make_unique<SharedCountTask>(TaskLabel{}, 3, &one, &ended));
  while (ended < kTasks + 2) std::this_thread::yield();
}

TEST(ComputeLanes, StopInTheMiddleOfWork) {
  std::vector<Work> work(10);
  std::atomic<int> ended = 0;
  {
    ComputeExecutor executor({.lanes = 2});
    const ComputeLanes lanes(&executor);
    for (Work& one : work) {
      std::unique_ptr<ComputeTask> task =
          std::make_unique<SharedCountTask>(TaskLabel{}, 1000000000, &one, &ended);
      ASSERT_TRUE(executor.submit(task));
    }
  }
  for (const Work& one : work) EXPECT_EQ(one.ends, 1);
}

class FirstOfEqual final : public TokenPicker {
 public:
  std::optional<models::Token> pick(std::span<const float> logits) override {
    for (std::size_t i = 0; i < logits.size(); ++i) {
      if (logits[i] == 1.0f) return static_cast<models::Token>(i);
    }
    return std::nullopt;
  }
};

// As a media worker's inbox: events cross threads by value, and keep their order whichever lane made them.
class TokenInbox final : public TokenSink {
 public:
  TokenInbox(std::size_t capacity, std::size_t lanes) : events_(capacity, lanes), tokens_(events_) {}
  void deliver(const TokenEvent& event) noexcept override {
    EXPECT_TRUE(events_.push(tokens_, TokenEvent(event)));
    bell_.ring();
  }
  TokenEvent wait_for_event() {
    TokenEvent event;
    while (!events_.pop(event)) bell_.wait();
    return event;
  }

 private:
  MpscQueue<TokenEvent> events_;
  MpscQueue<TokenEvent>::MovingProducer tokens_;
  Doorbell bell_;
};

TEST(ComputeLanes, SessionsOnTheirOwnThreadsTalkToOneLanguageModel) {
  constexpr int kSessions = 4;
  constexpr int kTurns = 10;
  constexpr int kTokens = 12;
  std::deque<TokenInbox> inboxes;  // longer than the lanes that deliver into them
  CountingLanguageModel model(kSessions, 1000, 3);
  LanguageModelBatcher batcher(&model, {.requests_max = kSessions, .submitters_max = kSessions});
  ComputeExecutor executor({.lanes = 2});
  batcher.attach(&executor);
  const ComputeLanes lanes(&executor);
  std::vector<std::thread> sessions;
  for (int s = 0; s < kSessions; ++s) {
    TokenInbox& inbox = inboxes.emplace_back(kTokens + 1, 2);
    sessions.emplace_back([&, s] {
      std::vector<models::Token> text;
      for (int turn = 0; turn < kTurns; ++turn) {
        TokenRequest request;
        request.session = SessionId{static_cast<std::uint64_t>(s)};
        request.generation = Generation{static_cast<std::uint64_t>(turn)};
        request.slot = models::Slot{s};
        request.start_length = static_cast<int>(text.size());
        request.append = {1, s, turn};
        request.tokens_max = kTokens;
        request.deadline = Deadline(Clock::now());
        request.picker = std::make_unique<FirstOfEqual>();
        request.sink = &inbox;
        text.insert(text.end(), request.append.begin(), request.append.end());
        while (!batcher.submit(request)) std::this_thread::yield();
        for (int i = 0; i < kTokens; ++i) {
          const TokenEvent event = inbox.wait_for_event();
          ASSERT_FALSE(event.end);
          ASSERT_EQ(event.generation, Generation{static_cast<std::uint64_t>(turn)});
          ASSERT_EQ(event.token, CountingLanguageModel::next_of(text));
          text.push_back(event.token);
        }
        const TokenEvent end = inbox.wait_for_event();
        ASSERT_EQ(end.end, TokenEnd::kTokenLimit);
        text.resize(static_cast<std::size_t>(end.slot_length));
      }
    });
  }
  for (std::thread& session : sessions) session.join();
  EXPECT_EQ(batcher.requests_in_flight(), 0);
}

}  // namespace
}  // namespace antiphon::pipeline

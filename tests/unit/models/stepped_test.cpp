#include "models/stepped.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

namespace antiphon::models {
namespace {

class CountsItself {
 public:
  explicit CountsItself(int* alive) : alive_(alive) { ++*alive_; }
  CountsItself(const CountsItself& other) : alive_(other.alive_) { ++*alive_; }
  CountsItself& operator=(const CountsItself&) = delete;
  ~CountsItself() { --*alive_; }

 private:
  int* alive_;
};

Stepped<int> layers(int count, std::vector<int>* log) {
  for (int i = 0; i < count; ++i) {
    log->push_back(i);
    co_await kNextStep;
  }
  co_return count;
}

Stepped<int> two_passes(std::vector<int>* log) {
  const int first = co_await layers(2, log);
  co_await kNextStep;
  const int second = co_await layers(3, log);
  co_return first + second;
}

TEST(Stepped, StopsAtEachBoundaryOfANestedPass) {
  std::vector<int> log;
  Stepped<int> pass = two_passes(&log);
  EXPECT_TRUE(log.empty()) << "nothing runs before the first step";
  int steps = 0;
  while (!pass.done()) {
    pass.step();
    ++steps;
  }
  EXPECT_EQ(steps, 2 + 1 + 3 + 1);
  EXPECT_EQ(log, (std::vector<int>{0, 1, 0, 1, 2}));
  EXPECT_EQ(pass.take(), 5);
}

Stepped<void> inner(int* alive) {
  const CountsItself held(alive);
  co_await kNextStep;
  co_await kNextStep;
}

Stepped<void> outer(int* alive) {
  const CountsItself held(alive);
  co_await inner(alive);
}

TEST(Stepped, DroppingItBetweenStepsFreesEveryLevel) {
  int alive = 0;
  {
    Stepped<void> work = outer(&alive);
    work.step();
    EXPECT_EQ(alive, 2);
  }
  EXPECT_EQ(alive, 0);
}

Stepped<int> fails() {
  co_await kNextStep;
  throw std::runtime_error("no");
}

Stepped<int> passes_on() {
  co_return co_await fails();
}

TEST(Stepped, AnExceptionLeavesThroughTheOutermostStep) {
  Stepped<int> work = passes_on();
  EXPECT_FALSE(work.step());
  EXPECT_THROW(work.step(), std::runtime_error);
}

TEST(Stepped, KeepsItsPlaceWhenMoved) {
  std::vector<int> log;
  Stepped<int> a = two_passes(&log);
  a.step();
  Stepped<int> b = std::move(a);
  EXPECT_EQ(b.run_to_end(), 5);
}

}  // namespace
}  // namespace antiphon::models

#include "pipeline/runtime/thread_role.h"

#include <gtest/gtest.h>
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <string>

namespace antiphon::pipeline {
namespace {

struct Seen {
  std::string name;
  int policy = -1;
  int nice = -1;
};

// What the kernel says of a thread that has taken a role, and what take_role() said.
Seen seen_in(ThreadRole role, RoleStatus& status) {
  Seen seen;
  {
    RoleThread thread(role, 3, [&seen] {
      std::array<char, 16> name{};
      pthread_getname_np(pthread_self(), name.data(), name.size());
      seen = {name.data(), sched_getscheduler(0),
              getpriority(PRIO_PROCESS, static_cast<id_t>(syscall(SYS_gettid)))};
    });
    status = thread.status();
  }
  return seen;
}

TEST(ThreadRole, AMediaWorkerIsNamedAndHasARealTimePriorityOrSaysWhyNot) {
  RoleStatus status;
  const Seen seen = seen_in(ThreadRole::kMediaWorker, status);
  EXPECT_EQ(seen.name, "media-3");
  EXPECT_EQ(seen.policy == SCHED_FIFO, status.priority_set);
  EXPECT_EQ(status.shortfall.empty(), status.priority_set);
  if (!status.priority_set) {
    EXPECT_NE(status.shortfall.find("media-3"), std::string::npos);
  }
}

TEST(ThreadRole, AComputeLaneIsNicerThanTheRest) {
  RoleStatus status;
  const int nice_here = getpriority(PRIO_PROCESS, 0);
  const Seen seen = seen_in(ThreadRole::kComputeLane, status);
  EXPECT_EQ(seen.name, "compute-3");
  EXPECT_EQ(seen.policy, SCHED_OTHER);
  EXPECT_TRUE(status.priority_set) << status.shortfall;
  if (nice_here < 5) {
    EXPECT_EQ(seen.nice, 5);
  }
  EXPECT_EQ(getpriority(PRIO_PROCESS, 0), nice_here) << "other threads keep theirs";
}

TEST(ThreadRole, TheSocketsGoBeforeWhatComputes) {
  RoleStatus status;
  const Seen seen = seen_in(ThreadRole::kIo, status);
  EXPECT_EQ(seen.name, "io-3");
  EXPECT_EQ(seen.policy, SCHED_OTHER);
  EXPECT_EQ(seen.nice == -10, status.priority_set);
  EXPECT_EQ(status.shortfall.empty(), status.priority_set);
}

TEST(ThreadRole, TheStoreKeepsTheDefault) {
  RoleStatus status;
  const int nice_here = getpriority(PRIO_PROCESS, 0);
  const Seen seen = seen_in(ThreadRole::kStore, status);
  EXPECT_EQ(seen.name, "store-3");
  EXPECT_EQ(seen.nice, nice_here);
  EXPECT_TRUE(status.priority_set);
}

}  // namespace
}  // namespace antiphon::pipeline

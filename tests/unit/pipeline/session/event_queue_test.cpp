#include "pipeline/session/event_queue.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/allocation_count.h"

namespace antiphon::pipeline {
namespace {

ClientEvent named(const std::string& id) {
  return {id, CommitInputAudio{}};
}

TEST(EventQueue, KeepsTheOrderAroundItsEnd) {
  EventQueue queue(3);
  for (int i = 0; i < 10; ++i) {
    queue.push_back(named(std::to_string(i)));
    queue.push_back(named(std::to_string(i) + "b"));
    EXPECT_EQ(queue.size(), 2U);
    EXPECT_EQ(queue.front().event_id, std::to_string(i));
    queue.pop_front();
    EXPECT_EQ(queue.front().event_id, std::to_string(i) + "b");
    queue.pop_front();
    EXPECT_TRUE(queue.empty());
  }
}

TEST(EventQueue, DoesNotAllocate) {
  EventQueue queue(4);
  ClientEvent event{"", AppendInputAudio{AudioBytes(960)}};
  const std::int64_t before = test::allocation_count();
  for (int i = 0; i < 100; ++i) {
    queue.push_back(std::move(event));
    event = std::move(queue.front());
    queue.pop_front();
  }
  EXPECT_EQ(test::allocation_count(), before);
}

}  // namespace
}  // namespace antiphon::pipeline

#include "server/net/outbox.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>

namespace antiphon::server {
namespace {

using namespace pipeline;

struct CountingReader final : Outbox::Reader {
  void outbox_woken() override { ++wakes; }
  int wakes = 0;
};

TEST(Outbox, WakesOnceForManyEvents) {
  asio::io_context io{1};
  CountingReader reader;
  const auto outbox = std::make_shared<Outbox>(io.get_executor(), 8, reader);
  OutboxSink sink(outbox);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(sink.deliver(OutputTextDelta{{}, std::to_string(i)}));
  io.run();
  EXPECT_EQ(reader.wakes, 1);
  ServerEvent event;
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(outbox->pop(event));
    EXPECT_EQ(std::get<OutputTextDelta>(event).delta, std::to_string(i));
  }
  EXPECT_FALSE(outbox->pop(event));
  EXPECT_FALSE(outbox->ended());
}

TEST(Outbox, RefusesWhenFullAndStaysRefusing) {
  asio::io_context io{1};
  CountingReader reader;
  const auto outbox = std::make_shared<Outbox>(io.get_executor(), 2, reader);
  OutboxSink sink(outbox);
  EXPECT_TRUE(sink.deliver(InputAudioCleared{}));
  EXPECT_TRUE(sink.deliver(InputAudioCleared{}));
  ServerEvent third = OutputTextDelta{{}, "kept"};
  EXPECT_FALSE(sink.deliver(std::move(third)));
  EXPECT_EQ(std::get<OutputTextDelta>(third).delta, "kept");
  EXPECT_TRUE(outbox->overflowed());
  ServerEvent event;
  EXPECT_TRUE(outbox->pop(event));
  EXPECT_FALSE(sink.deliver(InputAudioCleared{}));  // no gap in what the client sees
}

TEST(Outbox, GivesAudioBuffersBack) {
  asio::io_context io{1};
  CountingReader reader;
  const auto outbox = std::make_shared<Outbox>(io.get_executor(), 2, reader);
  OutboxSink sink(outbox);
  AudioBytes buffer = sink.audio_buffer();
  EXPECT_GE(buffer.capacity(), 960U);
  buffer.resize(960);
  const std::byte* const place = buffer.data();
  ASSERT_TRUE(sink.deliver(OutputAudioDelta{{}, std::move(buffer)}));
  ServerEvent event;
  ASSERT_TRUE(outbox->pop(event));
  outbox->give_back(std::move(std::get<OutputAudioDelta>(event).audio));
  const AudioBytes again = sink.audio_buffer();
  EXPECT_TRUE(again.empty());
  EXPECT_EQ(again.data(), place);
}

TEST(Outbox, KeepsTheFirstReasonOfAnEnd) {
  asio::io_context io{1};
  CountingReader reader;
  const auto outbox = std::make_shared<Outbox>(io.get_executor(), 2, reader);
  {
    OutboxSink sink(outbox);
    sink.end(SessionEnd::kShed);
  }
  EXPECT_EQ(outbox->ended(), SessionEnd::kShed);
  io.run();
  EXPECT_EQ(reader.wakes, 1);
}

TEST(Outbox, OutlivesItsReaderAndItsExecutor) {
  auto io = std::make_unique<asio::io_context>(1);
  CountingReader reader;
  auto outbox = std::make_shared<Outbox>(io->get_executor(), 2, reader);
  OutboxSink sink(outbox);
  EXPECT_TRUE(sink.deliver(InputAudioCleared{}));  // its wake-up dies with the executor
  outbox->close();
  outbox.reset();
  io.reset();
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(sink.deliver(InputAudioCleared{}));
  EXPECT_EQ(reader.wakes, 0);
}

// The reader counts until it has seen the last event: a lost wake-up would hang here.
struct DrainingReader final : Outbox::Reader {
  void outbox_woken() override {
    ServerEvent event;
    const bool ended = outbox->ended().has_value();
    while (outbox->pop(event)) ++events;
    if (ended) io->stop();
  }
  Outbox* outbox = nullptr;
  asio::io_context* io = nullptr;
  int events = 0;
};

TEST(Outbox, LosesNothingBetweenTwoThreads) {
  constexpr int kEvents = 50'000;
  asio::io_context io{1};
  const auto work = asio::make_work_guard(io);
  DrainingReader reader;
  const auto outbox = std::make_shared<Outbox>(io.get_executor(), kEvents, reader);
  reader.outbox = outbox.get();
  reader.io = &io;
  std::jthread session([&outbox] {
    OutboxSink sink(outbox);
    for (int i = 0; i < kEvents; ++i) EXPECT_TRUE(sink.deliver(InputAudioCleared{}));
    sink.end(SessionEnd::kDrained);
  });
  io.run();
  EXPECT_EQ(reader.events, kEvents);
}

}  // namespace
}  // namespace antiphon::server

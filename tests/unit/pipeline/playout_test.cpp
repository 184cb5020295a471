#include "pipeline/playout.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <random>
#include <vector>

namespace antiphon::pipeline {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using Time = Playout::Time;
using Frames = std::span<const audio::RenderFrame>;

constexpr Time kStart = Time{} + 1h;
constexpr std::size_t kFrameSamples = 480;

// Sample n of a response, never zero and different from its neighbours.
float sample_at(std::size_t n) {
  return static_cast<float>(n % 30011 + 1) / 32768.0F;
}

std::vector<float> samples_from(std::size_t first, std::size_t count) {
  std::vector<float> samples(count);
  for (std::size_t i = 0; i < count; ++i) samples[i] = sample_at(first + i);
  return samples;
}

// Plays what comes, each frame when the one before it is over; an independent account of what was heard.
class Listener {
 public:
  void hear(Frames frames, Time now) {
    for (const audio::RenderFrame& frame : frames) {
      const Time begin = begins_.empty() ? now : std::max(now, begins_.back() + 20ms);
      begins_.push_back(begin);
      samples_.insert(samples_.end(), frame.begin(), frame.end());
    }
  }
  Time silent_at() const { return begins_.empty() ? kStart : begins_.back() + 20ms; }
  std::int64_t samples_heard(Time now) const {
    std::int64_t heard = 0;
    for (const Time begin : begins_) {
      heard += std::clamp<std::int64_t>((now - begin) / 1us * 24 / 1000, 0, kFrameSamples);
    }
    return heard;
  }
  const std::vector<float>& samples() const { return samples_; }

 private:
  std::vector<Time> begins_;
  std::vector<float> samples_;
};

TEST(Playout, BuildsItsLeadInBurstsAndKeepsIt) {
  Playout playout(Playout::Config{});
  playout.begin();
  EXPECT_EQ(playout.push(samples_from(0, 48000)), 48000U);
  std::vector<std::size_t> frames;
  for (int n = 0; n < 6; ++n) frames.push_back(playout.tick(kStart + n * 20ms).frames.size());
  EXPECT_EQ(frames, (std::vector<std::size_t>{4, 4, 4, 1, 1, 1}));
  EXPECT_EQ(playout.lead(kStart + 100ms), 200ms);
}

TEST(Playout, HandsOutAFrameForEachTickThoughTicksJitter) {
  Playout playout(Playout::Config{});
  playout.begin();
  EXPECT_EQ(playout.push(samples_from(0, 48000)), 48000U);
  std::vector<std::size_t> frames;
  for (int n = 0; n < 20; ++n) {
    // The first tick is the latest one: against it all others are early, by changing amounts.
    const auto early = n == 0 ? 0us : 100us * (1 + n * 7 % 20);
    frames.push_back(playout.tick(kStart + 2ms + n * 20ms - early).frames.size());
  }
  EXPECT_EQ(std::count(frames.begin() + 3, frames.end(), 1U), 17);
}

// A response begins when its first sound is there, anywhere between two ticks. Wherever that is, none of the
// ticks after it may find the lead a little too long, now and then, and leave the listener's frame for the
// next.
TEST(Playout, KeepsToTheGridWhereverBetweenTwoTicksItBegan) {
  for (milliseconds begin = 0ms; begin < 20ms; ++begin) {
    Playout playout(Playout::Config{});
    playout.begin();
    EXPECT_EQ(playout.push(samples_from(0, 48000)), 48000U);
    (void)playout.between_ticks(kStart + begin);
    std::vector<std::size_t> frames;
    for (int n = 1; n < 30; ++n) {
      const auto late = 100us * (n * 7 % 20);
      frames.push_back(playout.tick(kStart + n * 20ms + late).frames.size());
    }
    EXPECT_EQ(std::count(frames.begin() + 4, frames.end(), 1U), 25) << begin.count() << " ms";
  }
}

TEST(Playout, BetweenTwoTicksHandsOutOnlyWhatIsNeededSoon) {
  Playout playout(Playout::Config{});
  playout.begin();
  EXPECT_EQ(playout.push(samples_from(0, 48000)), 48000U);
  EXPECT_EQ(playout.between_ticks(kStart + 7ms).frames.size(), 3U);
  EXPECT_TRUE(playout.between_ticks(kStart + 8ms).frames.empty());
  EXPECT_EQ(playout.tick(kStart + 20ms).frames.size(), 4U);
  EXPECT_TRUE(playout.between_ticks(kStart + 21ms).frames.empty());
  EXPECT_EQ(playout.between_ticks(kStart + 120ms).frames.size(), 1U) << "a tick did not come";
}

TEST(Playout, IsDoneOnlyWhenTheLastFrameWasHeard) {
  Playout playout(Playout::Config{});
  playout.begin();
  EXPECT_EQ(playout.push(samples_from(0, 481)), 481U);
  playout.end();
  const Playout::Tick first = playout.tick(kStart);
  EXPECT_EQ(first.frames.size(), 2U);
  EXPECT_FALSE(first.done);
  EXPECT_EQ(playout.samples_handed_out(), 481);
  EXPECT_FALSE(playout.tick(kStart + 20ms).done);
  EXPECT_FALSE(playout.tick(kStart + 39ms).done);
  EXPECT_TRUE(playout.tick(kStart + 40ms).done);
  EXPECT_FALSE(playout.tick(kStart + 60ms).done);
  EXPECT_FALSE(playout.active());
  EXPECT_EQ(playout.interrupt(kStart + 80ms).samples_heard, 481);
}

TEST(Playout, AnEmptyResponseIsDoneAtOnce) {
  Playout playout(Playout::Config{});
  EXPECT_FALSE(playout.tick(kStart).done);
  playout.begin();
  playout.end();
  EXPECT_TRUE(playout.tick(kStart).done);
}

TEST(Playout, CountsADrySpellOnceAndGoesOnLater) {
  Playout playout(Playout::Config{});
  playout.begin();
  EXPECT_FALSE(playout.tick(kStart).ran_dry);  // a late start is no underrun
  EXPECT_EQ(playout.push(samples_from(0, 480)), 480U);
  EXPECT_EQ(playout.tick(kStart + 300ms).frames.size(), 1U);
  EXPECT_FALSE(playout.tick(kStart + 320ms).ran_dry);
  EXPECT_TRUE(playout.tick(kStart + 340ms).ran_dry);
  EXPECT_FALSE(playout.tick(kStart + 360ms).ran_dry);
  EXPECT_EQ(playout.push(samples_from(480, 480)), 480U);
  EXPECT_EQ(playout.tick(kStart + 380ms).frames.size(), 1U);
  EXPECT_EQ(playout.underruns(), 1);
  EXPECT_EQ(playout.samples_heard(kStart + 390ms), 480 + 240);
}

TEST(Playout, AnInterruptionSaysWhatWasHandedOutAndHeard) {
  Playout playout(Playout::Config{});
  playout.begin();
  EXPECT_EQ(playout.push(samples_from(0, 24000)), 24000U);
  (void)playout.tick(kStart);
  const Playout::Interruption cut = playout.interrupt(kStart + 30ms);
  EXPECT_EQ(cut.frames.size(), 1U);
  EXPECT_EQ(cut.samples_handed_out, 4 * 480 + 192);
  EXPECT_EQ(cut.samples_heard, 720);
  EXPECT_EQ(cut.audio_end, 30ms);
  EXPECT_FALSE(playout.active());
  EXPECT_EQ(playout.push(samples_from(0, 480)), 0U);
  EXPECT_TRUE(playout.tick(kStart + 40ms).frames.empty());
  const Playout::Interruption again = playout.interrupt(kStart + 40ms);
  EXPECT_TRUE(again.frames.empty());
  EXPECT_EQ(again.samples_handed_out, cut.samples_handed_out);
}

TEST(Playout, BeforeTheFirstSoundAnInterruptionSendsNothing) {
  Playout playout(Playout::Config{});
  playout.begin();
  EXPECT_EQ(playout.push(samples_from(0, 24000)), 24000U);
  const Playout::Interruption cut = playout.interrupt(kStart);
  EXPECT_TRUE(cut.frames.empty());
  EXPECT_EQ(cut.audio_end, 0ms);
}

TEST(Playout, SaysWhenTheListenerRunsOut) {
  Playout playout(Playout::Config{});
  playout.begin();
  EXPECT_EQ(playout.push(samples_from(0, 24000)), 24000U);
  EXPECT_EQ(playout.dry_at(), std::nullopt);
  (void)playout.tick(kStart);
  EXPECT_EQ(playout.dry_at(), kStart + 1000ms);
}

// One random response: chunks of random sizes at random times, ticks that come late, perhaps an interruption.
class Schedule {
 public:
  explicit Schedule(std::uint32_t seed) : random_(seed) {
    config_.lead_max = milliseconds(between(40, 400));
    config_.frames_per_tick_max = static_cast<int>(between(1, 6));
    config_.buffer = milliseconds(between(20, 500));
    total_ = static_cast<std::size_t>(between(0, 24000));
    if (between(0, 2) == 0) interrupt_at_ = kStart + milliseconds(between(0, 1500));
  }

  void run() {
    Playout playout(config_);
    playout.begin();
    Time now = kStart + milliseconds(between(0, 500));
    int ticks = 0;
    for (; playout.active() && !testing::Test::HasFailure(); ++ticks) {
      ASSERT_LT(ticks, 5000) << "the response never ends";
      produce(playout);
      if (interrupt_at_ && now >= *interrupt_at_) return check_interruption(playout, now);
      check_tick(playout, now);
      now += 20ms + std::chrono::microseconds(between(0, 4) == 0 ? between(0, 60000) : 0);
    }
    EXPECT_EQ(playout.samples_handed_out(), static_cast<std::int64_t>(total_));
    EXPECT_EQ(listener_.samples().size(), (total_ + kFrameSamples - 1) / kFrameSamples * kFrameSamples);
    EXPECT_FALSE(playout.tick(now).done);
  }

 private:
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random_);
  }

  void produce(Playout& playout) {
    if (between(0, 3) == 0) return;
    const std::size_t wanted =
        std::min<std::size_t>(static_cast<std::size_t>(between(0, 2400)), total_ - pushed_);
    pushed_ += playout.push(samples_from(pushed_, wanted));
    if (pushed_ == total_) playout.end();
  }

  void check_tick(Playout& playout, Time now) {
    const bool silent = listener_.samples().size() > 0 && listener_.silent_at() < now;
    const bool more_to_come = pushed_ < total_;
    const Playout::Tick tick = playout.tick(now);
    EXPECT_TRUE(!tick.ran_dry || silent);
    EXPECT_TRUE(tick.ran_dry || !silent || !more_to_come || was_silent_);
    was_silent_ = silent && tick.frames.empty();
    EXPECT_LE(tick.frames.size(), static_cast<std::size_t>(config_.frames_per_tick_max));
    listener_.hear(tick.frames, now);
    EXPECT_LE(listener_.silent_at() - now, config_.lead_max + Playout::kSteadyRoom);
    check_samples(playout);
    EXPECT_EQ(playout.samples_heard(now),
              std::min(listener_.samples_heard(now), playout.samples_handed_out()));
    EXPECT_TRUE(!tick.done || now >= listener_.silent_at());
    EXPECT_TRUE(!tick.done || !more_to_come);
    EXPECT_EQ(tick.done, !playout.active());
  }

  void check_interruption(Playout& playout, Time now) {
    const std::size_t before = listener_.samples().size();
    const std::int64_t heard = std::min(listener_.samples_heard(now), playout.samples_handed_out());
    const Playout::Interruption cut = playout.interrupt(now);
    EXPECT_EQ(cut.samples_heard, heard);
    EXPECT_EQ(cut.audio_end, milliseconds(heard / 24));
    EXPECT_LE(cut.frames.size(), before > 0 ? 1U : 0U);
    EXPECT_LE(cut.samples_handed_out, static_cast<std::int64_t>(before + audio::PlayoutBuffer::kFadeSamples));
    EXPECT_LE(cut.samples_heard, cut.samples_handed_out);
    EXPECT_FALSE(playout.tick(now + 1s).done);
    EXPECT_TRUE(playout.tick(now + 1s).frames.empty());
  }

  void check_samples(const Playout& playout) {
    const std::vector<float>& samples = listener_.samples();
    for (; checked_ < samples.size(); ++checked_) {
      const bool filling = checked_ >= static_cast<std::size_t>(playout.samples_handed_out());
      ASSERT_EQ(samples[checked_], filling ? 0.0F : sample_at(checked_)) << checked_;
    }
  }

  std::mt19937 random_;
  Playout::Config config_;
  Listener listener_;
  std::optional<Time> interrupt_at_;
  std::size_t total_ = 0;
  std::size_t pushed_ = 0;
  std::size_t checked_ = 0;
  bool was_silent_ = false;
};

TEST(Playout, KeepsItsPromisesUnderThreeThousandSchedules) {
  for (std::uint32_t seed = 0; seed < 3000 && !HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    Schedule(seed).run();
  }
}

}  // namespace
}  // namespace antiphon::pipeline

#include "pipeline/session/ears.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/unit/pipeline/session/session_parts.h"

namespace antiphon::pipeline {
namespace {

using turns::AudioTime;

AudioBytes silence(int length_ms) {
  return AudioBytes(static_cast<std::size_t>(length_ms) * 48);  // PCM16 at 24 kHz
}

TEST(Ears, HearNoFurtherThanTheWindowsThatMayBeOnTheirWay) {
  SessionParts parts;
  Ears ears(parts.context(), audio::SampleFormat::kPcm16);
  const AudioBytes second = silence(1000);
  const std::size_t heard = ears.feed(second);
  EXPECT_LT(heard, second.size());
  EXPECT_EQ(ears.windows_in_flight(), Ears::kWindowsInFlightMax);
  EXPECT_FALSE(ears.settled());
  EXPECT_EQ(ears.feed(std::span(second).subspan(heard)), 0U) << "until a probability has come";
}

TEST(Ears, GoOnWhereTheyStoppedAndLoseNothing) {
  SessionParts parts;
  Ears ears(parts.context(), audio::SampleFormat::kPcm16);
  const AudioBytes second = silence(1000);
  std::size_t heard = 0;
  int windows = 0;
  while (heard < second.size() || !ears.settled()) {
    heard += ears.feed(std::span(second).subspan(heard));
    while (parts.voice_activity().run_batch()) {
    }
    while (const auto result = parts.next<VoiceActivityResult>()) {
      EXPECT_EQ(result->window, windows++);
      ears.on_window_done();
    }
  }
  EXPECT_EQ(windows, 31);  // whole windows of 32 ms
  EXPECT_GE(ears.audio().end(), AudioTime(990));
  EXPECT_LE(ears.audio().end(), AudioTime(1000));
}

TEST(Ears, KnowHowMuchSilenceHasComeBeyondTheLastWindow) {
  SessionParts parts;
  Ears ears(parts.context(), audio::SampleFormat::kPcm16);
  static_cast<void>(ears.feed(silence(40)));
  EXPECT_EQ(ears.silence_beyond(AudioTime(0)), AudioTime(0)) << "a probability is awaited";
  while (parts.voice_activity().run_batch()) {
  }
  while (parts.next<VoiceActivityResult>()) ears.on_window_done();
  EXPECT_EQ(ears.silence_beyond(AudioTime(32)), AudioTime(5))
      << "40 ms less a window and the resampler's 2.5";
  AudioBytes voice = silence(10);
  for (std::size_t i = 1; i < voice.size(); i += 2) voice[i] = std::byte{0x20};
  static_cast<void>(ears.feed(voice));
  EXPECT_EQ(ears.silence_beyond(AudioTime(32)), AudioTime(0));
}

TEST(Ears, TheTurnDetectorHearsTheTurnFromItsBeginning) {
  SessionParts parts;
  Ears ears(parts.context(), audio::SampleFormat::kPcmu);
  const AudioBytes half(800, std::byte{0xFF});  // 100 ms
  static_cast<void>(ears.feed(half));
  ears.begin_turn(AudioTime(36));
  const AudioTime end = ears.audio().end();
  // 64 ms are two windows; the fake takes an even number of them for a complete turn.
  const bool even = (end.count() - 36) * 16 / 512 % 2 == 0;
  EXPECT_EQ(parts.networks().turn->probability(models::Slot{0}).run_to_end() > 0.5F, even);
}

}  // namespace
}  // namespace antiphon::pipeline

#include "pipeline/turns/speech_edges.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

namespace antiphon::pipeline::turns {
namespace {

using Edge = SpeechEdges::Edge;

// One letter for each window: S started, P paused, R resumed, - nothing.
std::string edges_of(SpeechEdges* edges, const std::vector<float>& probabilities) {
  std::string shown;
  for (const float probability : probabilities) {
    switch (edges->step(probability)) {
      case Edge::kNone:
        shown += '-';
        break;
      case Edge::kStarted:
        shown += 'S';
        break;
      case Edge::kPaused:
        shown += 'P';
        break;
      case Edge::kResumed:
        shown += 'R';
        break;
    }
  }
  return shown;
}

TEST(SpeechEdges, StartsPausesAndResumes) {
  SpeechEdges edges({.threshold = 0.5f, .speech_min = 2 * kWindow});
  EXPECT_EQ(edges_of(&edges, {.1f, .7f, .9f, .8f, .4f, .2f, .1f, .1f, .6f, .9f}), "--S--P--R-");
  EXPECT_TRUE(edges.in_speech());
  EXPECT_EQ(edges.voice_start(), kWindow);
  EXPECT_EQ(edges.position(), 10 * kWindow);
}

TEST(SpeechEdges, CountsSilenceFromTheEndOfTheLastVoice) {
  SpeechEdges edges({.threshold = 0.5f, .speech_min = kWindow});
  edges_of(&edges, {.9f, .9f, .4f});
  EXPECT_EQ(edges.silence(), AudioTime(0)) << "0.4 is still voice: the hysteresis";
  edges_of(&edges, {.1f, .4f, .4f});
  EXPECT_EQ(edges.silence(), 3 * kWindow) << "0.4 is no voice any more";
  EXPECT_EQ(edges.voice_end(), 3 * kWindow);
  edges_of(&edges, {.5f});
  EXPECT_EQ(edges.silence(), AudioTime(0));
}

TEST(SpeechEdges, TakesNoBurstThatIsTooShortForSpeech) {
  SpeechEdges edges({.threshold = 0.5f, .speech_min = 3 * kWindow});
  EXPECT_EQ(edges_of(&edges, {.7f, .7f, .1f, .7f, .9f, .1f, .7f}), "-------");
  EXPECT_EQ(edges_of(&edges, {.7f, .7f}), "-S");
  EXPECT_EQ(edges.voice_start(), 6 * kWindow) << "the short bursts before do not belong to it";
}

TEST(SpeechEdges, TwoCertainWindowsAreWorthThree) {
  SpeechEdges edges({.threshold = 0.5f, .speech_min = 3 * kWindow});
  EXPECT_EQ(edges_of(&edges, {.6f, .6f, .1f, .8f, .8f}), "----S");
}

TEST(SpeechEdges, HonoursTheThreshold) {
  SpeechEdges strict({.threshold = 0.9f, .speech_min = kWindow});
  EXPECT_EQ(edges_of(&strict, {.89f, .9f, .76f, .74f}), "-S-P");
  SpeechEdges open({.threshold = 0.0f, .speech_min = kWindow});
  EXPECT_EQ(edges_of(&open, {.0f, .02f, .0f}), "-SP");
}

TEST(SpeechEdges, TakesWhatIsNotANumberForSilence) {
  SpeechEdges edges({.threshold = 0.5f, .speech_min = kWindow});
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(edges_of(&edges, {nan, .9f, nan, nan, .9f}), "-SP-R");
}

TEST(SpeechEdges, TheVoiceEndsWhereItsWindowFallsQuiet) {
  SpeechEdges edges({.threshold = 0.5f, .speech_min = kWindow});
  edges.step(.9f);
  edges.step(.9f, AudioTime(16));
  EXPECT_EQ(edges.voice_end(), 2 * kWindow - AudioTime(16));
  EXPECT_EQ(edges.silence(), AudioTime(0)) << "the detector still hears a voice";
  edges.step(.4f, AudioTime(48));
  EXPECT_EQ(edges.step(.1f, AudioTime(64)), SpeechEdges::Edge::kPaused);
  EXPECT_EQ(edges.silence(), AudioTime(80));
}

TEST(SpeechEdges, StartsAnewAfterStop) {
  SpeechEdges edges({.threshold = 0.5f, .speech_min = 2 * kWindow});
  edges_of(&edges, {.9f, .9f, .9f});
  edges.stop();
  EXPECT_FALSE(edges.in_speech());
  EXPECT_EQ(edges_of(&edges, {.9f, .9f}), "-S") << "a voice that was on counts from the stop";
  EXPECT_EQ(edges.voice_start(), 3 * kWindow);
}

}  // namespace
}  // namespace antiphon::pipeline::turns

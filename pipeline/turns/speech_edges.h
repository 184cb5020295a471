#pragma once

#include "pipeline/turns/turn_time.h"

namespace antiphon::pipeline::turns {

// Makes edges out of the detector's probabilities, one for each 32 ms window of the user's audio.
//
//   probability   .1 .7 .9 .8 .4 .2 .1 .1 .6 .9
//   voice          -  V  V  V  V  -  -  -  V  V     on at the threshold, off below threshold - 0.15
//   edge                 ^started ^paused  ^resumed
//
// Speech starts when the voice has been on for speech_min; shorter bursts are noise. A window that is all but
// certain (kCertain) counts half as much again, since the bursts that noise causes are weak. Once speech has
// started, one window of voice is enough to resume it: the words are still coming. Whether a pause ends the
// turn is for the Endpointer to say; the owner then calls stop().
//
// Owner:  one TurnManager.
// Memory: never allocates.
// Errors: none; a probability that is not a number counts as 0.
class SpeechEdges {
 public:
  struct Config {
    float threshold = 0.5f;
    AudioTime speech_min{2 * kWindow};
  };
  static constexpr float kCertain = 0.8f;
  enum class Edge { kNone, kStarted, kPaused, kResumed };

  explicit SpeechEdges(const Config& config);

  // From the next window on; speech that has started goes on.
  void configure(const Config& config);

  // `quiet`: for how long the window's end has been quiet by its level (SpeechLevel), where that is known:
  // the voice ended before it.
  Edge step(float probability, AudioTime quiet = AudioTime(0));

  // The speech is over, or is to be forgotten: the next edge can only be kStarted.
  void stop();

  bool in_speech() const { return in_speech_; }           // between kStarted and stop(), pauses included
  AudioTime position() const { return position_; }        // the end of the last window
  AudioTime voice_start() const { return voice_start_; }  // of this speech (or else of the last one)
  AudioTime voice_end() const { return voice_end_; }      // in the last window with voice, or a little before
  // 0 while the voice is on.  REQUIRES: in_speech().
  AudioTime silence() const { return voice_ ? AudioTime(0) : position_ - voice_end_; }

 private:
  Config config_;
  AudioTime position_{0};
  AudioTime voice_start_{0};
  AudioTime voice_end_{0};
  AudioTime burst_start_{0};  // of the voice that may become a speech
  AudioTime burst_weight_{0};
  bool voice_ = false;
  bool in_speech_ = false;
};

}  // namespace antiphon::pipeline::turns

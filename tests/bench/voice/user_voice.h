#pragma once

#include <boost/json.hpp>
#include <chrono>
#include <functional>
#include <string_view>
#include <vector>

#include "audio/sample_format.h"
#include "tests/bench/voice/heard_turn.h"
#include "tests/bench/voice/utterance.h"

namespace antiphon::bench {

// What a user says when, and hears: one utterance after another, each when the answer to the last one is
// over, or in the middle of it.
//
// Owner: one thread. Time: never reads a clock.
class UserVoice {
 public:
  struct Config {
    std::chrono::milliseconds first_rest{1000};  // before the first utterance
    // The user's next words come this long after the answer is over ...
    std::chrono::milliseconds rest{700};
    // ... or, if not zero, so long after it began to sound, into the middle of it.
    std::chrono::milliseconds barge_in_after{0};
    // If not zero the client cancels an answer that has sounded for so long: shortens a measurement.
    std::chrono::milliseconds listens_for{0};
    std::chrono::milliseconds patience{20'000};                // with an answer that does not come
    audio::SampleFormat format = audio::SampleFormat::kPcm16;  // of what the server says
  };
  // 20 ms of the microphone: from `begin_ms` of the utterance on; outside of it, or without one, silence.
  struct Frame {
    const Utterance* utterance = nullptr;
    int begin_ms = 0;
  };
  // A turn of which everything was heard; `next` is the one after it.
  using TurnDone = std::function<void(const HeardTurn& turn)>;

  // `utterances` outlives it and is not empty.
  UserVoice(const Config& config, const std::vector<Utterance>* utterances, TurnDone turn_done);

  // `turns`: how many utterances there are to be, then silence.
  void limit(std::size_t turns) { turns_max_ = turns; }
  Frame frame(Time frame_begin);
  // Whether an answer has been heard long enough: said once for each.
  bool wants_cancel(Time now);
  bool over(Time now) const { return turns_begun_ >= turns_max_ && turn_is_over(now); }
  // Hands out the turns that are left.
  void finish();

  void hear(const boost::json::value& event, Time now);
  void hear_audio(std::string_view response_id, std::string_view base64, Time now);

  // The turn that began last; before the first one, an empty one.
  const HeardTurn& turn() const { return turn_; }
  // The reply of this turn or the last one with this name, or null.
  const HeardReply* reply(std::string_view response_id) const;
  std::size_t turns_begun() const { return turns_begun_; }
  Config& config() { return config_; }

 private:
  void begin_turn(Time frame_begin);
  bool turn_is_over(Time now) const;
  HeardTurn* last() { return turns_begun_ > 1 ? &last_ : nullptr; }

  Config config_;
  const std::vector<Utterance>* const utterances_;
  const TurnDone turn_done_;
  HeardTurn last_;
  HeardTurn turn_;
  std::size_t turns_begun_ = 0;
  std::size_t turns_max_ = static_cast<std::size_t>(-1);
  Time speech_begin_;  // of the utterance's first sample
  Time first_turn_at_;
  bool started_ = false;
  bool cancelled_ = false;
};

}  // namespace antiphon::bench

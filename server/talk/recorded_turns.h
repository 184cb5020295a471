#pragma once

#include <cstdint>
#include <optional>

#include "pipeline/runtime/time.h"

namespace antiphon::server {

// When the next recording is spoken: after the answer to the last one, and a little rest.
//
// Owner: one thread. Time: never reads a clock.
class RecordedTurns {
 public:
  static constexpr std::chrono::milliseconds kRest{500};
  static constexpr std::chrono::seconds kPatience{20};  // with a silent server

  enum class Step : std::uint8_t {
    kWait,
    kSpeak,       // the next recording; if there is none, that was all
    kUnanswered,  // there was no answer to the last one
  };
  // `busy`: a recording is being spoken, or a side speaks or is awaited. `answers`: so far.
  Step step(pipeline::Time now, bool busy, int answers);

 private:
  std::optional<pipeline::Time> quiet_since_;
  std::optional<int> answers_before_;  // when the last recording began; none: there was none
};

}  // namespace antiphon::server

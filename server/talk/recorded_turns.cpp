#include "server/talk/recorded_turns.h"

namespace antiphon::server {

RecordedTurns::Step RecordedTurns::step(pipeline::Time now, bool busy, int answers) {
  if (busy || !quiet_since_) {
    quiet_since_ = now;
    return Step::kWait;
  }
  const bool answered = !answers_before_ || answers > *answers_before_;
  const pipeline::Duration quiet = now - *quiet_since_;
  if (!answered) return quiet >= kPatience ? Step::kUnanswered : Step::kWait;
  if (quiet < kRest) return Step::kWait;
  answers_before_ = answers;
  quiet_since_ = now;
  return Step::kSpeak;
}

}  // namespace antiphon::server

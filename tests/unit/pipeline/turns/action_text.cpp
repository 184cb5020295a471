#include "tests/unit/pipeline/turns/action_text.h"

namespace antiphon::pipeline::turns {
namespace {

std::string number(Generation generation) {
  return std::to_string(static_cast<std::uint64_t>(generation));
}

std::string number(AudioTime time) {
  return std::to_string(time.count());
}

std::string range(AudioTime start, AudioTime end) {
  return number(start) + "-" + number(end);
}

struct Writer {
  std::string operator()(const SpeechStarted& a) const { return "started " + number(a.audio_start); }
  std::string operator()(const SpeechStopped& a) const { return "stopped " + number(a.audio_end); }
  std::string operator()(const AskSoundCue& a) const { return "ask sound " + number(a.generation); }
  std::string operator()(const AskTextCue& a) const { return "ask text " + number(a.generation); }
  std::string operator()(const StartSpeculation& a) const {
    return "speculate " + number(a.generation) + " on " + range(a.audio_start, a.audio_end);
  }
  std::string operator()(const DropSpeculation& a) const { return "drop " + number(a.generation); }
  std::string operator()(const CommitTurn& a) const {
    return (a.continues_last ? "continue " : "commit ") + range(a.audio_start, a.audio_end);
  }
  std::string operator()(const CreateResponse& a) const {
    return "respond " + number(a.generation) + (a.speculated ? " speculated" : "");
  }
  std::string operator()(const CancelResponse& a) const {
    const bool withdrawn = a.reason == CancelResponse::Reason::kWithdrawn;
    return "cancel " + number(a.generation) + (withdrawn ? " withdrawn" : " barge-in");
  }
  std::string operator()(const IdleTimedOut& a) const { return "idle " + range(a.audio_start, a.audio_end); }
};

}  // namespace

std::string as_text(const TurnAction& action) {
  return std::visit(Writer{}, action);
}

std::string as_text(const TurnActions& actions) {
  std::string text;
  for (const TurnAction& action : actions) {
    if (!text.empty()) text += "; ";
    text += as_text(action);
  }
  return text;
}

}  // namespace antiphon::pipeline::turns

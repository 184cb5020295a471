#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/turns/turn_actions.h"

namespace antiphon::pipeline::turns {

// Watches the actions of a TurnManager and writes down every rule that they break:
//   speech     started and stopped take turns
//   responses  at most one is active; only the active one is cancelled, and only right after speech has
//   started attempts   generations grow; each that was begun ends once, dropped or released; none is released
//   that was
//              dropped; at most one waits
//   turns      a speech that ends is committed once, at once; no audio is committed twice
class TurnChecker {
 public:
  // The actions of one event. `by_window`: it was a window of audio.
  void see(const std::vector<TurnAction>& actions, bool by_window);
  void response_ended(Generation generation);

  std::optional<Generation> response() const { return response_; }
  std::optional<Generation> waiting_attempt() const;
  bool in_speech() const { return in_speech_; }
  const std::vector<std::string>& violations() const { return violations_; }

 private:
  struct Attempt {
    bool speculates = false;
    bool ended = false;
  };

  void see(const SpeechStarted& action);
  void see(const SpeechStopped& action);
  void see(const AskSoundCue& action) { begin(action.generation, false); }
  void see(const AskTextCue& action) { begin(action.generation, false); }
  void see(const StartSpeculation& action) { begin(action.generation, true); }
  void see(const DropSpeculation& action);
  void see(const CommitTurn& action);
  void see(const CreateResponse& action);
  void see(const CancelResponse& action);
  void see(const IdleTimedOut& action);
  void begin(Generation generation, bool speculates);
  void expect(bool holds, const char* rule) {
    if (!holds) violations_.emplace_back(rule);
  }

  std::vector<std::string> violations_;
  bool in_speech_ = false;
  bool just_started_ = false;  // by the action before
  std::optional<Generation> response_;
  std::map<Generation, Attempt> attempts_;
  Generation last_generation_{};
  AudioTime committed_to_{0};
  int stops_ = 0;    // of the actions of one event
  int commits_ = 0;  // of the actions of one event
  int idles_ = 0;    // of the actions of one event
};

}  // namespace antiphon::pipeline::turns

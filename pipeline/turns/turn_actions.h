// What a TurnManager tells its session to do, in the order in which it is to be done.
#pragma once

#include <array>
#include <cassert>
#include <cstddef>
#include <variant>

#include "pipeline/turns/turn_time.h"

namespace antiphon::pipeline::turns {

// Send input_audio_buffer.speech_started. Each is followed by exactly one SpeechStopped.
struct SpeechStarted {
  AudioTime audio_start{0};  // prefix padding included
};

// Send input_audio_buffer.speech_stopped.
struct SpeechStopped {
  AudioTime audio_end{0};  // the silence that ended the turn included
};

// Ask the turn detector about the turn's audio so far; answer with TurnManager::on_sound_cue().
struct AskSoundCue {
  Generation generation{};
};

// Transcribe the turn's audio so far and ask the language model whether a message ends there; answer with
// TurnManager::on_text_cue().
struct AskTextCue {
  Generation generation{};
};

// Work on the reply to the audio so far, and hold everything back: it may never be wanted.
// A generation that was asked about or speculated on ends with DropSpeculation or CreateResponse.
struct StartSpeculation {
  Generation generation{};
  AudioTime audio_start{0};  // of the turn, prefix padding included
  AudioTime audio_end{0};    // the end of the voice: later audio is silence
};

// Drop all work of this generation, cues included: the user goes on, or the turn gets no reply (then it comes
// after CommitTurn). Nothing of it has been sent.
struct DropSpeculation {
  Generation generation{};
};

// The turn's audio becomes the user's item: input_audio_buffer.committed and what follows from it.
struct CommitTurn {
  AudioTime audio_start{0};
  AudioTime audio_end{0};
  // The last turn was ended too early and its reply withdrawn: for the prompt, this audio and the last turn's
  // are one turn.
  bool continues_last = false;
};

// Send response.created and the reply. `speculated`: StartSpeculation named this generation, so what it has
// made goes out now; else the work begins here.
struct CreateResponse {
  Generation generation{};
  bool speculated = false;
};

// End the reply now, status cancelled, reason turn_detected.
struct CancelResponse {
  enum class Reason {
    kBargeIn,    // keep what the user has heard of it in the conversation
    kWithdrawn,  // the turn was not over: take all of it out of the prompt, as if it had never been said
  };
  Generation generation{};
  Reason reason = Reason::kBargeIn;
};

// Send input_audio_buffer.timeout_triggered. CommitTurn for the same audio follows.
struct IdleTimedOut {
  AudioTime audio_start{0};  // where the reply's playout ended
  AudioTime audio_end{0};
};

using TurnAction = std::variant<SpeechStarted, SpeechStopped, AskSoundCue, AskTextCue, StartSpeculation,
                                DropSpeculation, CommitTurn, CreateResponse, CancelResponse, IdleTimedOut>;

// The actions of one event. Holds the most that one event can cause; never allocates.
class TurnActions {
 public:
  static constexpr std::size_t kMax = 8;

  void push(const TurnAction& action) {
    assert(size_ < kMax);
    actions_[size_++] = action;
  }
  const TurnAction* begin() const { return actions_.data(); }
  const TurnAction* end() const { return actions_.data() + size_; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

 private:
  std::array<TurnAction, kMax> actions_{};
  std::size_t size_ = 0;
};

}  // namespace antiphon::pipeline::turns

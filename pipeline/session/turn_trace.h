#pragma once

#include <chrono>
#include <optional>

#include "pipeline/runtime/ids.h"
#include "pipeline/runtime/time.h"
#include "pipeline/server_event.h"

namespace antiphon::pipeline {

// When the stages of one answered turn were reached, on the wall clock; empty: never.
struct TurnTrace {
  SessionId session{};
  Generation generation{};
  std::optional<Time> speech_end;  // the last voice, as far as the client's audio came in real time;
                                   // empty: the reply answers no speech
  std::chrono::milliseconds speech_end_position{0};  // of it, in the client's audio
  std::optional<Time> paused;                        // the pause was noticed in which the reply was begun
  std::optional<Time> decided;                       // the turn was over
  std::optional<Time> transcript_final;              // the words of the prompt were known
  std::optional<Time> first_token;
  std::optional<Time> first_phrase;  // handed to the synthesiser
  std::optional<Time> first_audio_made;
  std::optional<Time> first_audio_sent;
  bool speculated = false;  // the reply was begun before the turn was decided
};

// What a client is told of it: the stages, counted from the end of the speech, or from the decision.
TurnTraced told_trace(const TurnTrace& trace, const WireId& response_id);

// Hears of every turn that was answered, and of work for turns that went on. Called on the session's media
// worker: it must not block.
class TurnObserver {
 public:
  virtual ~TurnObserver() = default;
  virtual void on_turn(const TurnTrace& trace) noexcept = 0;
  // A reply was begun before the turn was decided, and was not wanted.
  virtual void on_speculation_dropped() noexcept {}
};

}  // namespace antiphon::pipeline

#pragma once

#include <optional>

#include "pipeline/turns/endpointer.h"
#include "pipeline/turns/speech_edges.h"
#include "pipeline/turns/turn_actions.h"
#include "pipeline/turns/turn_detection.h"
#include "pipeline/turns/turn_time.h"

namespace antiphon::pipeline::turns {

enum class TurnState { kListening, kUserSpeaking, kThinking, kSpeaking };

// Who speaks when, in one session: decides when a turn of the user begins and ends, when work on a reply
// starts, is released, dropped, cut short or withdrawn. It decides only; the session does what the actions
// say, in their order, before it reports the next event.
//
//   first pause        AskSoundCue, AskTextCue (semantic_vad), StartSpeculation, under a new generation
//   the user goes on   DropSpeculation
//   the turn is over   SpeechStopped, CommitTurn, CreateResponse (of the same generation)
//   barge-in           SpeechStarted, CancelResponse
//   a wrong end        the user goes on before the reply is heard or within kResumeMax of its first sound:
//                      SpeechStarted, CancelResponse{kWithdrawn}; the next CommitTurn continues the last turn
//
// At most one response is active. Responses outside the conversation (`conversation: none`) are not its
// business.
//
// Owner:  one session, on its media worker.
// Time:   never reads a clock; `now` must not go backwards.
// Memory: never allocates.
// Errors: events about a generation that is no longer alive are ignored, so late results need no care.
class TurnManager {
 public:
  struct Options {
    bool speculate = true;
    // See SpeechEdges. While the assistant is heard, noise does harm; two windows that are certain are
    // enough.
    AudioTime speech_min{2 * kWindow};
    AudioTime speech_min_to_interrupt{3 * kWindow};
  };

  explicit TurnManager(const TurnDetection& detection);
  TurnManager(const TurnDetection& detection, const Options& options);

  // --- The user's audio ---
  // Every window of it in order, whatever the turn detection is. `quiet`: see SpeechEdges::step().
  TurnActions on_window(float speech_probability, Time now, AudioTime quiet = AudioTime(0));
  // Beyond the last window this much more has come, less than a window, and the pause goes on in it
  // (SpeechLevel). A turn ends where its silence is long enough, not at the end of a window.
  TurnActions on_silence_beyond(AudioTime beyond);
  // Of the pause that the user's speech is in, up to the end of the last window; 0: there is none.
  AudioTime silence() const { return edges_.in_speech() ? edges_.silence() : AudioTime(0); }

  // --- Results of work that was asked for ---
  TurnActions on_sound_cue(Generation generation, float probability_complete);
  TurnActions on_text_cue(Generation generation, float end_log_probability);
  // The recogniser heard no words in the turn so far: if it ends here, it gets no reply.
  void on_no_words(Generation generation);

  // --- The active response ---
  // The first frame was sent, or the first delta of a response that is text only.
  void on_first_audio(Generation generation, Time now);
  // Its last event was sent, whether it was completed, failed or cancelled by the client. `playout_end`: when
  // the user will have heard all that was sent (>= now, or now if there was no audio).
  TurnActions on_response_ended(Generation generation, Time playout_end);

  // --- The client ---
  TurnActions on_turn_detection(const TurnDetection& detection);
  // input_audio_buffer.commit: `audio_end` is all that was received (at most one window beyond the last one).
  // The session has refused an empty buffer before.
  TurnActions on_commit(AudioTime audio_end);
  TurnActions on_clear(AudioTime audio_end);  // input_audio_buffer.clear
  // response.create for the conversation.  REQUIRES: !response_active() (else the session refuses it).
  TurnActions on_response_requested();

  // --- Time ---
  // The moment at which on_time() has something to do; nullopt: none.
  std::optional<Time> deadline() const;
  TurnActions on_time(Time now);

  void set_speculation(bool on);  // under load, speculation is the first thing to go; from the next pause on

  TurnState state() const;
  bool response_active() const { return reply_.active; }
  bool alive(Generation generation) const;  // its work is still wanted
  AudioTime audio_position() const { return edges_.position(); }

  // The user goes on within this time of the reply's first sound: the turn was not over.
  static constexpr std::chrono::milliseconds kResumeMax{1000};
  // Silence at which the cues are asked for and speculation starts.
  static constexpr AudioTime kFirstPause{2 * kWindow};

 private:
  struct Reply {
    bool active = false;
    bool answers_turn = false;  // else the client's wish, or the idle timeout's
    Generation generation{};
    std::optional<Time> first_audio;
  };
  struct Attempt {  // what was started in the current pause
    Generation generation{};
    bool asked = false;  // the session knows of it
    bool speculates = false;
    bool no_words = false;
    TurnCues cues;
  };

  bool assistant_is_heard(Time now) const;
  Generation next_generation();
  void begin_speech(Time now, TurnActions& actions);
  void interrupt_reply(Time now, TurnActions& actions);
  void begin_attempt(TurnActions& actions);
  void drop_attempt(TurnActions& actions);
  void end_turn_if_over(AudioTime beyond, TurnActions& actions);
  void end_turn(AudioTime audio_end, TurnActions& actions);
  void forget_speech(AudioTime audio_end, TurnActions& actions);
  void create_response(Generation generation, bool speculated, TurnActions& actions);
  void create_owed_response(TurnActions& actions);

  TurnDetection detection_;
  Options options_;
  SpeechEdges edges_;
  std::optional<Attempt> attempt_;  // only while edges_.in_speech()
  Reply reply_;
  Generation last_generation_{};
  AudioTime buffer_start_{0};                  // the first audio that no commit and no clear has taken
  AudioTime turn_start_{0};                    // of this speech, prefix padding included
  bool continues_last_ = false;                // the last turn's reply was withdrawn
  bool unanswered_turn_ = false;               // a turn was committed and no reply has begun since
  bool response_owed_ = false;                 // its reply waits for the end of the active one
  std::optional<Time> playout_end_;            // of the last reply, until the user does something
  std::optional<AudioTime> idle_audio_start_;  // where the user's audio was then
};

}  // namespace antiphon::pipeline::turns

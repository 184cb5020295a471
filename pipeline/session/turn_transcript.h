#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pipeline/runtime/ids.h"
#include "pipeline/turns/turn_time.h"

namespace antiphon::pipeline {

// Decides what of the user's turn is transcribed when, and joins the pieces.
//
// The recogniser reads a whole stretch at once, so the turn's open segment is read again and again while it
// grows (partial transcripts), and is closed at a pause once it is long: a closed segment is read once more
// and its text stays.
//
//   |--- closed ---|--- closed ---|--- open ->        text = closed texts + the open one's
//
// Owner: one session; pure. At most one request is in flight; what comes meanwhile waits.
class TurnTranscript {
 public:
  static constexpr turns::AudioTime kPartialInterval{400};  // new audio that a partial is worth
  static constexpr turns::AudioTime kSegmentMin{5000};      // a segment is closed at the first pause after it
  static constexpr turns::AudioTime kSegmentMax{20000};     // and in any case here: the recogniser takes 30 s
  // Silence that goes with the end of a stretch: the recogniser needs some to be sure of the last word.
  static constexpr turns::AudioTime kTail{160};

  enum class Kind { kPartial, kClosing, kFinal };
  struct Request {
    Kind kind = Kind::kPartial;
    Generation generation{};  // kFinal: of the reply that waits for it
    turns::AudioTime begin{0};
    turns::AudioTime end{0};
  };

  // A turn begins (again): everything before is forgotten.
  void begin(turns::AudioTime audio_start);
  // The turn is over, or was none.
  void end();
  bool active() const { return active_; }

  // The reply of this generation waits for the words up to `voice_end`.
  void want_final(Generation generation, turns::AudioTime voice_end);
  // The user goes on: no final is wanted any more.
  void drop_final() { final_.reset(); }
  // The voice paused: a place to close a long segment.
  void on_pause(turns::AudioTime voice_end);

  // What to transcribe now; then on_text() or on_failed() must follow. `heard`: the end of the user's audio.
  std::optional<Request> next(turns::AudioTime heard, bool voice, bool partials);
  // The request's text. Returns the text of the whole turn as known now.
  std::string on_text(const Request& request, std::string text);
  // It had no place on the lanes: a final is asked for again by next(), a partial is not missed.
  void on_refused(const Request& request);
  // It was dropped on purpose.
  void on_dropped() { in_flight_ = false; }
  // A final is wanted, or being made.
  bool awaits_final() const { return final_.has_value(); }

 private:
  std::string joined(const std::string& open) const;

  bool active_ = false;
  bool in_flight_ = false;
  turns::AudioTime open_start_{0};
  turns::AudioTime last_partial_end_{0};
  std::optional<turns::AudioTime> close_at_;
  std::optional<Request> final_;
  std::vector<std::string> closed_;
  int turn_ = 0;  // counts begin(), so that texts of an earlier turn are known
  int turn_in_flight_ = 0;
};

}  // namespace antiphon::pipeline

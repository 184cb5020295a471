#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/text/local_agreement.h"
#include "pipeline/session/ears.h"
#include "pipeline/session/session_context.h"
#include "pipeline/session/session_tasks.h"
#include "pipeline/session/turn_transcript.h"
#include "pipeline/wire_id.h"

namespace antiphon::pipeline {

// Has the user's turns transcribed: partials while they speak, the final words at a pause, and again for a
// turn whose words had not come when the next one began.
//
// Owner:    one session, on its media worker.
// Errors:   when the recogniser fails before the turn is over, its words are asked for again then; once.
// Overload: one task of the turn in flight, and one of a past turn; of past turns a few may wait, the words
//           of more are lost, and told as failed.
class Transcripts {
 public:
  struct News {
    std::string words = {};                     // confirmed since the last news, " like this"
    std::string hypothesis = {};                // the turn's words so far, of a partial
    std::optional<Generation> generation = {};  // the final words that it waits for have come
    std::optional<WireId> item = {};            // the final words of this committed turn have come
    std::string text = {};                      // with either of the two: the whole turn's
    turns::AudioTime duration{0};               // with `item`
    bool failed = false;                        // with `item`: the recogniser could not; text is empty
  };

  Transcripts(const SessionContext& context, SessionTasks* tasks, const Ears* ears)
      : context_(context), tasks_(tasks), ears_(ears) {}

  void begin(turns::AudioTime audio_start);
  bool active() const { return turn_.active(); }
  void want_final(Generation generation, turns::AudioTime voice_end);
  // The user goes on, or nobody waits for these words any more.
  void drop_final();
  void on_pause(turns::AudioTime voice_end) { turn_.on_pause(voice_end); }
  // The turn becomes this item; its words are in the news now or later.
  std::optional<News> commit(const WireId& item, turns::AudioTime audio_start, turns::AudioTime voice_end);
  // The audio that is no item's yet was thrown away; a committed turn still gets its words.
  void clear();

  // Asks the lanes for what is worth it now. `partials`: somebody wants to see them.
  void pump(bool voice, bool partials, Time now);
  std::optional<News> on_result(TranscriptResult result);
  // The failure of a turn for which there was no room; call it after pump() until it gives nothing.
  std::optional<News> take_lost();

 private:
  struct PastTurn {
    WireId item;
    turns::AudioTime begin{0};
    turns::AudioTime end{0};
  };
  struct InFlight {
    Generation id{};
    TurnTranscript::Request request;
    bool of_past_turn = false;  // its text is of no use any more
  };

  Generation next_id();
  void leave_turn();
  bool submit(Generation id, TaskKind kind, turns::AudioTime begin, turns::AudioTime end, Deadline deadline);
  void submit_past_turn(Time now);
  News final_news(const std::string& text, bool failed);

  const SessionContext& context_;
  SessionTasks* const tasks_;
  const Ears* const ears_;
  TurnTranscript turn_;
  models::text::LocalAgreement agreement_;
  std::optional<Generation> generation_;   // waits for the turn's final words
  std::optional<std::string> final_text_;  // of the turn, if they have come
  std::optional<PastTurn> item_;           // what the turn became; waits for its final words
  std::optional<InFlight> in_flight_;      // of the turn
  bool words_lost_ = false;                // of the turn: the recogniser failed in an inner part of it
  std::vector<int> draft_;                 // tokens of the last partial
  std::vector<PastTurn> past_;             // turns that were overtaken by the next one
  std::optional<Generation> past_in_flight_;
  std::vector<PastTurn> lost_;  // beyond kPastMax, not told yet
  std::uint64_t ids_ = 0;
};

}  // namespace antiphon::pipeline

#pragma once

#include <optional>
#include <utility>

#include "pipeline/conversation.h"
#include "pipeline/session/client_channel.h"
#include "pipeline/session/ears.h"
#include "pipeline/session/transcripts.h"
#include "pipeline/turns/turn_actions.h"

namespace antiphon::pipeline {

// The user's side of a talk: their audio, which item it becomes, and what the client is told of it and of its
// words.
//
// Owner: one session, on its media worker.
class UserTurn {
 public:
  UserTurn(const SessionContext& context, SessionTasks* tasks, ClientChannel* client,
           Conversation* conversation, audio::SampleFormat format)
      : client_(client),
        conversation_(conversation),
        ears_(context, format),
        transcripts_(context, tasks, &ears_) {}

  Ears& ears() { return ears_; }
  const Ears& ears() const { return ears_; }
  Transcripts& transcripts() { return transcripts_; }

  // --- What the turn manager says ---
  void begin(turns::AudioTime audio_start);
  void end(turns::AudioTime audio_end);
  void time_out(const turns::IdleTimedOut& idle);
  // It becomes this item of the conversation; its words may have come already.
  struct Committed {
    WireId item;
    std::optional<Transcripts::News> news;
  };
  Committed commit(const turns::CommitTurn& turn);

  // --- The audio ---
  // Nothing was received that no commit and no clear has taken.
  bool buffer_empty() const { return ears_.audio().end() <= buffer_start_; }
  turns::AudioTime buffer_start() const { return buffer_start_; }
  void clear();
  // Whether the window at `position` had voice; for `quiet` its end had none.
  void on_voice(bool voice, turns::AudioTime position, turns::AudioTime quiet, Time now);
  bool voice() const { return voice_; }
  struct VoiceEnd {
    Time heard_at;
    turns::AudioTime position;
  };
  // Of the turn that waits for a reply; once.
  std::optional<VoiceEnd> take_turn_end() { return std::exchange(turn_end_, std::nullopt); }

  // --- The words ---
  // Tells the client which words are confirmed.
  void tell_words(const Transcripts::News& news);
  // Writes an item's final words into it.  REQUIRES: news.item. `to_client`: it wants to read them.
  void finish_item(const Transcripts::News& news, bool to_client);
  // The item whose words the reply waits for.
  const std::optional<WireId>& words_missing() const { return words_missing_; }
  void on_words_there() { words_missing_.reset(); }

 private:
  ClientChannel* const client_;
  Conversation* const conversation_;
  Ears ears_;
  Transcripts transcripts_;
  WireId item_;                        // of the turn that is being heard; empty: not named yet
  turns::AudioTime buffer_start_{0};   // the first audio that no commit and no clear has taken
  bool voice_ = false;                 // in the last window
  std::optional<VoiceEnd> voice_end_;  // of the last voice
  std::optional<VoiceEnd> turn_end_;   // of the turn that waits for a reply
  std::optional<WireId> words_missing_;
};

}  // namespace antiphon::pipeline

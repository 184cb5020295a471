#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/conversation.h"
#include "pipeline/session/prompt_history.h"
#include "pipeline/session/session_settings.h"

namespace antiphon::pipeline {

// The user's message with these words, which is no item yet.
ConversationItem spoken_by_user(const std::string& text);

// The prompts of a session: of its conversation so far, and of what a client asked of one response.
//
// Owner: one session; pure.
class ReplyPrompts {
 public:
  ReplyPrompts(const Networks* networks, const SessionSettings* settings, const Conversation* conversation);

  // The instructions or the functions have changed.
  void set_opening();
  PromptHistory& history() { return history_; }

  // What can be read ahead of the user's next words.
  std::vector<models::Token> so_far();
  // With the user's words so far: what the cue is asked on, and what a reply's begins with. Empty: there is
  // nothing in them to be read.
  std::vector<models::Token> open(std::string_view words);
  // What a reply is written to; with `next` (null: none) as one more message.
  std::vector<models::Token> reply(const ResponseWish* wish, const ConversationItem* next);

 private:
  std::vector<ConversationItem> items_of(const ResponseOverrides& overrides) const;

  const Networks* const networks_;
  const SessionSettings* const settings_;
  const Conversation* const conversation_;
  PromptHistory history_;
};

}  // namespace antiphon::pipeline

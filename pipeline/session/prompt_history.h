#pragma once

#include <span>
#include <string>
#include <vector>

#include "models/text/assistant_prompt.h"
#include "models/text/chat_template.h"
#include "pipeline/conversation_item.h"

namespace antiphon::pipeline {

// A conversation as the language model reads it: instructions, then who said what, in groups that are
// encoded together.
//
//  - Spoken messages of the user that follow one another are one message: the reply between them was
//    withdrawn, or never heard.
//  - Calls that follow the assistant's words or one another are one message, as the model wrote them.
//  - What has no text (not transcribed, not heard) is left out, and so is a call that was not finished.
//  - A note about a message (set_note) stands before it, or behind it, as a system's message.
//  - When the context is full the oldest turns are left out for good (cut_history), so that the prompt grows
//    again from there.
//
// Owner:  one session; pure.
// Memory: the tokens of each message once; only those that are new are encoded.
class PromptHistory {
 public:
  explicit PromptHistory(const models::text::ChatTemplate* chat) : chat_(chat) {}

  // What the conversation starts with. `tools`: as for ChatTemplate::opening().
  void set_opening(const models::text::AssistantPrompt& prompt, std::span<const std::string> tools = {}) {
    opening_ = prompt.tokens(*chat_, tools);
    history_tokens_max_ = prompt.history_tokens_max;
  }

  // What the memory has to say to the user's message with this id (empty: the message that is still being
  // spoken); "": nothing. It stays with the message.
  void set_note(const WireId& item, std::string before, std::string behind);
  // The message that was being spoken has become this item.
  void name_spoken(const WireId& item);

  // The prompt of these items, and of `next` (null: none) as one more at their end. `tokens_max`: what the
  // context has room for.
  std::vector<models::Token> tokens(std::span<const ConversationItem> items, const ConversationItem* next,
                                    int tokens_max);
  // The same with the message of `next`, which is not empty, left open: its words may go on. It is the
  // beginning of the prompts of all messages that begin so.
  std::vector<models::Token> open_tokens(std::span<const ConversationItem> items,
                                         const ConversationItem& next, int tokens_max);
  // Whether the last of these prompts ended with the user's words.
  bool ends_with_user() const;

 private:
  struct Group {
    std::vector<models::text::ChatMessage> messages;
    std::vector<models::Token> tokens;
    WireId first_item;
  };
  struct Note {
    WireId item;
    std::string before;
    std::string behind;
  };
  void add_to(std::vector<Group>* groups, const ConversationItem& item, bool* after_speech) const;
  std::vector<Group> grouped(std::span<const ConversationItem> items, const ConversationItem* next) const;
  Note note_of(const WireId& item) const;
  void encode(std::vector<Group> groups);
  std::size_t first_kept(int room);

  const models::text::ChatTemplate* const chat_;
  std::vector<models::Token> opening_;
  int history_tokens_max_ = 0;  // of what follows the opening
  std::vector<Group> groups_;
  std::vector<Note> notes_;  // kNotesMax at most: the newest
  WireId cut_before_;        // older items are left out; empty: none was cut
};

}  // namespace antiphon::pipeline

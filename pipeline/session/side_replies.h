#pragma once

#include <cstdint>
#include <list>
#include <optional>
#include <utility>

#include "pipeline/session/reply.h"
#include "pipeline/session/reply_prompts.h"
#include "pipeline/session/session_settings.h"

namespace antiphon::pipeline {

// Responses outside the conversation: any number up to a limit goes on beside the one that writes to it. They
// take their turns at the seat's slot of the language model, and the user's speech does not end them.
//
// Owner:    one session, on its media worker.
// Overload: more than kActiveMax are refused with an error.
class SideReplies {
 public:
  static constexpr std::size_t kActiveMax = 8;

  SideReplies(const SessionContext& context, SessionTasks* tasks, ClientChannel* client,
              Conversation* conversation, PromptSlot* slot, ReplyPrompts* prompts,
              const SessionSettings* settings)
      : context_(context),
        tasks_(tasks),
        client_(client),
        conversation_(conversation),
        slot_(slot),
        prompts_(prompts),
        settings_(settings) {}

  void begin(ResponseWish wish, Time now);
  // Writes those whose words have come, and lets go of those that are over; whether there were any.
  // `words_missing`: of the conversation's last turn.
  bool move(bool words_missing, Time now);
  void tick(Time now);
  // False: it is none of them.
  bool cancel(const WireId& response_id, Time now);
  // Without a word: nobody listens any more.
  void drop_all();

  bool empty() const { return active_.empty(); }
  Reply* find(Generation generation);  // null: it is over
  // Some of their audio was sent.
  bool spoke() const { return spoke_; }

 private:
  struct SideReply {
    SideReply(ResponseWish wish_in, const SessionContext& context, SessionTasks* tasks, ClientChannel* client,
              Conversation* conversation, PromptSlot* slot, Generation generation, ResponseTerms terms)
        : wish(std::move(wish_in)),
          reply(context, tasks, client, conversation, slot, generation, std::move(terms), WireId()) {}
    ResponseWish wish;
    Reply reply;
  };

  const SessionContext& context_;
  SessionTasks* const tasks_;
  ClientChannel* const client_;
  Conversation* const conversation_;
  PromptSlot* const slot_;
  ReplyPrompts* const prompts_;
  const SessionSettings* const settings_;
  std::list<SideReply> active_;  // in the order of their requests
  std::uint64_t begun_ = 0;
  bool spoke_ = false;
};

}  // namespace antiphon::pipeline

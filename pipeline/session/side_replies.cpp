// Responses outside the conversation: any number up to a limit goes on beside the one that writes to it. They
// take their turns at the seat's slot of the language model, and the user's speech does not end them.
#include <utility>

#include "pipeline/session/session.h"

namespace antiphon::pipeline {
namespace {

constexpr std::size_t kSideRepliesMax = 8;
// Apart from the turn manager's generations, which count from 1.
constexpr std::uint64_t kFirstGeneration = std::uint64_t{1} << 32U;

}  // namespace

void Session::begin_side_reply(Wish wish, Time now) {
  if (side_replies_.size() == kSideRepliesMax) {
    client_.send_error("rate_limit_exceeded", "8 responses outside the conversation are active already.");
    return;
  }
  const Generation generation{kFirstGeneration + side_replies_begun_++};
  ResponseTerms terms = terms_of(config_, wish.overrides);
  side_replies_.emplace_back(std::move(wish), context_, &tasks_, &client_, &conversation_, &slot_, generation,
                             std::move(terms));
  side_replies_.back().reply.release(now);
}

// Writes those whose words have come, and lets go of those that are over.
void Session::move_side_replies(Time now) {
  for (auto side = side_replies_.begin(); side != side_replies_.end();) {
    Reply& reply = side->reply;
    const bool waits = words_missing_ && !side->wish.overrides.input;
    if (!reply.writing() && !reply.over() && !waits) {
      reply.write(reply_prompt(&side->wish, nullptr), reply_tokens_max(&side->wish), side->wish.tools, now);
    }
    const bool spoken = reply.events().terms().modality == OutputModality::kAudio;
    spoke_ = spoke_ || (spoken && reply.first_sent());
    warm_wanted_ = warm_wanted_ || reply.over();
    side = reply.over() ? side_replies_.erase(side) : std::next(side);
  }
}

// False: it is none of them.
bool Session::cancel_side_reply(const WireId& response_id, Time now) {
  for (SideReply& side : side_replies_) {
    if (side.reply.events().response_id() != response_id || side.reply.over()) continue;
    side.reply.cancel("client_cancelled", Reply::Cut::kHeard, now);
    return true;
  }
  return false;
}

Reply* Session::reply_of(Generation generation) {
  if (reply_ && reply_->generation() == generation) return &*reply_;
  for (SideReply& side : side_replies_) {
    if (side.reply.generation() == generation) return &side.reply;
  }
  return nullptr;
}

}  // namespace antiphon::pipeline

#include "pipeline/session/side_replies.h"

#include <string>

namespace antiphon::pipeline {
namespace {

// Apart from the turn manager's generations, which count from 1.
constexpr std::uint64_t kFirstGeneration = std::uint64_t{1} << 32U;

}  // namespace

void SideReplies::begin(ResponseWish wish, Time now) {
  if (active_.size() == kActiveMax) {
    client_->send_error("rate_limit_exceeded", std::to_string(kActiveMax) +
                                                   " responses outside the conversation are active already.");
    return;
  }
  const Generation generation{kFirstGeneration + begun_++};
  ResponseTerms terms = terms_of(settings_->config(), wish.overrides);
  active_.emplace_back(std::move(wish), context_, tasks_, client_, conversation_, slot_, generation,
                       std::move(terms));
  active_.back().reply.release(now);
}

bool SideReplies::move(bool words_missing, Time now) {
  bool ended = false;
  for (auto side = active_.begin(); side != active_.end();) {
    Reply& reply = side->reply;
    const bool waits = words_missing && !side->wish.overrides.input;
    if (!reply.writing() && !reply.over() && !waits) {
      reply.write(prompts_->reply(&side->wish, nullptr), settings_->reply_tokens_max(&side->wish),
                  side->wish.tools, now);
    }
    const bool spoken = reply.events().terms().modality == OutputModality::kAudio;
    spoke_ = spoke_ || (spoken && reply.first_sent());
    ended = ended || reply.over();
    side = reply.over() ? active_.erase(side) : std::next(side);
  }
  return ended;
}

void SideReplies::tick(Time now) {
  for (SideReply& side : active_) side.reply.tick(now);
}

bool SideReplies::cancel(const WireId& response_id, Time now) {
  for (SideReply& side : active_) {
    if (side.reply.events().response_id() != response_id || side.reply.over()) continue;
    side.reply.cancel("client_cancelled", Reply::Cut::kHeard, now);
    return true;
  }
  return false;
}

void SideReplies::drop_all() {
  for (const SideReply& side : active_) tasks_->cancel(side.reply.generation());
  active_.clear();
}

Reply* SideReplies::find(Generation generation) {
  for (SideReply& side : active_) {
    if (side.reply.generation() == generation) return &side.reply;
  }
  return nullptr;
}

}  // namespace antiphon::pipeline

#include "models/text/message_end_cue.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <string>

#include "models/text/characters.h"

namespace antiphon::models::text {

std::string_view MessageEndCue::open_text(std::string_view transcript) {
  const std::size_t end = transcript.find_last_not_of(" .,;:?!-\n");
  return transcript.substr(0, end == std::string_view::npos ? 0 : end + 1);
}

MessageEndCue::MessageEndCue(const Tokenizer& tokenizer, const ChatTemplate& chat)
    : chat_(chat), ends_{chat.message_end()} {
  for (const std::string_view mark : {".", "?", "!"}) {
    const std::vector<Token> tokens = tokenizer.encode(mark);
    if (tokens.size() == 1) ends_.push_back(tokens.front());
  }
}

void MessageEndCue::append_open_message(std::string_view transcript, std::vector<Token>* tokens) const {
  chat_.append_unfinished_user(open_text(transcript), tokens);
}

float MessageEndCue::log_probability(std::span<const float> logits) const {
  assert(!logits.empty());
  const float max = *std::ranges::max_element(logits);
  double all = 0;
  for (const float logit : logits) all += std::exp(double{logit} - max);
  double ends = 0;
  for (const Token token : ends_) ends += std::exp(double{logits[static_cast<std::size_t>(token)]} - max);
  // Never minus infinity, and never above 0 by rounding.
  return static_cast<float>(std::min(0.0, std::log(std::max(ends, 1e-12 * all) / all)));
}

}  // namespace antiphon::models::text

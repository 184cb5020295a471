#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "models/text/chat_template.h"
#include "models/text/tokenizer.h"

namespace antiphon::models::text {

// Asks a language model whether what a person has said so far is a whole message: the transcript is put into
// an open user message, and the probability that the message ends there is read from the next token's scores.
//
// Recognisers put a full stop after almost everything, so that the transcript's own final punctuation is
// taken off; then a full stop in the model's forecast means as much as its end mark. The rest stays as it is:
// it is the beginning of the prompt that a reply needs, and is read once for both.
//
// Owner: any thread; immutable after construction. Tokenizer and template must outlive it.
class MessageEndCue {
 public:
  MessageEndCue(const Tokenizer& tokenizer, const ChatTemplate& chat);

  // The transcript as it is put into the message, without its final punctuation.
  static std::string_view open_text(std::string_view transcript);

  // The tokens to score, after those of the conversation so far. Keep the last one's logits.
  void append_open_message(std::string_view transcript, std::vector<Token>* tokens) const;

  // ln P(the message ends here), <= 0.  `logits`: (vocabulary), as LanguageModel::logits() gives them.
  float log_probability(std::span<const float> logits) const;

 private:
  const ChatTemplate& chat_;
  std::vector<Token> ends_;
};

}  // namespace antiphon::models::text

#pragma once

#include <string>
#include <unordered_map>

#include "models/text/tokenizer.h"
#include "tests/support/fakes/spoken_code.h"

namespace antiphon::fakes {

// A token for each word of the spoken code, with a space before it or none, for the roles of a conversation,
// and for each byte; and the marks of ChatML.
class WordTokenizer final : public models::text::Tokenizer {
 public:
  WordTokenizer();

  using Tokenizer::encode;
  void encode(std::string_view text, std::vector<models::Token>* tokens) const override;

  models::Token message_start() const { return *special("<|im_start|>"); }
  models::Token message_end() const { return *special("<|im_end|>"); }

 private:
  std::unordered_map<std::string, models::Token> pieces_;  // longer than a byte
};

}  // namespace antiphon::fakes

#include "models/text/message_end_cue.h"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>

#include "models/text/byte_level_bpe.h"
#include "tests/support/byte_vocabulary.h"

namespace antiphon::models::text {
namespace {

class MessageEndCueTest : public ::testing::Test {
 protected:
  MessageEndCueTest() {
    for (const char* name : {"<|im_start|>", "<|im_end|>"})
      vocabulary_.add_special(name, TokenKind::kControl);
    const auto tokens = vocabulary_.tokens();
    tokenizer_ = std::make_unique<ByteLevelBpe>(ByteLevelBpe::File{tokens, vocabulary_.kinds(), {}, "qwen2"});
    chat_ = std::make_unique<ChatTemplate>(ChatFamily::kChatMl, *tokenizer_);
    cue_ = std::make_unique<MessageEndCue>(*tokenizer_, *chat_);
  }

  std::string said(std::string_view transcript) const {
    std::vector<Token> tokens;
    cue_->append_open_message(transcript, &tokens);
    tokens.erase(tokens.begin());  // <|im_start|>
    return tokenizer_->decode(tokens);
  }

  test::ByteVocabulary vocabulary_;
  std::unique_ptr<const Tokenizer> tokenizer_;
  std::unique_ptr<ChatTemplate> chat_;
  std::unique_ptr<MessageEndCue> cue_;
};

TEST_F(MessageEndCueTest, TakesOffFinalPunctuation) {
  EXPECT_EQ(said("What's the time, Anna?"), "user\nWhat's the time, Anna");
  EXPECT_EQ(said("So, I was... "), "user\nSo, I was");
  EXPECT_EQ(said("..."), "user\n");
  EXPECT_EQ(said(""), "user\n");
}

TEST_F(MessageEndCueTest, SumsTheEndMarkAndTheFinalPunctuation) {
  std::vector<float> logits(static_cast<std::size_t>(tokenizer_->size()), -100.0f);
  logits[static_cast<std::size_t>(*tokenizer_->special("<|im_end|>"))] = 2 + std::log(1.0f);
  for (const char mark : {'.', '?', '!'}) logits[static_cast<std::size_t>(mark)] = 2 + std::log(2.0f);
  logits['a'] = 2 + std::log(3.0f);
  EXPECT_NEAR(cue_->log_probability(logits), std::log(0.7f), 1e-5);
}

TEST_F(MessageEndCueTest, StaysFiniteAndAtMostZero) {
  std::vector<float> logits(static_cast<std::size_t>(tokenizer_->size()), -1e4f);
  logits['.'] = 1e4f;
  EXPECT_EQ(cue_->log_probability(logits), 0.0f);
  logits['a'] = 3e4f;
  EXPECT_LT(cue_->log_probability(logits), -20.0f);
  EXPECT_TRUE(std::isfinite(cue_->log_probability(logits)));
}

}  // namespace
}  // namespace antiphon::models::text

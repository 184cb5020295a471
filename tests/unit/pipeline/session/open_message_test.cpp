#include "pipeline/session/prompt_history.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "models/text/byte_level_bpe.h"
#include "tests/support/byte_vocabulary.h"

namespace antiphon::pipeline {
namespace {

using models::Token;
using models::text::ByteLevelBpe;
using models::text::ChatFamily;
using models::text::ChatTemplate;

class OpenMessageTest : public ::testing::Test {
 protected:
  OpenMessageTest() {
    for (const char* name : {"<|im_start|>", "<|im_end|>"})
      vocabulary_.add_special(name, models::text::TokenKind::kControl);
    tokenizer_ = std::make_unique<ByteLevelBpe>(
        ByteLevelBpe::File{vocabulary_.tokens(), vocabulary_.kinds(), {}, "qwen2"});
    chat_ = std::make_unique<ChatTemplate>(ChatFamily::kChatMl, *tokenizer_);
    history_ = std::make_unique<PromptHistory>(chat_.get());
    history_->set_opening({.system = "Be kind.", .examples = {}});
  }

  static ConversationItem spoken(const std::string& id, const std::string& words) {
    ContentPart part;
    part.kind = ContentPart::Kind::kInputAudio;
    part.transcript = words;
    return {WireId(id), ItemStatus::kCompleted, Message{Role::kUser, {part}}};
  }

  test::ByteVocabulary vocabulary_;
  std::unique_ptr<const models::text::Tokenizer> tokenizer_;
  std::unique_ptr<ChatTemplate> chat_;
  std::unique_ptr<PromptHistory> history_;
};

TEST_F(OpenMessageTest, AnOpenMessageBeginsThePromptOfEveryLongerOne) {
  const std::vector<Token> open = history_->open_tokens({}, spoken("", "What is"), 1000);
  EXPECT_TRUE(tokenizer_->decode(open).ends_with("user\nWhat is"));
  for (const char* words : {"What is", "What is this?", "What isn't?"}) {
    const ConversationItem item = spoken("", words);
    const std::vector<Token> whole = history_->tokens({}, &item, 1000);
    ASSERT_LT(open.size(), whole.size());
    EXPECT_TRUE(std::ranges::equal(open, std::span(whole).first(open.size()))) << words;
  }
}

TEST_F(OpenMessageTest, AnOpenMessageContinuesWordsWhoseReplyWasWithdrawn) {
  const std::vector<ConversationItem> items = {spoken("a", "I would like")};
  const std::vector<Token> open = history_->open_tokens(items, spoken("", "some tea"), 1000);
  EXPECT_TRUE(tokenizer_->decode(open).ends_with("user\nI would like some tea"));
}

}  // namespace
}  // namespace antiphon::pipeline

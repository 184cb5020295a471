#include "models/text/assistant_prompt.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/text/byte_level_bpe.h"
#include "tests/support/byte_vocabulary.h"

namespace antiphon::models::text {
namespace {

TEST(AssistantPrompt, SmallModelsGetExchangesToFollow) {
  const AssistantPrompt small = spoken_assistant_prompt(100'000'000);
  const AssistantPrompt large = spoken_assistant_prompt(1'100'000'000);
  EXPECT_EQ(small.system, large.system);
  EXPECT_TRUE(large.examples.empty());
  EXPECT_LT(small.history_tokens_max, large.history_tokens_max);
  EXPECT_GT(small.repetition_penalty, 1);
  ASSERT_GE(small.examples.size(), 4U);
  for (std::size_t i = 0; i < small.examples.size(); ++i) {
    EXPECT_EQ(small.examples[i].role, i % 2 == 0 ? ChatRole::kUser : ChatRole::kAssistant);
  }
}

TEST(AssistantPrompt, IsTheSystemMessageAndThenTheExchanges) {
  test::ByteVocabulary vocabulary;
  vocabulary.add_special("<|im_start|>", TokenKind::kControl);
  vocabulary.add_special("<|im_end|>", TokenKind::kControl);
  const auto names = vocabulary.tokens();
  const ByteLevelBpe tokenizer(ByteLevelBpe::File{names, vocabulary.kinds(), {}, "qwen2"});
  const ChatTemplate chat_template(ChatFamily::kChatMl, tokenizer);
  const AssistantPrompt prompt{.system = "Be brief.",
                               .examples = {{ChatRole::kUser, "Hi"}, {ChatRole::kAssistant, "Hello"}}};
  std::vector<Token> expected = chat_template.opening("Be brief.");
  chat_template.append({ChatRole::kUser, "Hi"}, &expected);
  chat_template.append({ChatRole::kAssistant, "Hello"}, &expected);
  EXPECT_EQ(prompt.tokens(chat_template), expected);
}

}  // namespace
}  // namespace antiphon::models::text

#include "server/commands/conversation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>

#include "models/text/byte_level_bpe.h"
#include "tests/support/byte_vocabulary.h"

namespace antiphon::server {
namespace {

using models::Slot;
using models::Token;
using End = Conversation::Reply::End;

constexpr Token kMessageStart = 256;
constexpr Token kMessageEnd = 257;

// Answers "yes" to everything, and remembers what its slots hold.
class YesModel final : public models::LanguageModel {
 public:
  explicit YesModel(int context_tokens) : context_tokens_(context_tokens) {}

  const Info& info() const override { return info_; }
  int slots() const override { return 2; }
  int context_tokens_max() const override { return context_tokens_; }
  int passes_max() const override { return 1; }
  models::Stepped<void> forward(std::vector<models::TokenRow> rows) override {
    co_await models::kNextStep;
    for (const models::TokenRow& row : rows) slot(row.slot).push_back(row.token);
    EXPECT_LE(length(rows.front().slot), context_tokens_);
    rows_read += rows.size();
    const Token last = rows.back().token;
    const Token next = last == 'y' ? 'e' : last == 'e' ? 's' : last == 's' ? kMessageEnd : 'y';
    logits_.assign(258, 0);
    logits_[static_cast<std::size_t>(next)] = 1;
  }
  std::span<const float> logits(Slot /*slot*/) const override { return logits_; }
  int length(Slot which) const override {
    return static_cast<int>(tokens[static_cast<std::size_t>(index(which))].size());
  }
  void truncate(Slot which, int length) override { slot(which).resize(static_cast<std::size_t>(length)); }
  models::Stepped<void> copy_prefix(Slot from, Slot to, int length) override {
    slot(to).assign(slot(from).begin(), slot(from).begin() + length);
    co_return;
  }
  void reset(Slot which) override { slot(which).clear(); }
  models::Stepped<void> warm_up() override { co_return; }

  std::array<std::vector<Token>, 2> tokens;
  std::size_t rows_read = 0;

 private:
  std::vector<Token>& slot(Slot which) { return tokens[static_cast<std::size_t>(index(which))]; }

  const int context_tokens_;
  const Info info_;
  std::vector<float> logits_;
};

class ConversationTest : public testing::Test {
 protected:
  ConversationTest() {
    vocabulary_.add_special("<|im_start|>", models::text::TokenKind::kControl);
    vocabulary_.add_special("<|im_end|>", models::text::TokenKind::kControl);
    const auto names = vocabulary_.tokens();
    tokenizer_ = std::make_unique<models::text::ByteLevelBpe>(
        models::text::ByteLevelBpe::File{names, vocabulary_.kinds(), {}, "qwen2"});
    template_ = std::make_unique<models::text::ChatTemplate>(models::text::ChatFamily::kChatMl, *tokenizer_);
  }

  Conversation start(models::LanguageModel& model, int reply_tokens_max = 10) {
    Conversation::Options options;
    options.reply_tokens_max = reply_tokens_max;
    return {model, *tokenizer_, *template_, {"Hm.", {}}, options};
  }

  // What the conversation's slot holds, as text.
  static std::string held(const YesModel& model) {
    std::string text;
    for (const Token token : model.tokens[1]) {
      text += token == kMessageStart ? "<"
              : token == kMessageEnd ? ">"
                                     : std::string(1, static_cast<char>(token));
    }
    return text;
  }

  std::string said_;
  const Conversation::Hooks hooks_{[this](std::string_view text) { said_ += text; }, [] { return false; }};
  test::ByteVocabulary vocabulary_;
  std::unique_ptr<const models::text::Tokenizer> tokenizer_;
  std::unique_ptr<const models::text::ChatTemplate> template_;
};

TEST_F(ConversationTest, ThePromptOnlyGrows) {
  YesModel model(1000);
  Conversation conversation = start(model);
  const std::string opening = "<system\nHm.>\n";
  EXPECT_EQ(held(model), opening);
  const auto first = conversation.reply("One?", hooks_);
  EXPECT_EQ(said_, "yes");
  EXPECT_EQ(first.end, End::kDone);
  EXPECT_EQ(first.reply_tokens, 3);
  EXPECT_EQ(held(model), opening + "<user\nOne?>\n<assistant\nyes");
  const std::size_t read_before = model.rows_read;
  const auto second = conversation.reply("Two?", hooks_);
  EXPECT_EQ(held(model), opening + "<user\nOne?>\n<assistant\nyes>\n<user\nTwo?>\n<assistant\nyes");
  EXPECT_EQ(second.turns_dropped, 0U);
  EXPECT_EQ(static_cast<std::size_t>(second.prompt_tokens) + 3, model.rows_read - read_before);
  EXPECT_EQ(static_cast<std::size_t>(second.prompt_tokens),
            std::string(">\n<user\nTwo?>\n<assistant\n").size());  // only what is new
  conversation.reset();
  EXPECT_EQ(held(model), opening);
}

TEST_F(ConversationTest, ALongReplyIsCut) {
  YesModel model(1000);
  Conversation conversation = start(model, 2);
  EXPECT_EQ(conversation.reply("One?", hooks_).end, End::kTokenLimit);
  EXPECT_EQ(said_, "ye");
  EXPECT_EQ(conversation.reply("Two?", hooks_).end, End::kTokenLimit);
  EXPECT_THAT(held(model), testing::HasSubstr("<assistant\nye>\n<user\nTwo?"));
}

TEST_F(ConversationTest, DropsTheOldestTurnsWhenTheContextIsFull) {
  YesModel model(160);
  Conversation conversation = start(model);
  std::size_t dropped = 0;
  for (int i = 0; i < 9; ++i) {
    said_.clear();
    dropped += conversation.reply("Question " + std::to_string(i), hooks_).turns_dropped;
    EXPECT_EQ(said_, "yes");
  }
  EXPECT_GT(dropped, 4U);
  EXPECT_TRUE(held(model).starts_with("<system\nHm.>\n<user\nQuestion ")) << held(model);
  EXPECT_TRUE(held(model).ends_with("<user\nQuestion 8>\n<assistant\nyes")) << held(model);
}

TEST_F(ConversationTest, AMessageThatDoesNotFitChangesNothing) {
  YesModel model(160);
  Conversation conversation = start(model);
  (void)conversation.reply("One?", hooks_);
  const std::string before = held(model);
  EXPECT_EQ(conversation.reply(std::string(200, 'x'), hooks_).end, End::kMessageTooLong);
  EXPECT_EQ(held(model), before);
  EXPECT_EQ(conversation.reply("Two?", hooks_).end, End::kDone);
  EXPECT_EQ(held(model), before + ">\n<user\nTwo?>\n<assistant\nyes");
}

TEST_F(ConversationTest, CanBeStopped) {
  YesModel model(1000);
  Conversation conversation = start(model);
  const std::string opening = held(model);
  const auto unheard = conversation.reply("One?", {hooks_.on_text, [] { return true; }});
  EXPECT_EQ(unheard.end, End::kStopped);
  EXPECT_EQ(held(model), opening);  // stopped before the first word: as if not asked
  const auto half = conversation.reply("Two?", {hooks_.on_text, [this] { return said_ == "ye"; }});
  EXPECT_EQ(half.end, End::kStopped);
  (void)conversation.reply("Three?", hooks_);
  EXPECT_EQ(held(model), opening + "<user\nTwo?>\n<assistant\nye>\n<user\nThree?>\n<assistant\nyes");
}

TEST_F(ConversationTest, RefusesAContextThatHasNoRoomForAReply) {
  YesModel model(20);
  EXPECT_THROW((void)start(model), std::runtime_error);
}

}  // namespace
}  // namespace antiphon::server

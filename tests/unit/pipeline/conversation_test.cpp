#include "pipeline/conversation.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace antiphon::pipeline {
namespace {

using namespace std::chrono_literals;
using Code = ItemError::Code;

Conversation::NewItemId counting_ids() {
  return [next = std::make_shared<int>(0)] { return WireId("item_" + std::to_string(++*next)); };
}

ConversationItem message(std::string_view id, Role role, ContentPart::Kind kind, std::string text = "text") {
  ContentPart part;
  part.kind = kind;
  (part.is_audio() ? part.transcript.emplace() : part.text) = std::move(text);
  ConversationItem item;
  item.id = WireId(id);
  item.body = Message{role, {std::move(part)}};
  return item;
}

ConversationItem user(std::string_view id = "") {
  return message(id, Role::kUser, ContentPart::Kind::kInputText);
}

// "One two." at half a second each.
ConversationItem spoken(std::string_view id) {
  ConversationItem item = message(id, Role::kAssistant, ContentPart::Kind::kOutputAudio, "One two.");
  ContentPart& part = std::get<Message>(item.body).content.front();
  part.audio_samples = 24000;
  part.words = {{0, 3, 0, 12000}, {4, 7, 12000, 23000}};
  return item;
}

const ContentPart& part_of(const Conversation& conversation, std::string_view id) {
  return std::get<Message>(conversation.find(id)->body).content.front();
}

std::vector<std::string> ids(const Conversation& conversation) {
  std::vector<std::string> all;
  for (const ConversationItem& item : conversation.items()) all.emplace_back(item.id.view());
  return all;
}

class ConversationTest : public testing::Test {
 protected:
  Conversation::Added added(ConversationItem item, std::optional<std::string_view> previous = {}) {
    auto result = conversation_.add(std::move(item), previous);
    if (const auto* error = std::get_if<ItemError>(&result)) {
      ADD_FAILURE() << error->message;
      return {};
    }
    return std::get<Conversation::Added>(result);
  }
  ItemError refused(ConversationItem item, std::optional<std::string_view> previous = {}) {
    const std::vector<std::string> before = ids(conversation_);
    auto result = conversation_.add(std::move(item), previous);
    EXPECT_EQ(ids(conversation_), before);
    const auto* error = std::get_if<ItemError>(&result);
    if (error == nullptr) ADD_FAILURE() << "was accepted";
    return error == nullptr ? ItemError{} : *error;
  }

  Conversation conversation_{counting_ids(), {.items_max = 5, .content_bytes_max = 4000}};
};

TEST_F(ConversationTest, KeepsTheClientsIdsAndMakesOthers) {
  EXPECT_EQ(added(user("mine")).item->id.view(), "mine");
  EXPECT_EQ(added(user()).item->id.view(), "item_1");
  EXPECT_EQ(added(user("item_2")).item->id.view(), "item_2");
  EXPECT_EQ(added(user()).item->id.view(), "item_3");
}

TEST_F(ConversationTest, PutsItemsWhereTheyAreWanted) {
  EXPECT_EQ(added(user("b")).previous_item_id.view(), "");
  EXPECT_EQ(added(user("d")).previous_item_id.view(), "b");
  EXPECT_EQ(added(user("a"), "root").previous_item_id.view(), "");
  EXPECT_EQ(added(user("c"), "b").previous_item_id.view(), "b");
  EXPECT_EQ(added(user("e"), "d").previous_item_id.view(), "d");
  EXPECT_EQ(ids(conversation_), (std::vector<std::string>{"a", "b", "c", "d", "e"}));
}

TEST_F(ConversationTest, RefusesWithTheFieldAtFault) {
  (void)added(user("a"));
  EXPECT_EQ(refused(user("a")).param, "item.id");
  EXPECT_EQ(refused(user("root")).param, "item.id");
  EXPECT_EQ(refused(user("b"), "nobody").param, "previous_item_id");
  EXPECT_EQ(refused(message("b", Role::kUser, ContentPart::Kind::kOutputText)).param, "item.content[0].type");
  EXPECT_EQ(refused(message("b", Role::kSystem, ContentPart::Kind::kInputAudio)).param,
            "item.content[0].type");
  EXPECT_EQ(refused(message("b", Role::kAssistant, ContentPart::Kind::kInputText)).param,
            "item.content[0].type");
  EXPECT_EQ(refused(message("b", Role::kUser, ContentPart::Kind::kInputText, std::string(4000, 'x'))).param,
            "item");
  EXPECT_EQ(protocol_code(refused(user("a")).code), "invalid_value");
}

TEST_F(ConversationTest, HoldsToolCalls) {
  ConversationItem call;
  call.body = FunctionCall{WireId("call_1"), "lamp", "{}"};
  ConversationItem output;
  output.body = FunctionCallOutput{WireId("call_1"), "on"};
  (void)added(std::move(call));
  (void)added(std::move(output));
  EXPECT_EQ(std::get<FunctionCall>(conversation_.items()[0].body).name, "lamp");
  EXPECT_EQ(std::get<FunctionCallOutput>(conversation_.items()[1].body).output, "on");
}

TEST_F(ConversationTest, RetrievesAndRemoves) {
  (void)added(user("a"));
  EXPECT_EQ(std::get<const ConversationItem*>(conversation_.retrieve("a"))->id.view(), "a");
  EXPECT_FALSE(conversation_.remove("a"));
  EXPECT_EQ(conversation_.find("a"), nullptr);
  EXPECT_EQ(protocol_code(std::get<ItemError>(conversation_.retrieve("a")).code),
            "item_retrieve_invalid_item_id");
  EXPECT_EQ(protocol_code(conversation_.remove("a")->code), "item_delete_invalid_item_id");
}

TEST_F(ConversationTest, ForgetsTheOldestWhenFull) {
  for (int i = 0; i < 8; ++i) (void)added(user());
  EXPECT_EQ(conversation_.items().size(), 5U);
  EXPECT_EQ(conversation_.items_forgotten(), 3);
  EXPECT_EQ(conversation_.items().front().id.view(), "item_4");
  (void)added(message("big", Role::kUser, ContentPart::Kind::kInputText, std::string(3500, 'x')));
  EXPECT_EQ(conversation_.items().back().id.view(), "big");
  std::size_t bytes = 0;
  for (const ConversationItem& item : conversation_.items()) bytes += content_bytes(item);
  EXPECT_LE(bytes, 4000U);
  (void)added(message("front", Role::kUser, ContentPart::Kind::kInputText, std::string(3500, 'x')), "root");
  EXPECT_EQ(ids(conversation_), (std::vector<std::string>{"front"}));
}

class TruncateTest : public ConversationTest {
 protected:
  std::chrono::milliseconds truncated(std::string_view id, std::size_t index, std::chrono::milliseconds end) {
    auto result = conversation_.truncate(id, index, end);
    if (const auto* error = std::get_if<ItemError>(&result)) ADD_FAILURE() << error->message;
    return std::get<Conversation::Truncated>(result).audio_end;
  }
  ItemError not_truncated(std::string_view id, std::size_t index) {
    auto result = conversation_.truncate(id, index, 100ms);
    return std::get<ItemError>(result);
  }
};

TEST_F(TruncateTest, KeepsWhatWasHeard) {
  (void)added(spoken("a"));
  EXPECT_EQ(truncated("a", 0, 9100ms), 1000ms);  // more than there is
  EXPECT_EQ(part_of(conversation_, "a").transcript, "One two.");
  EXPECT_EQ(truncated("a", 0, 700ms), 700ms);
  EXPECT_EQ(part_of(conversation_, "a").transcript, "One");
  EXPECT_EQ(part_of(conversation_, "a").words.size(), 1U);
  EXPECT_EQ(truncated("a", 0, 900ms), 700ms);  // cut audio does not come back
  EXPECT_EQ(truncated("a", 0, -5ms), 0ms);
  EXPECT_EQ(part_of(conversation_, "a").transcript, "");
}

TEST_F(TruncateTest, DropsATranscriptOfUnknownTimes) {
  ConversationItem item = spoken("a");
  std::get<Message>(item.body).content.front().words.clear();
  (void)added(std::move(item));
  EXPECT_EQ(truncated("a", 0, 1000ms), 1000ms);
  EXPECT_EQ(part_of(conversation_, "a").transcript, "One two.");
  EXPECT_EQ(truncated("a", 0, 999ms), 999ms);
  EXPECT_EQ(part_of(conversation_, "a").transcript, "");
}

TEST_F(TruncateTest, AcknowledgesWhereNoAudioIs) {
  (void)added(message("text", Role::kAssistant, ContentPart::Kind::kOutputText));
  (void)added(message("told", Role::kAssistant, ContentPart::Kind::kOutputAudio, "Told by the client."));
  ConversationItem empty;
  empty.id = WireId("empty");
  empty.status = ItemStatus::kInProgress;
  empty.body = Message{Role::kAssistant, {}};
  (void)added(std::move(empty));
  for (const std::string_view id : {"text", "told", "empty"}) EXPECT_EQ(truncated(id, 0, 500ms), 0ms);
  EXPECT_EQ(part_of(conversation_, "text").text, "text");
  EXPECT_EQ(part_of(conversation_, "told").transcript, "Told by the client.");
}

TEST_F(TruncateTest, RefusesWithTheProtocolsCodes) {
  (void)added(user("user"));
  (void)added(spoken("a"));
  EXPECT_EQ(protocol_code(not_truncated("nobody", 0).code), "item_truncate_invalid_item_id");
  EXPECT_EQ(protocol_code(not_truncated("user", 0).code), "item_truncate_invalid_item_id");
  EXPECT_EQ(not_truncated("a", 1).param, "content_index");
  EXPECT_EQ(part_of(conversation_, "a").transcript, "One two.");
}

// Against a plain list of ids.
TEST(Conversation, OrderIsThatOfAListUnderRandomEdits) {
  for (std::uint32_t seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    Conversation conversation(counting_ids(), Conversation::Limits{});
    std::vector<std::string> expected;
    for (int step = 0; step < 60; ++step) {
      const std::size_t at = random() % (expected.size() + 1);
      if (at < expected.size() && random() % 3 == 0) {
        EXPECT_FALSE(conversation.remove(expected[at]));
        expected.erase(expected.begin() + static_cast<std::ptrdiff_t>(at));
        continue;
      }
      const std::string previous = at == 0 ? "root" : expected[at - 1];
      const auto result = conversation.add(user(), previous);
      const auto& added = std::get<Conversation::Added>(result);
      EXPECT_EQ(added.previous_item_id.view(), at == 0 ? "" : previous);
      expected.insert(expected.begin() + static_cast<std::ptrdiff_t>(at), std::string(added.item->id.view()));
    }
    ASSERT_EQ(ids(conversation), expected);
  }
}

}  // namespace
}  // namespace antiphon::pipeline

#include "models/text/json_tokenizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

#include "tests/support/temporary_folder.h"

namespace antiphon::models::text {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class JsonTokenizerTest : public ::testing::Test {
 protected:
  static json made_up() {
    return json::parse(R"({
      "normalizer": {"type": "NFC"},
      "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
        {"type": "Digits", "individual_digits": true}, {"type": "ByteLevel", "add_prefix_space": false}]},
      "model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "ab": 2}, "merges": [["a", "b"]]},
      "added_tokens": [{"id": 3, "content": "<|im_start|>", "special": true},
                       {"id": 4, "content": "<tool_call>", "special": false}]})");
  }
  std::unique_ptr<const Tokenizer> read(const json& tokenizer) {
    std::ofstream(folder_.file("tokenizer.json")) << tokenizer;
    return tokenizer_from_json(folder_.path(), 6);
  }
  std::string refusal(const json& tokenizer) {
    try {
      read(tokenizer);
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "";
  }

  const test::TemporaryFolder folder_;
};

TEST_F(JsonTokenizerTest, ReadsAVocabularyAndItsMarks) {
  const auto tokenizer = read(made_up());
  EXPECT_THAT(tokenizer->encode("aab"), ElementsAre(0, 2));
  EXPECT_EQ(tokenizer->special("<|im_start|>"), 3);
  EXPECT_EQ(tokenizer->kind(4), TokenKind::kUserDefined);
  EXPECT_EQ(tokenizer->size(), 6) << "as many as the network has";
  EXPECT_EQ(tokenizer->kind(5), TokenKind::kUnused);
}

TEST_F(JsonTokenizerTest, ReadsMergesOfOlderFiles) {
  json tokenizer = made_up();
  tokenizer["model"]["merges"] = {"a b"};
  EXPECT_THAT(read(tokenizer)->encode("ab"), ElementsAre(2));
}

TEST_F(JsonTokenizerTest, TellsTheFamilyByTemplateOrMarks) {
  const auto tokenizer = read(made_up());
  EXPECT_EQ(chat_family_in(folder_.path(), *tokenizer), ChatFamily::kChatMl);
  const auto path = folder_.file("tokenizer_config.json");
  std::ofstream(path) << R"({"chat_template": "{{ '<|start_header_id|>' }}"})";
  EXPECT_EQ(chat_family_in(folder_.path(), *tokenizer), ChatFamily::kLlama3);
  std::ofstream(path) << R"({"chat_template": "[INST]"})";
  EXPECT_THROW(chat_family_in(folder_.path(), *tokenizer), std::runtime_error);
}

TEST_F(JsonTokenizerTest, NamesTheFileAndTheFieldThatItRefuses) {
  const auto expect_refused = [&](const json::json_pointer& place, const json& value, const char* field) {
    json tokenizer = made_up();
    tokenizer[place] = value;
    EXPECT_THAT(refusal(tokenizer), AllOf(HasSubstr("tokenizer.json"), HasSubstr(field)));
  };
  expect_refused(json::json_pointer("/model/type"), "Unigram", "'model.type'");
  expect_refused(json::json_pointer("/model/byte_fallback"), true, "'model.byte_fallback'");
  expect_refused(json::json_pointer("/model/vocab"), 5, "'model.vocab'");
  expect_refused(json::json_pointer("/model/vocab/ab"), 6, "'model.vocab'");
  expect_refused(json::json_pointer("/model/vocab/ab"), -1, "'model.vocab'");
  expect_refused(json::json_pointer("/model/merges"), json::array({json::array({"a", "b", "c"})}),
                 "'model.merges'");
  expect_refused(json::json_pointer("/model/merges"), json::array({"a c"}), "merge 0");
  expect_refused(json::json_pointer("/added_tokens"), json::array({json{{"id", 3}}}), "'added_tokens'");
  expect_refused(json::json_pointer("/pre_tokenizer/pretokenizers"), json::array(), "'pre_tokenizer'");
  expect_refused(json::json_pointer("/normalizer/type"), "Lowercase", "'normalizer'");
  std::ofstream(folder_.file("tokenizer.json")) << "{\"model\": ";
  EXPECT_THROW(tokenizer_from_json(folder_.path(), 6), std::runtime_error);
}

}  // namespace
}  // namespace antiphon::models::text

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>

#include "models/text/byte_level_bpe.h"
#include "models/text/chat_template.h"
#include "models/text/gguf_tokenizer.h"
#include "models/text/json_tokenizer.h"
#include "models/text/sentencepiece_bpe.h"
#include "tests/support/model_files.h"
#include "tests/support/temporary_folder.h"

namespace antiphon::models::text {
namespace {

using nlohmann::json;

json golden(const std::string& name) {
  return json::parse(std::ifstream("tests/data/" + name + ".json"));
}

std::unique_ptr<GgufFile> model_file(const std::string& model) {
  return std::make_unique<GgufFile>(test::models_folder() / model / "model.gguf");
}

void expect_equal_tokens(const Tokenizer& tokenizer, const std::string& golden_name, bool keeps_all_bytes) {
  const json cases = golden(golden_name)["cases"];
  ASSERT_GE(cases.size(), 100u);
  for (const json& one : cases) {
    const auto text = one["text"].get<std::string>();
    const std::vector<Token> tokens = tokenizer.encode(text);
    EXPECT_EQ(tokens, one["ids"].get<std::vector<Token>>()) << one["text"];
    if (keeps_all_bytes) {
      EXPECT_EQ(tokenizer.decode(tokens), text);
    }
  }
}

TEST(TokenizerGolden, SmolLM2) {
  const auto file = model_file("smollm2-135m-instruct");
  expect_equal_tokens(*tokenizer_from_gguf(*file), "tokenizer_golden_smollm2", false);
}

// The same vocabulary, written as Hugging Face's folders have it.
TEST(TokenizerGolden, SmolLM2FromJson) {
  const auto file = model_file("smollm2-135m-instruct");
  const auto names = file->texts("tokenizer.ggml.tokens");
  const auto kinds = file->integers("tokenizer.ggml.token_type");
  json tokenizer;
  tokenizer["pre_tokenizer"] = {{"type", "Sequence"},
                                {"pretokenizers",
                                 {{{"type", "Digits"}, {"individual_digits", true}},
                                  {{"type", "ByteLevel"}, {"add_prefix_space", false}}}}};
  tokenizer["model"] = {{"type", "BPE"}, {"merges", file->texts("tokenizer.ggml.merges")}};
  for (std::size_t i = 0; i < names.size(); ++i) {
    tokenizer["model"]["vocab"][std::string(names[i])] = i;
    if (kinds[i] == 1) continue;
    tokenizer["added_tokens"].push_back({{"id", i}, {"content", names[i]}, {"special", kinds[i] == 3}});
  }
  const test::TemporaryFolder folder;
  std::ofstream(folder.file("tokenizer.json")) << tokenizer;
  const auto read = tokenizer_from_json(folder.path(), static_cast<int>(names.size()));
  expect_equal_tokens(*read, "tokenizer_golden_smollm2", false);
  EXPECT_EQ(read->special("<|im_end|>"), tokenizer_from_gguf(*file)->special("<|im_end|>"));
  EXPECT_EQ(chat_family_in(folder.path(), *read), ChatFamily::kChatMl);
}

TEST(TokenizerGolden, Qwen2) {
  const auto file = model_file("qwen2.5-coder-1.5b-instruct");
  expect_equal_tokens(*tokenizer_from_gguf(*file), "tokenizer_golden_qwen2", true);
}

// Llama 3's way to cut and merge, with the tokens and merges of Qwen.
TEST(TokenizerGolden, Llama3OnQwensVocabulary) {
  const auto file = model_file("qwen2.5-coder-1.5b-instruct");
  std::vector<TokenKind> kinds;
  for (const auto kind : file->integers("tokenizer.ggml.token_type"))
    kinds.push_back(static_cast<TokenKind>(kind));
  const ByteLevelBpe bpe(
      {file->texts("tokenizer.ggml.tokens"), kinds, file->texts("tokenizer.ggml.merges"), "llama-bpe"});
  expect_equal_tokens(bpe, "tokenizer_golden_llama_bpe", true);
}

// No SentencePiece language model is among the files; the recogniser's vocabulary is Llama 2's, extended.
TEST(TokenizerGolden, SentencePieceOnTheRecognisersVocabulary) {
  const auto path = test::models_folder() / "moonshine-tiny-en" / "tokenizer.json";
  std::vector<std::string> names;
  for (const json& piece : json::parse(std::ifstream(path))) {
    std::string bytes;  // each code point, at most U+00FF, stands for a byte
    const auto text = piece.get<std::string>();
    for (std::size_t i = 0; i < text.size(); ++i) {
      const auto lead = static_cast<unsigned char>(text[i]);
      bytes += lead < 0x80 ? text[i] : static_cast<char>((lead & 3) << 6 | (text[++i] & 0x3F));
    }
    names.push_back(bytes);
  }
  std::vector<TokenKind> kinds(names.size(), TokenKind::kNormal);
  std::vector<double> scores(names.size(), 0);
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i < 3 || names[i].empty() || names[i].starts_with("<<")) {
      kinds[i] = i == 0 ? TokenKind::kUnknown : TokenKind::kControl;
    } else if (i < 259) {
      char name[7];
      std::snprintf(name, sizeof name, "<0x%02X>", static_cast<unsigned>(i - 3));
      names[i] = name;
      kinds[i] = TokenKind::kByte;
    } else {
      scores[i] = 259.0 - static_cast<double>(i);
    }
  }
  const std::vector<std::string_view> views(names.begin(), names.end());
  const SentencePieceBpe bpe({views, kinds, scores});
  expect_equal_tokens(bpe, "tokenizer_golden_sentencepiece", false);
}

ChatMessage message_of(const json& one) {
  const auto role = one["role"].get<std::string>();
  ChatMessage message;
  message.role = role == "system"      ? ChatRole::kSystem
                 : role == "assistant" ? ChatRole::kAssistant
                 : role == "tool"      ? ChatRole::kTool
                                       : ChatRole::kUser;
  message.text = one["text"].get<std::string>();
  if (one.contains("calls")) {
    for (const json& call : one["calls"]) message.calls.push_back({call["name"], call["arguments"]});
  }
  return message;
}

void expect_equal_conversations(const std::string& model, const std::string& golden_name) {
  const auto file = model_file(model);
  const auto tokenizer = tokenizer_from_gguf(*file);
  const ChatTemplate chat(chat_family_of(*file, *tokenizer), *tokenizer);
  const json conversations = golden(golden_name)["conversations"];
  ASSERT_GE(conversations.size(), 12u);
  for (const json& one : conversations) {
    std::vector<ChatMessage> messages;
    for (const json& message : one["messages"]) messages.push_back(message_of(message));
    const auto tools = one["tools"].get<std::vector<std::string>>();
    std::vector<Token> tokens = chat.opening(messages[0].text, tools);
    chat.append(std::span(messages).subspan(1), &tokens);
    if (one["reply_start"]) chat.append_reply_start(&tokens);
    EXPECT_EQ(tokens, one["ids"].get<std::vector<Token>>()) << one["messages"];
  }
}

TEST(ChatGolden, SmolLM2) {
  expect_equal_conversations("smollm2-135m-instruct", "chat_golden_smollm2");
}

TEST(ChatGolden, Qwen2) {
  expect_equal_conversations("qwen2.5-coder-1.5b-instruct", "chat_golden_qwen2");
}

}  // namespace
}  // namespace antiphon::models::text

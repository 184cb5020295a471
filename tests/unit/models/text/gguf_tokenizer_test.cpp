#include "models/text/gguf_tokenizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "models/text/chat_template.h"
#include "tests/support/gguf_bytes.h"
#include "tests/support/temporary_folder.h"

namespace antiphon::models::text {
namespace {

using test::GgufBytes;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class GgufTokenizerTest : public ::testing::Test {
 protected:
  GgufFile file(const GgufBytes& bytes) {
    std::ofstream(path_, std::ios::binary) << bytes.bytes();
    return GgufFile(path_);
  }
  std::string refusal(const GgufBytes& bytes) {
    try {
      tokenizer_from_gguf(file(bytes));
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "";
  }
  static GgufBytes byte_level() {
    GgufBytes bytes;
    bytes.text("tokenizer.ggml.model", "gpt2").text("tokenizer.ggml.pre", "qwen2");
    bytes.texts("tokenizer.ggml.tokens", {"a", "b", "ab", "<|im_start|>", "<|im_end|>"});
    return bytes;
  }

  const test::TemporaryFolder folder_;
  const std::filesystem::path path_ = folder_.file("model.gguf");
};

TEST_F(GgufTokenizerTest, ReadsAByteLevelVocabulary) {
  GgufBytes bytes = byte_level();
  bytes.texts("tokenizer.ggml.merges", {"a b"}).wholes("tokenizer.ggml.token_type", {1, 1, 1, 3, 3});
  const GgufFile read = file(bytes);
  const auto tokenizer = tokenizer_from_gguf(read);
  EXPECT_THAT(tokenizer->encode("aab"), ElementsAre(0, 2));
  EXPECT_EQ(tokenizer->special("<|im_end|>"), 4);
  EXPECT_EQ(chat_family_of(read, *tokenizer), ChatFamily::kChatMl) << "by its tokens";
}

TEST_F(GgufTokenizerTest, ReadsASentencePieceVocabulary) {
  GgufBytes bytes;
  std::string scores = GgufBytes::of<std::uint32_t>(6) + GgufBytes::of<std::uint64_t>(3);
  for (const float score : {-3.0f, -2.0f, -1.0f}) scores += GgufBytes::of(score);
  bytes.text("tokenizer.ggml.model", "llama").texts("tokenizer.ggml.tokens", {"a", "b", "ab"});
  bytes.raw("tokenizer.ggml.scores", 9, scores).boolean("tokenizer.ggml.add_space_prefix", false);
  bytes.text("tokenizer.chat_template", "{{ '<|start_header_id|>' }}");
  const GgufFile read = file(bytes);
  const auto tokenizer = tokenizer_from_gguf(read);
  EXPECT_THAT(tokenizer->encode("aab"), ElementsAre(0, 2));
  EXPECT_EQ(chat_family_of(read, *tokenizer), ChatFamily::kLlama3) << "by its template";
}

TEST_F(GgufTokenizerTest, NamesTheFileAndTheFieldThatItRefuses) {
  EXPECT_THAT(refusal(GgufBytes().text("tokenizer.ggml.model", "bert").texts("tokenizer.ggml.tokens", {"a"})),
              AllOf(HasSubstr(".gguf"), HasSubstr("'bert'")));
  EXPECT_THAT(refusal(byte_level()), AllOf(HasSubstr(".gguf"), HasSubstr("merges")));
  EXPECT_THAT(refusal(byte_level().texts("tokenizer.ggml.merges", {"a c"})),
              AllOf(HasSubstr(".gguf"), HasSubstr("merge 0")));
  EXPECT_THAT(
      refusal(byte_level().texts("tokenizer.ggml.merges", {}).wholes("tokenizer.ggml.token_type", {1})),
      HasSubstr("token_type"));
  EXPECT_THAT(refusal(byte_level()
                          .texts("tokenizer.ggml.merges", {})
                          .wholes("tokenizer.ggml.token_type", {1, 1, 1, 1, 77})),
              HasSubstr("token_type[4]"));
}

TEST_F(GgufTokenizerTest, RefusesATemplateOfNoKnownFamily) {
  GgufBytes bytes = byte_level();
  bytes.texts("tokenizer.ggml.merges", {}).text("tokenizer.chat_template", "[INST] {{ x }} [/INST]");
  const GgufFile read = file(bytes);
  const auto tokenizer = tokenizer_from_gguf(read);
  EXPECT_THROW(chat_family_of(read, *tokenizer), std::runtime_error);
}

}  // namespace
}  // namespace antiphon::models::text

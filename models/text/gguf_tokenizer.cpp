#include "models/text/gguf_tokenizer.h"

#include <stdexcept>
#include <string>
#include <variant>

#include "models/text/byte_level_bpe.h"
#include "models/text/sentencepiece_bpe.h"

namespace antiphon::models::text {
namespace {

[[noreturn]] void refuse(const GgufFile& file, const std::string& what) {
  throw std::runtime_error(file.path().string() + ": tokenizer.ggml: " + what);
}

std::vector<TokenKind> kinds_of(const GgufFile& file, std::size_t tokens) {
  std::vector<TokenKind> kinds(tokens, TokenKind::kNormal);
  if (!file.has("tokenizer.ggml.token_type")) return kinds;
  const auto numbers = file.integers("tokenizer.ggml.token_type");
  if (numbers.size() != tokens) refuse(file, "token_type and tokens differ in number");
  for (std::size_t i = 0; i < tokens; ++i) {
    if (numbers[i] < 0 || numbers[i] > 6) {
      refuse(file, "token_type[" + std::to_string(i) + "] is not a known type");
    }
    // Files write 0 ("undefined") for tokens that nobody classified.
    if (numbers[i] != 0) kinds[i] = static_cast<TokenKind>(numbers[i]);
  }
  return kinds;
}

std::span<const double> scores_of(const GgufFile& file) {
  const auto found = file.index().fields.find("tokenizer.ggml.scores");
  if (found == file.index().fields.end()) refuse(file, "no scores");
  const auto* array = std::get_if<GgufArray>(&found->second);
  const auto* scores = array == nullptr ? nullptr : std::get_if<std::vector<double>>(&array->items);
  if (scores == nullptr) refuse(file, "scores is not an array of numbers");
  return *scores;
}

// Puts the file's name before what a tokenizer says about its fields.
template <class Kind>
std::unique_ptr<const Tokenizer> make(const GgufFile& file, const typename Kind::File& fields) {
  try {
    return std::make_unique<Kind>(fields);
  } catch (const std::runtime_error& error) {
    refuse(file, error.what());
  }
}

}  // namespace

std::unique_ptr<const Tokenizer> tokenizer_from_gguf(const GgufFile& file) {
  const std::string_view model = file.text("tokenizer.ggml.model");
  const auto tokens = file.texts("tokenizer.ggml.tokens");
  const std::vector<TokenKind> kinds = kinds_of(file, tokens.size());
  if (model == "gpt2") {
    return make<ByteLevelBpe>(file, {.tokens = tokens,
                                     .kinds = kinds,
                                     .merges = file.texts("tokenizer.ggml.merges"),
                                     .pre_tokenizer = file.text("tokenizer.ggml.pre")});
  }
  if (model == "llama") {
    return make<SentencePieceBpe>(
        file, {.tokens = tokens,
               .kinds = kinds,
               .scores = scores_of(file),
               .space_in_front = file.boolean_or("tokenizer.ggml.add_space_prefix", true)});
  }
  refuse(file, "model '" + std::string(model) + "' is not supported (gpt2 and llama are)");
}

}  // namespace antiphon::models::text

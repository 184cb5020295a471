#include "models/language_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "models/native/decoder_language_model.h"
#include "models/native/gguf_decoder_source.h"
#include "tests/support/model_files.h"

namespace antiphon::models {
namespace {

using nlohmann::json;

std::unique_ptr<DecoderLanguageModel> load(const std::string& name,
                                           const DecoderLanguageModel::Options& options) {
  const auto path = test::models_folder() / name / "model.gguf";
  if (!std::filesystem::exists(path)) return nullptr;
  return std::make_unique<DecoderLanguageModel>(
      std::make_unique<GgufDecoderSource>(std::make_unique<GgufFile>(path)), options);
}

Token likeliest(std::span<const float> logits) {
  return static_cast<Token>(std::ranges::max_element(logits) - logits.begin());
}

std::vector<Token> greedy(LanguageModel& model, Slot slot, std::span<const Token> prompt, std::size_t count) {
  std::vector<Token> tokens;
  model.forward(rows_of(slot, prompt)).run_to_end();
  while (tokens.size() < count) {
    tokens.push_back(likeliest(model.logits(slot)));
    model.forward(rows_of(slot, std::span(tokens).last(1))).run_to_end();
  }
  return tokens;
}

TEST(X, Golden) {
  const json goldens = json::parse(std::ifstream("/work/shared/models/golden_llm.json"));
  for (auto& [k, v] : goldens["models"].items()) std::printf("%s\n", k.c_str());
  auto model = load("smollm2-135m-instruct", {.arithmetic = Arithmetic::kF32});
  for (auto& one : goldens["models"]["SmolLM2-135M-Instruct Q4_1"]) {
    const auto ids = one["ids"].get<std::vector<Token>>();
    model->forward(rows_of(Slot{0}, ids)).run_to_end();
    for (int i = 0; i < 5; ++i)
      std::printf("%d %f %f\n", one["top5_ids"][i].get<int>(), one["top5_logits"][i].get<float>(),
                  model->logits(Slot{0})[one["top5_ids"][i].get<std::size_t>()]);
    model->reset(Slot{0});
    auto g = greedy(*model, Slot{0}, ids, 32);
    EXPECT_EQ(g, one["greedy"].get<std::vector<Token>>());
    model->reset(Slot{0});
  }
}

}  // namespace
}  // namespace antiphon::models

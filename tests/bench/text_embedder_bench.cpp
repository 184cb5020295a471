// How long an embedding takes, for texts of 12 and 60 words and for 32 short ones together.
#include <benchmark/benchmark.h>

#include "models/torch/mini_lm.h"
#include "models/torch/threads.h"
#include "tests/support/model_files.h"

namespace antiphon::models {
namespace {

constexpr const char* kTwelveWords = "I went to a support group yesterday and it was so powerful.";

void embed(benchmark::State& state, const std::vector<std::string>& texts) {
  const MiniLm embedder(test::models_folder() / "minilm");
  embedder.warm_up();
  for (auto _ : state) benchmark::DoNotOptimize(embedder.embed(texts).run_to_end());
}

}  // namespace
}  // namespace antiphon::models

int main(int argc, char** argv) {
  using namespace antiphon::models;
  antiphon::models::torch::use_one_thread();
  std::string sixty_words;
  for (int i = 0; i < 5; ++i) sixty_words += std::string(kTwelveWords) + " ";
  const auto add = [](const char* name, std::vector<std::string> texts) {
    benchmark::RegisterBenchmark(name, embed, std::move(texts))->Unit(benchmark::kMillisecond);
  };
  add("12_words", {kTwelveWords});
  add("60_words", {sixty_words});
  add("32_texts_of_12_words", std::vector<std::string>(32, kTwelveWords));
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}

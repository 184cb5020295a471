// The cost of hearing audio, of asking for the features, and of a whole answer of the end-of-turn network.
#include <benchmark/benchmark.h>

#include <random>
#include <vector>

#include "models/torch/smart_turn.h"
#include "models/torch/threads.h"
#include "tests/support/model_files.h"

namespace antiphon::models {
namespace {

std::vector<float> noise(std::size_t samples) {
  std::mt19937 random(3);
  std::normal_distribution<float> normal(0, 0.1f);
  std::vector<float> result(samples);
  for (float& sample : result) sample = normal(random);
  return result;
}

void append_20_ms(benchmark::State& state) {
  TurnFeatures features(200);
  const auto audio = noise(320);
  for (auto _ : state) features.append(audio);
}
BENCHMARK(append_20_ms)->Unit(benchmark::kMicrosecond);

void write_features(benchmark::State& state) {
  TurnFeatures features(static_cast<int>(state.range(0)));
  features.append(noise(160000));
  std::vector<float> values(static_cast<std::size_t>(TurnFeatures::kBands) *
                            static_cast<std::size_t>(features.columns()));
  for (auto _ : state) {
    features.write(values);
    benchmark::DoNotOptimize(values.data());
  }
}
BENCHMARK(write_features)->Arg(200)->Unit(benchmark::kMicrosecond);

void answer(benchmark::State& state) {
  SmartTurn detector({.weights = test::models_folder() / "smart-turn" / "smart_turn_v3.2.safetensors",
                      .slots = 1,
                      .window_columns = static_cast<int>(state.range(0))});
  detector.append(Slot{0}, noise(160000));
  detector.warm_up();
  for (auto _ : state) benchmark::DoNotOptimize(detector.probability(Slot{0}).run_to_end());
}
BENCHMARK(answer)->Arg(200)->Arg(400)->Arg(798)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace antiphon::models

int main(int argc, char** argv) {
  antiphon::models::torch::use_one_thread();
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}

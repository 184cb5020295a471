// How long one batched step takes for 1 to 256 sessions.
#include <benchmark/benchmark.h>

#include <cmath>
#include <random>
#include <vector>

#include "models/kernels/f32_kernels.h"
#include "models/native/silero_vad.h"
#include "tests/support/model_files.h"

namespace antiphon::models {
namespace {

void step(benchmark::State& state, const kernels::F32Kernels& kernels) {
  const auto sessions = static_cast<std::size_t>(state.range(0));
  SileroVad vad(test::models_folder() / "silero-vad" / "silero_vad_16k.safetensors", 256, kernels);
  vad.warm_up();
  std::mt19937 random(3);
  std::normal_distribution<float> normal(0, 0.1f);
  std::vector<float> noise(sessions * VoiceActivityDetector::kWindowSamples);
  for (float& sample : noise) sample = normal(random);
  std::vector<VoiceActivityDetector::Window> batch;
  for (std::size_t i = 0; i < sessions; ++i) {
    batch.push_back({Slot{static_cast<int>(i)}, std::span<const float, VoiceActivityDetector::kWindowSamples>(
                                                    &noise[i * VoiceActivityDetector::kWindowSamples],
                                                    VoiceActivityDetector::kWindowSamples)});
  }
  std::vector<float> probabilities(sessions);
  for (auto _ : state) {
    vad.step(batch, probabilities);
    benchmark::DoNotOptimize(probabilities.data());
  }
  state.counters["sessions_per_s"] =
      benchmark::Counter(static_cast<double>(sessions), benchmark::Counter::kIsIterationInvariantRate);
}

}  // namespace
}  // namespace antiphon::models

int main(int argc, char** argv) {
  using namespace antiphon::models;
  for (const kernels::Variant variant : kernels::supported_variants()) {
    benchmark::RegisterBenchmark(std::string(kernels::name_of(variant)).c_str(), step,
                                 kernels::f32_kernels(variant))
        ->Arg(1)
        ->Arg(8)
        ->Arg(64)
        ->Arg(256)
        ->Unit(benchmark::kMicrosecond);
  }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}

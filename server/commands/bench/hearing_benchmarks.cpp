#include <algorithm>
#include <string>

#include "server/commands/bench/network_benchmarks.h"

namespace antiphon::server::bench {
namespace {

using models::Job;
using models::Slot;
using models::VoiceActivityDetector;

// Median time of a step with `batch` windows, over `steps` windows of the speech.
double voice_activity_step_ms(VoiceActivityDetector& detector, std::span<const float> speech, int batch,
                              BenchReport& report) {
  constexpr std::size_t kWindow = VoiceActivityDetector::kWindowSamples;
  std::vector<VoiceActivityDetector::Window> windows;
  std::vector<float> probabilities(static_cast<std::size_t>(batch));
  std::vector<double> step_ms;
  for (std::size_t at = 0; at + kWindow <= speech.size(); at += kWindow) {
    windows.clear();
    for (int i = 0; i < batch; ++i) {
      windows.push_back({Slot{i}, speech.subspan(at).first<kWindow>()});
    }
    const Clock::time_point begin = Clock::now();
    detector.step(windows, probabilities);
    step_ms.push_back(ms_since(begin));
    report.add_step(Job::kVoiceActivity, step_ms.back());
  }
  for (int i = 0; i < batch; ++i) detector.reset(Slot{i});
  return quantile(step_ms, 0.5);
}

}  // namespace

void measure_voice_activity(LoadedModels& models, std::span<const float> speech, int rounds,
                            BenchReport& report) {
  for (const int batch : {1, 64}) {
    std::vector<double> ms;
    for (int i = 0; i < rounds; ++i) {
      ms.push_back(voice_activity_step_ms(*models.voice_activity, speech, batch, report));
    }
    report.add(Job::kVoiceActivity, "step, batch " + std::to_string(batch), ms, "ms");
  }
}

void measure_end_of_turn(LoadedModels& models, int seconds, std::span<const float> speech, int rounds,
                         BenchReport& report) {
  const auto window_samples = static_cast<std::size_t>(seconds) * models::kSpeechSampleRate;
  std::vector<double> features_ms, network_ms;
  for (int i = 0; i < rounds; ++i) {
    models.turn->reset(Slot{0});
    Clock::time_point begin = Clock::now();
    models.turn->append(Slot{0}, speech.first(window_samples));
    features_ms.push_back(ms_since(begin));
    begin = Clock::now();
    report.run(Job::kEndOfTurn, models.turn->probability(Slot{0}));
    network_ms.push_back(ms_since(begin));
  }
  const std::string window = std::to_string(seconds) + " s";
  report.add(Job::kEndOfTurn, "features of " + window + ", as they arrive", features_ms, "ms");
  report.add(Job::kEndOfTurn, "network, " + window, network_ms, "ms");
}

void measure_recognition(LoadedModels& models, std::span<const float> speech, int rounds,
                         BenchReport& report) {
  for (const int seconds : {2, 5, 10}) {
    const auto part = speech.first(static_cast<std::size_t>(seconds * models::kSpeechSampleRate));
    std::vector<double> encode_ms, step_ms, all_ms;
    for (int i = 0; i < rounds; ++i) {
      const Clock::time_point begin = Clock::now();
      models::EncodedSpeech encoded =
          report.run(Job::kRecognition, models.recognizer->encode({part.begin(), part.end()}));
      encode_ms.push_back(ms_since(begin));
      const models::Transcript heard =
          report.run(Job::kRecognition, models.recognizer->decode(std::move(encoded), {}));
      all_ms.push_back(ms_since(begin));
      step_ms.push_back((all_ms.back() - encode_ms.back()) / std::max(1, heard.decoder_steps));
    }
    const std::string suffix = ", " + std::to_string(seconds) + " s";
    report.add(Job::kRecognition, "encode" + suffix, encode_ms, "ms");
    report.add(Job::kRecognition, "decode step" + suffix, step_ms, "ms");
    report.add(Job::kRecognition, "final transcript" + suffix, all_ms, "ms");
  }
}

}  // namespace antiphon::server::bench

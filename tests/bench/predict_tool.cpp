// Writes the predictions that the scorers of voice activity and end of turn read, one line for each window or
// clip:
//   predict_tool vad FOLDER > vad.tsv      FOLDER/manifest.tsv lists the recordings in its first column
//   predict_tool turn FOLDER > turn.tsv    FOLDER/clips.tsv lists the clips in its first column
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "models/native/silero_vad.h"
#include "models/torch/smart_turn.h"
#include "models/torch/threads.h"
#include "tests/support/model_files.h"
#include "tests/support/recording.h"

namespace antiphon::models {
namespace {

std::vector<std::string> first_column(const std::filesystem::path& table) {
  std::ifstream file(table);
  if (!file) throw std::runtime_error("cannot read " + table.string());
  std::vector<std::string> names;
  std::string line;
  std::getline(file, line);  // the header
  while (std::getline(file, line)) names.push_back(line.substr(0, line.find('\t')));
  return names;
}

void predict_voice_activity(const std::filesystem::path& folder) {
  constexpr std::size_t kSamples = VoiceActivityDetector::kWindowSamples;
  SileroVad vad(test::models_folder() / "silero-vad" / "silero_vad_16k.safetensors", 1);
  for (const std::string& name : first_column(folder / "manifest.tsv")) {
    auto audio = test::read_recording(folder / name);
    audio.resize((audio.size() + kSamples - 1) / kSamples * kSamples);
    vad.reset(Slot{0});
    for (std::size_t i = 0; i < audio.size() / kSamples; ++i) {
      const VoiceActivityDetector::Window window{Slot{0},
                                                 std::span(audio).subspan(i * kSamples).first<kSamples>()};
      float probability = 0;
      vad.step({&window, 1}, {&probability, 1});
      std::printf("%s\t%zu\t%.6f\n", name.c_str(), i, double{probability});
    }
  }
}

void predict_end_of_turn(const std::filesystem::path& folder) {
  SmartTurn detector({.weights = test::models_folder() / "smart-turn" / "smart_turn_v3.2.safetensors"});
  for (const std::string& name : first_column(folder / "clips.tsv")) {
    const auto audio = test::read_recording(folder / name);
    detector.reset(Slot{0});
    // Only whole hops are heard: zeros in front, as before every turn, make the clip end with one.
    const std::size_t hop = TurnFeatures::kHopSamples;
    detector.append(Slot{0}, std::vector<float>((hop - audio.size() % hop) % hop));
    detector.append(Slot{0}, audio);
    std::printf("%s\t%.6f\n", name.c_str(), double{detector.probability(Slot{0}).run_to_end()});
  }
}

}  // namespace
}  // namespace antiphon::models

int main(int argc, char** argv) {
  const std::string what = argc == 3 ? argv[1] : "";
  if (what != "vad" && what != "turn") {
    std::fprintf(stderr, "usage: predict_tool vad|turn FOLDER\n");
    return 2;
  }
  try {
    antiphon::models::torch::use_one_thread();
    if (what == "vad") antiphon::models::predict_voice_activity(argv[2]);
    if (what == "turn") antiphon::models::predict_end_of_turn(argv[2]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  }
}

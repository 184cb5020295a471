// From the onset of speech to SpeechEdges::Edge::kStarted, on real recordings with the real detector:
//   speech_onset_bench labels FOLDER          FOLDER/manifest.tsv with label files; onsets after >= 0.3 s of
//   no
//                                             speech, as people marked them
//   speech_onset_bench levels RECORDING...    onsets as the level shows them: the first of 50 ms of which 40
//   are
//                                             10 dB above the recording's first 100 ms and at most 35 dB
//                                             below its loud parts
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "models/native/silero_vad.h"
#include "pipeline/turns/speech_edges.h"
#include "tests/support/model_files.h"
#include "tests/support/recording.h"
#include "tests/support/turn_scores.h"

namespace {

using namespace antiphon;
using pipeline::turns::AudioTime;
using pipeline::turns::kWindow;
using pipeline::turns::SpeechEdges;

constexpr int kSamplesPerMs = 16;

// When speech was found to start, in ms; it ends after 300 ms of silence.
std::vector<double> starts_ms(const std::vector<float>& audio, AudioTime speech_min,
                              models::SileroVad* detector) {
  constexpr std::size_t kSamples = models::VoiceActivityDetector::kWindowSamples;
  SpeechEdges edges({.threshold = 0.5f, .speech_min = speech_min});
  detector->reset(models::Slot{0});
  std::vector<double> starts;
  for (std::size_t at = 0; at + kSamples <= audio.size(); at += kSamples) {
    const models::VoiceActivityDetector::Window window{models::Slot{0},
                                                       std::span(audio).subspan(at).first<kSamples>()};
    float probability = 0;
    detector->step({&window, 1}, {&probability, 1});
    if (edges.step(probability) == SpeechEdges::Edge::kStarted) {
      starts.push_back(static_cast<double>(edges.position().count()));
    }
    if (edges.in_speech() && edges.silence() >= AudioTime(300)) edges.stop();
  }
  return starts;
}

struct Segment {
  double start_ms = 0;
  double end_ms = 0;
};

struct Labelled {
  std::filesystem::path recording;
  std::vector<Segment> speech;
};

std::vector<Labelled> read_labels(const std::filesystem::path& folder) {
  std::vector<Labelled> all;
  std::ifstream manifest(folder / "manifest.tsv");
  if (!manifest) throw std::runtime_error("cannot read " + (folder / "manifest.tsv").string());
  std::string line;
  std::getline(manifest, line);  // the header
  while (std::getline(manifest, line)) {
    std::istringstream row(line);
    std::string name, seconds, label_name;
    std::getline(row, name, '\t');
    std::getline(row, seconds, '\t');
    std::getline(row, label_name, '\t');
    std::ifstream labels(folder / label_name);
    Labelled& labelled = all.emplace_back(folder / name);
    double start = 0, end = 0;
    for (int speech = 0; labels >> start >> end >> speech;) {
      if (speech == 1) labelled.speech.push_back({start * 1000, end * 1000});
    }
  }
  return all;
}

struct Onsets {
  std::vector<double> delays_ms;
  int missed = 0;
};

// A start up to 300 ms before the mark counts as its own, and as no delay.
void add_onset(const std::vector<double>& starts, const Segment& speech, Onsets* onsets) {
  const auto start = std::ranges::lower_bound(starts, speech.start_ms - 300);
  if (start == starts.end() || *start > speech.end_ms + 300) {
    ++onsets->missed;
  } else {
    onsets->delays_ms.push_back(std::max(0.0, *start - speech.start_ms));
  }
}

void print(const std::string& name, AudioTime speech_min, const Onsets& onsets) {
  std::printf("%-16s speech_min %3ld ms: %3zu onsets, %d missed", name.c_str(),
              static_cast<long>(speech_min.count()), onsets.delays_ms.size(), onsets.missed);
  if (!onsets.delays_ms.empty()) {
    std::printf("; p50 %3.0f  p90 %3.0f  p95 %3.0f  max %4.0f ms", test::quantile(onsets.delays_ms, 0.5),
                test::quantile(onsets.delays_ms, 0.9), test::quantile(onsets.delays_ms, 0.95),
                test::quantile(onsets.delays_ms, 1.0));
  }
  std::printf("\n");
}

void score_labels(const std::filesystem::path& folder, AudioTime speech_min, models::SileroVad* detector) {
  Onsets all;
  for (const Labelled& labelled : read_labels(folder)) {
    const auto starts = starts_ms(test::read_recording(labelled.recording), speech_min, detector);
    Onsets own;
    double last_end_ms = 0;
    for (const Segment& speech : labelled.speech) {
      if (speech.start_ms - last_end_ms >= 300) add_onset(starts, speech, &own);
      last_end_ms = speech.end_ms;
    }
    if (own.missed > 0 || !own.delays_ms.empty())
      print(labelled.recording.filename().string(), speech_min, own);
    all.delays_ms.insert(all.delays_ms.end(), own.delays_ms.begin(), own.delays_ms.end());
    all.missed += own.missed;
  }
  print("all", speech_min, all);
}

std::optional<double> level_onset_ms(const std::vector<float>& audio) {
  constexpr std::size_t kHop = 10 * kSamplesPerMs;
  std::vector<double> levels_db;
  for (std::size_t at = 0; at + kHop <= audio.size(); at += kHop) {
    double power = 1e-12;
    for (std::size_t i = at; i < at + kHop; ++i) power += double{audio[i]} * audio[i] / kHop;
    levels_db.push_back(10 * std::log10(power));
  }
  if (levels_db.size() < 30) return std::nullopt;
  const double floor_db = test::quantile({levels_db.begin(), levels_db.begin() + 10}, 0.5);
  const double needed_db = std::max(floor_db + 10, test::quantile(levels_db, 0.95) - 35);
  for (std::size_t i = 0; i + 5 <= levels_db.size(); ++i) {
    const auto loud = std::count_if(levels_db.begin() + static_cast<std::ptrdiff_t>(i),
                                    levels_db.begin() + static_cast<std::ptrdiff_t>(i) + 5,
                                    [&](double level_db) { return level_db > needed_db; });
    if (levels_db[i] > needed_db && loud >= 4) return 10.0 * static_cast<double>(i);
  }
  return std::nullopt;
}

void score_levels(const std::vector<std::filesystem::path>& recordings, AudioTime speech_min,
                  models::SileroVad* detector) {
  Onsets all;
  for (const auto& recording : recordings) {
    const auto audio = test::read_recording(recording);
    const auto onset_ms = level_onset_ms(audio);
    if (!onset_ms || *onset_ms < 150) continue;  // it has no silence of its own to begin with
    const double end_ms = static_cast<double>(audio.size()) / kSamplesPerMs;
    add_onset(starts_ms(audio, speech_min, detector), {*onset_ms, end_ms}, &all);
  }
  print("levels", speech_min, all);
}

}  // namespace

int main(int count, char** values) try {
  CLI::App app("Delay from the onset of speech to its detection.");
  app.require_subcommand(1);
  std::filesystem::path folder;
  std::vector<std::filesystem::path> recordings;
  CLI::App* labels = app.add_subcommand("labels", "Onsets that people marked");
  labels->add_option("folder", folder, "Folder with manifest.tsv and label files")->required();
  CLI::App* levels = app.add_subcommand("levels", "First onsets by the level of sound");
  levels->add_option("recordings", recordings, "16 kHz mono sound files")->required();
  CLI11_PARSE(app, count, values);
  models::SileroVad detector(test::models_folder() / "silero-vad" / "silero_vad_16k.safetensors", 1);
  for (const AudioTime speech_min : {2 * kWindow, 3 * kWindow}) {
    if (*labels) score_labels(folder, speech_min, &detector);
    if (*levels) score_levels(recordings, speech_min, &detector);
  }
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 2;
}

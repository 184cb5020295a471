// Transcribes recordings and prints a line for each, then a summary of times to stderr. With a manifest, the
// word error rate too:
//   recogniser_bench MODEL --manifest FOLDER/manifest.tsv    (columns file and transcript, named in its
//   header)
// stdout: file, seconds of audio, encode ms, decode ms, tokens, mean log probability, text (separated by
// tabs).
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "models/torch/moonshine_recognizer.h"
#include "models/torch/threads.h"
#include "tests/support/recording.h"
#include "tests/support/word_errors.h"

namespace {

using namespace antiphon;
using Milliseconds = std::chrono::duration<double, std::milli>;
using Clock = std::chrono::steady_clock;

struct Arguments {
  std::filesystem::path model;
  models::torch::Precision precision = models::torch::Precision::kInt8;
  bool words = false;
  double seconds = 0;
  int repeat = 1;
  std::filesystem::path manifest;
  std::vector<std::filesystem::path> recordings;
};

void declare(CLI::App& app, Arguments& arguments) {
  app.add_option("model", arguments.model, "Folder of the converted model")->required();
  app.add_option("recordings", arguments.recordings, "16 kHz mono sound files");
  app.add_option("--manifest", arguments.manifest, "Table of recordings and what is said in them");
  app.add_flag_callback("--f32", [&] { arguments.precision = models::torch::Precision::kF32; });
  app.add_flag("--words", arguments.words, "Print the words with their times");
  app.add_option("--seconds", arguments.seconds, "Cut each recording (or repeat it) to this length");
  app.add_option("--repeat", arguments.repeat, "Time each so many times")->check(CLI::PositiveNumber);
}

std::vector<std::string> columns_of(const std::string& line) {
  std::vector<std::string> columns;
  std::istringstream stream(line);
  for (std::string column; std::getline(stream, column, '\t');) columns.push_back(column);
  return columns;
}

// What is said in each recording; adds the manifest's recordings to the arguments.
std::map<std::string, std::string> read_manifest(Arguments& arguments) {
  std::map<std::string, std::string> said;
  if (arguments.manifest.empty()) return said;
  std::ifstream file(arguments.manifest);
  std::string line;
  std::getline(file, line);
  const std::vector<std::string> header = columns_of(line);
  const auto name = std::ranges::find(header, "file") - header.begin();
  const auto words = std::ranges::find(header, "transcript") - header.begin();
  while (std::getline(file, line)) {
    const std::vector<std::string> columns = columns_of(line);
    if (std::max(name, words) >= std::ssize(columns)) {
      throw std::runtime_error(arguments.manifest.string() + ": a line has no file or no transcript");
    }
    const std::string& recording = columns[static_cast<std::size_t>(name)];
    said[recording] = columns[static_cast<std::size_t>(words)];
    arguments.recordings.push_back(arguments.manifest.parent_path() / recording);
  }
  if (said.empty()) throw std::runtime_error(arguments.manifest.string() + ": has no recordings");
  return said;
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

double quantile(const std::vector<double>& sorted, double q) {
  return sorted[static_cast<std::size_t>(q * static_cast<double>(sorted.size() - 1))];
}

template <class Result>
Result timed(models::Stepped<Result> work, std::vector<double>& step_ms, double& total_ms) {
  total_ms = 0;
  while (!work.done()) {
    const auto begin = Clock::now();
    work.step();
    step_ms.push_back(Milliseconds(Clock::now() - begin).count());
    total_ms += step_ms.back();
  }
  return work.take();
}

std::string resident_memory() {
  std::ifstream status("/proc/self/status");
  std::string text, line;
  while (std::getline(status, line)) {
    if (line.starts_with("VmRSS") || line.starts_with("RssAnon") || line.starts_with("VmHWM"))
      text.append(line).append("  ");
  }
  return text;
}

void fit(std::vector<float>& audio, double seconds) {
  if (seconds <= 0 || audio.empty()) return;
  const std::vector<float> whole = audio;
  const auto wanted = static_cast<std::size_t>(seconds * models::kSpeechSampleRate);
  while (audio.size() < wanted) audio.insert(audio.end(), whole.begin(), whole.end());
  audio.resize(wanted);
}

void print_summary(std::vector<double> encode_steps, std::vector<double> decode_steps,
                   const std::vector<double>& totals) {
  for (auto* steps : {&encode_steps, &decode_steps}) {
    std::ranges::sort(*steps);
    if (steps->empty()) continue;
    std::fprintf(stderr, "%s steps: p50 %.2f ms, p99 %.2f ms, max %.2f ms\n",
                 steps == &encode_steps ? "encoder" : "decoder", quantile(*steps, 0.5),
                 quantile(*steps, 0.99), steps->back());
  }
  if (!totals.empty()) std::fprintf(stderr, "transcript: median %.1f ms\n", median(totals));
  std::fprintf(stderr, "%s\n", resident_memory().c_str());
}

}  // namespace

int main(int count, char** values) try {
  CLI::App app("Transcribes recordings and prints a line for each; a summary of times goes to stderr.");
  Arguments arguments;
  declare(app, arguments);
  CLI11_PARSE(app, count, values);
  const std::map<std::string, std::string> said = read_manifest(arguments);
  test::WordErrors errors;
  models::torch::use_one_thread();
  const auto begin = Clock::now();
  const auto recogniser = models::torch::load_moonshine(arguments.model, arguments.precision);
  const auto loaded = Clock::now();
  recogniser->warm_up();
  std::fprintf(stderr, "load %.0f ms, warm-up %.0f ms; %s\n", Milliseconds(loaded - begin).count(),
               Milliseconds(Clock::now() - loaded).count(), resident_memory().c_str());
  std::vector<double> encode_steps, decode_steps, totals;
  for (const auto& path : arguments.recordings) {
    std::vector<float> audio = test::read_recording(path, models::kSpeechSampleRate);
    fit(audio, arguments.seconds);
    std::vector<double> encodes, decodes;
    models::Transcript transcript;
    for (int i = 0; i < arguments.repeat; ++i) {
      double encode_ms = 0, decode_ms = 0;
      models::EncodedSpeech speech = timed(recogniser->encode(audio), encode_steps, encode_ms);
      transcript = timed(recogniser->decode(std::move(speech), {.draft = {}, .word_times = arguments.words}),
                         decode_steps, decode_ms);
      encodes.push_back(encode_ms);
      decodes.push_back(decode_ms);
      totals.push_back(encode_ms + decode_ms);
    }
    std::printf("%s\t%.2f\t%.1f\t%.1f\t%zu\t%.3f\t%s\n", path.filename().c_str(),
                static_cast<double>(audio.size()) / models::kSpeechSampleRate, median(encodes),
                median(decodes), transcript.tokens.size(), transcript.mean_log_probability(),
                transcript.text.c_str());
    if (const auto found = said.find(path.filename()); found != said.end()) {
      errors += test::word_errors(found->second, transcript.text);
    }
    for (const models::TranscribedWord& word : transcript.words) {
      std::printf("\t%.3f\t%.3f\t%.3f\t%s\n", word.start_seconds, word.end_seconds, word.log_probability,
                  word.text.c_str());
    }
  }
  print_summary(std::move(encode_steps), std::move(decode_steps), totals);
  if (errors.words > 0) {
    std::fprintf(stderr, "word error rate: %.2f %% (%d errors in %d words)\n", errors.percent(),
                 errors.errors, errors.words);
  }
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 2;
}

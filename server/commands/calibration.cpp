#include "server/commands/calibration.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "audio/resampler.h"
#include "models/catalogue/installation.h"

namespace antiphon::server {
namespace {

namespace json = boost::json;
using models::Slot;
using pipeline::Duration;
using pipeline::WorkCosts;

constexpr const char* kSentence = "Good morning. Tell me something about the mountains and the sea, please.";
constexpr int kRuns = 3;
constexpr int kPromptTokens = 48;
constexpr int kWrittenTokens = 12;  // of each session
// One pass writes a token for several sessions and takes little longer than for one, so a token costs less in
// company. On a machine that is filled to its rating a few write at any moment.
constexpr int kWrittenTogether = 4;
constexpr int kChunkHops = 24;

constexpr std::array<std::pair<const char*, Duration WorkCosts::*>, 6> kFields = {
    {{"voice_window_ns", &WorkCosts::voice_window},
     {"end_of_turn_ns", &WorkCosts::end_of_turn},
     {"heard_second_ns", &WorkCosts::heard_second},
     {"read_token_ns", &WorkCosts::read_token},
     {"written_together_ns", &WorkCosts::written_token},
     {"spoken_second_ns", &WorkCosts::spoken_second}}};

// How long this thread has waited for a processor that others had; zero where the kernel does not tell.
Duration time_without_processor() {
  std::ifstream file("/proc/thread-self/schedstat");
  std::int64_t ran_ns = 0, waited_ns = 0;
  return file >> ran_ns >> waited_ns ? Duration(waited_ns) : Duration(0);
}

// The best of a few runs, without what other programs took: it is kept for starts to come.
template <class Work>
Duration time_of(Work work) {
  Duration best = Duration::max();
  for (int run = 0; run < kRuns; ++run) {
    const Duration waited = time_without_processor();
    const auto begin = pipeline::Clock::now();
    work();
    const Duration all = pipeline::Clock::now() - begin;
    best = std::min<Duration>(best, all - (time_without_processor() - waited));
  }
  return best;
}

Duration per(Duration all, double count) {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(all) / std::max(count, 1e-9));
}

double seconds_of(const std::vector<float>& samples, int rate_hz) {
  return static_cast<double>(samples.size()) / rate_hz;
}

std::vector<float> say(const pipeline::Networks& networks, const models::text::PhonemePhrase& phrase) {
  std::vector<float> samples;
  const auto stream = networks.synthesizer->begin(phrase, {}).stream;
  while (stream && !stream->finished()) {
    const std::vector<float> more = stream->next(kChunkHops).run_to_end();
    samples.insert(samples.end(), more.begin(), more.end());
  }
  return samples;
}

void measure_hearing(const pipeline::Networks& networks, const std::vector<float>& speech, WorkCosts* costs) {
  constexpr Slot kSlot{0};
  std::array<float, models::VoiceActivityDetector::kWindowSamples> window{};
  const models::VoiceActivityDetector::Window row{kSlot, window};
  float probability = 0;
  costs->voice_window =
      time_of([&] { networks.voice_activity->step(std::span(&row, 1), std::span(&probability, 1)); });
  networks.voice_activity->reset(kSlot);
  networks.turn->append(kSlot, speech);
  costs->end_of_turn = time_of([&] { networks.turn->probability(kSlot).run_to_end(); });
  networks.turn->reset(kSlot);
  const Duration heard = time_of([&] { networks.recognizer->transcribe(speech, {}).run_to_end(); });
  costs->heard_second = per(heard, seconds_of(speech, models::kSpeechSampleRate));
}

void measure_writing(const pipeline::Networks& networks, WorkCosts* costs) {
  models::LanguageModel& model = *networks.language_model;
  std::vector<models::Token> prompt = networks.tokenizer->encode(kSentence);
  prompt.resize(kPromptTokens, prompt.front());
  constexpr Slot kSlot{0};
  const Duration read = time_of([&] {
    model.reset(kSlot);
    model.forward(rows_of(kSlot, prompt)).run_to_end();
  });
  costs->read_token = per(read, kPromptTokens);
  std::vector<models::TokenRow> rows{{kSlot, prompt.front(), true}};
  const int together = std::min(kWrittenTogether, model.slots());
  for (int slot = 1; slot < together; ++slot) {
    model.copy_prefix(kSlot, Slot{slot}, kPromptTokens).run_to_end();
    rows.push_back({Slot{slot}, prompt.front(), true});
  }
  const Duration written = time_of([&] {
    for (int i = 0; i < kWrittenTokens; ++i) model.forward(rows).run_to_end();
  });
  costs->written_token = per(written, kWrittenTokens * together);
  for (const models::TokenRow& row : rows) model.reset(row.slot);
}

json::object read_file(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  boost::system::error_code error;
  const json::value value = json::parse(text, error);
  return !error && value.is_object() ? value.as_object() : json::object();
}

std::string processor_name() {
  std::ifstream info("/proc/cpuinfo");
  constexpr std::string_view kName = "model name";
  for (std::string line; std::getline(info, line);) {
    if (line.starts_with(kName)) return line.substr(line.find(':') + 1);
  }
  return "unknown";
}

}  // namespace

WorkCosts measured_costs(const pipeline::Networks& networks) {
  WorkCosts costs;
  const models::text::PhonemePhrase phrase = networks.pronouncer->pronounce(kSentence);
  std::vector<float> speech;
  const Duration spoken = time_of([&] { speech = say(networks, phrase); });
  costs.spoken_second = per(spoken, seconds_of(speech, models::SynthesisStream::kSampleRate));
  measure_hearing(networks,
                  audio::resample(speech, models::SynthesisStream::kSampleRate, models::kSpeechSampleRate),
                  &costs);
  measure_writing(networks, &costs);
  return costs;
}

std::string calibration_subject(const std::string& models) {
  const char* kernels = std::getenv("ANTIPHON_KERNELS");
  return processor_name() + " x " + std::to_string(std::thread::hardware_concurrency()) + ", kernels " +
         (kernels != nullptr ? kernels : "best") + ", " + models;
}

std::filesystem::path calibration_file() {
  const std::filesystem::path cache = models::cache_folder();
  return cache.empty() ? cache : cache / "calibration.json";
}

std::optional<WorkCosts> kept_costs(const std::filesystem::path& file, const std::string& subject) {
  const json::object all = read_file(file);
  const json::value* const found = all.if_contains(subject);
  if (found == nullptr || !found->is_object()) return std::nullopt;
  WorkCosts costs;
  for (const auto& [name, member] : kFields) {
    const json::value* const value = found->as_object().if_contains(name);
    if (value == nullptr || !value->is_int64() || value->as_int64() < 0) return std::nullopt;
    costs.*member = Duration(value->as_int64());
  }
  return costs;
}

bool keep_costs(const std::filesystem::path& file, const std::string& subject, const WorkCosts& costs) {
  if (file.empty()) return false;
  json::object all = read_file(file);
  json::object fields;
  for (const auto& [name, member] : kFields) fields[name] = (costs.*member).count();
  all[subject] = std::move(fields);
  std::error_code error;
  std::filesystem::create_directories(file.parent_path(), error);
  const std::filesystem::path fresh = file.string() + ".new";
  std::ofstream stream(fresh, std::ios::binary);
  stream << json::serialize(all) << '\n';
  stream.close();
  if (!stream) return false;
  std::filesystem::rename(fresh, file, error);  // whole or not at all
  return !error;
}

}  // namespace antiphon::server

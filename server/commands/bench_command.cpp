#include <CLI/CLI.hpp>
#include <algorithm>
#include <fstream>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "audio/wav_writer.h"
#include "models/catalogue/catalogue.h"
#include "models/kernels/processor.h"
#include "server/commands/bench/network_benchmarks.h"
#include "server/commands/commands.h"
#include "server/commands/model_choice.h"

namespace antiphon::server {
namespace {

using models::Job;

struct BenchOptions {
  ModelChoice models;
  std::vector<std::string> only;  // names of jobs, all if empty
  int rounds = 5;
  std::string json_path;
  std::string speech_path;
};

std::set<Job> jobs_of(const BenchOptions& options) {
  std::set<Job> jobs;
  for (int i = 0; i < models::kJobs; ++i) {
    const Job job{i};
    const bool named = std::ranges::count(options.only, name_of(job)) > 0;
    if (named || options.only.empty()) jobs.insert(job);
  }
  return jobs;
}

double resident_mib() {
  constexpr double kPageBytes = 4096;
  std::ifstream status("/proc/self/statm");
  double pages = 0, resident = 0;
  status >> pages >> resident;
  return resident * kPageBytes / (1 << 20);
}

// What the hearing networks hear is spoken by the voice, so that every machine has it.
std::vector<float> test_speech(const models::ResolvedModels& models, const std::string& path) {
  constexpr double kSeconds = 10;
  LoadOptions voice_only;
  voice_only.jobs = {Job::kSynthesis};
  std::vector<float> speech = bench::spoken_test_audio(load_models(models, voice_only), kSeconds);
  if (!path.empty()) audio::write_wav(path, speech, models::kSpeechSampleRate);
  return speech;
}

// End of turn with the window that the published graph is fixed to, to be compared with it.
void measure_published_window(const models::ResolvedModels& models, const std::vector<float>& speech,
                              int rounds, bench::BenchReport& report) {
  LoadOptions turn_only;
  turn_only.jobs = {Job::kEndOfTurn};
  turn_only.turn_slots = 1;
  turn_only.turn_window_columns = 798;
  LoadedModels loaded = load_models(models, turn_only);
  bench::measure_end_of_turn(loaded, 8, speech, rounds, report);
}

void bench_models(const BenchOptions& options) {
  const std::set<Job> jobs = jobs_of(options);
  const models::ResolvedModels resolved = options.models.resolve();
  LoadOptions load;
  load.jobs = jobs;
  if (jobs.contains(Job::kLanguageModel)) load.language_model_file = options.models.language_model_file();
  bench::BenchReport report;
  report.set = options.models.set();
  report.kernels = models::kernels::name_of(models::kernels::active_variant());
  const bench::Clock::time_point begin = bench::Clock::now();
  LoadedModels loaded = load_models(resolved, load);
  report.loading_ms = bench::ms_since(begin);
  report.resident_mib = resident_mib();
  report.loading = loaded.times;

  const bool hears = jobs.contains(Job::kVoiceActivity) || jobs.contains(Job::kEndOfTurn) ||
                     jobs.contains(Job::kRecognition);
  std::vector<float> speech;
  if (hears || !options.speech_path.empty()) speech = test_speech(resolved, options.speech_path);
  const int rounds = options.rounds;
  if (loaded.voice_activity) bench::measure_voice_activity(loaded, speech, rounds, report);
  if (loaded.turn) {
    bench::measure_end_of_turn(loaded, 2, speech, rounds, report);
    measure_published_window(resolved, speech, rounds, report);
  }
  if (loaded.recognizer) bench::measure_recognition(loaded, speech, rounds, report);
  if (loaded.language_model) bench::measure_language_model(loaded, rounds, report);
  if (loaded.synthesizer) bench::measure_synthesis(loaded, rounds, report);
  if (loaded.embedder) bench::measure_embedding(loaded, rounds, report);
  report.print();
  if (!options.json_path.empty()) report.write_json(options.json_path);
}

std::vector<std::string> job_names() {
  std::vector<std::string> names;
  for (int i = 0; i < models::kJobs; ++i) names.emplace_back(name_of(Job{i}));
  return names;
}

}  // namespace

void add_bench_command(CLI::App& app) {
  const auto options = std::make_shared<BenchOptions>();
  CLI::App* bench = app.add_subcommand("bench", "Measure this machine");
  bench->require_subcommand(1);
  CLI::App* command = bench->add_subcommand("models", "How fast each network of a set runs, on one thread");
  options->models.declare(*command, {Job::kVoiceActivity, Job::kEndOfTurn, Job::kRecognition,
                                     Job::kLanguageModel, Job::kSynthesis, Job::kEmbedding});
  command->add_option("--only", options->only, "Only these networks, e.g. --only 'language model'")
      ->check(CLI::IsMember(job_names()));
  command->add_option("--rounds", options->rounds, "Rounds of each measurement; the median counts")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command->add_option("--json", options->json_path, "Also write the figures to this file");
  command->add_option("--speech", options->speech_path,
                      "Also write what the networks heard to this WAV file");
  command->callback([options] { bench_models(*options); });
}

}  // namespace antiphon::server

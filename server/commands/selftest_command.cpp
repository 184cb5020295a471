#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "audio/resampler.h"
#include "audio/wav_writer.h"
#include "server/commands/commands.h"
#include "server/commands/model_choice.h"
#include "server/commands/speaker.h"

namespace antiphon::server {
namespace {

struct SelftestOptions {
  ModelChoice models;
  std::string path = "antiphon.wav";
};

void selftest(const SelftestOptions& options) {
  using Clock = std::chrono::steady_clock;
  using Milliseconds = std::chrono::duration<double, std::milli>;
  const std::string sentence = "Hello, I am listening, and I will answer as fast as I can.";
  const LoadedModels loaded =
      load_models(options.models.resolve(), {.jobs = {models::Job::kRecognition, models::Job::kSynthesis}});

  std::vector<float> spoken;
  Speaker speaker(loaded, {}, [&](std::span<const float> samples) {
    spoken.insert(spoken.end(), samples.begin(), samples.end());
  });
  speaker.feed(sentence);
  speaker.finish();
  audio::write_wav(options.path, spoken, models::SynthesisStream::kSampleRate);
  std::vector<float> audio =
      audio::resample(spoken, models::SynthesisStream::kSampleRate, models::kSpeechSampleRate);
  const Clock::time_point start = Clock::now();
  const models::Transcript heard = loaded.recognizer->transcribe(std::move(audio), {}).run_to_end();
  const Milliseconds time = Clock::now() - start;
  std::printf("said:  %s  (%s: first sound after %.1f ms, all after %.1f ms)\n", sentence.c_str(),
              options.path.c_str(), speaker.first_sound().count(), speaker.total().count());
  std::printf("heard: %s  (%.1f ms)\n", heard.text.c_str(), time.count());
  if (heard.text.empty()) throw std::runtime_error("nothing was heard");
}

}  // namespace

void add_selftest_command(CLI::App& app) {
  const auto options = std::make_shared<SelftestOptions>();
  CLI::App* command =
      app.add_subcommand("selftest", "Speak a sentence to a WAV file and transcribe it again");
  options->models.declare(*command, {models::Job::kRecognition, models::Job::kSynthesis});
  command->add_option("-o,--output", options->path, "WAV file to write");
  command->callback([options] { selftest(*options); });
}

}  // namespace antiphon::server

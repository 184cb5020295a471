// The composition root: the command line of `antiphon`.
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <exception>
#include <iostream>
#include <string>

#include "audio/resampler.h"
#include "audio/wav_writer.h"
#include "models/catalogue/catalogue.h"
#include "models/catalogue/installation.h"
#include "models/torch/hibari.h"
#include "models/torch/moonshine_recognizer.h"
#include "models/torch/threads.h"
#include "server/spoken_sentence.h"

namespace antiphon::server {
namespace {

using models::Job;

models::ResolvedModels resolve(const std::string& set) {
  return {models::Catalogue::built_in(), models::model_set(set), models::default_models_folder()};
}

struct Voice {
  explicit Voice(const models::ResolvedModels& models)
      : pronouncer(models.folder(Job::kSynthesis)),
        synthesizer(models::torch::load_hibari(models.folder(Job::kSynthesis))) {
    synthesizer->warm_up();
  }
  models::text::Pronouncer pronouncer;
  std::unique_ptr<models::torch::HibariSynthesizer> synthesizer;
};

double milliseconds(std::chrono::microseconds time) {
  return static_cast<double>(time.count()) / 1000.0;
}

double seconds_of(std::size_t samples, int rate_hz) {
  return static_cast<double>(samples) / rate_hz;
}

void say(const std::string& set, const std::string& text, const std::string& path) {
  const Voice voice(resolve(set));
  const SpokenSentence spoken = speak(voice.pronouncer, *voice.synthesizer, text);
  audio::write_wav(path, spoken.samples, models::SynthesisStream::kSampleRate);
  std::printf("%s: %.2f s of speech, first sound after %.1f ms, all after %.1f ms\n", path.c_str(),
              seconds_of(spoken.samples.size(), models::SynthesisStream::kSampleRate),
              milliseconds(spoken.first_sound), milliseconds(spoken.total));
}

void selftest(const std::string& set, const std::string& path) {
  using Clock = std::chrono::steady_clock;
  const std::string sentence = "Hello, I am listening, and I will answer as fast as I can.";
  const models::ResolvedModels models = resolve(set);
  const auto recognizer = models::torch::load_moonshine(models.folder(Job::kRecognition));
  recognizer->warm_up();
  say(set, sentence, path);

  const Voice voice(models);
  const SpokenSentence spoken = speak(voice.pronouncer, *voice.synthesizer, sentence);
  const Clock::time_point start = Clock::now();
  const models::Transcript heard =
      recognizer
          ->transcribe(audio::resample(spoken.samples, models::SynthesisStream::kSampleRate,
                                       models::kSpeechSampleRate),
                       {})
          .run_to_end();
  const auto time = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start);
  std::printf("said:  %s\nheard: %s  (%.1f ms)\n", sentence.c_str(), heard.text.c_str(), milliseconds(time));
  if (heard.text.empty()) throw std::runtime_error("nothing was heard");
}

void list_models() {
  for (const auto& model : models::Catalogue::built_in().models()) {
    const models::Installation found =
        models::check_installation(model, models::default_models_folder(), models::Check::kSizes);
    const bool installed = found.state == models::Installed::kYes;
    std::printf("%-30s %-16s %s\n", model.id.c_str(), std::string(models::name_of(model.job)).c_str(),
                installed ? "installed" : found.problem.c_str());
  }
}

int run(int argc, char** argv) {
  CLI::App app("Antiphon: a server that you can talk to.");
  app.require_subcommand(1);
  std::string set = "standard";
  std::string text;
  std::string path = "antiphon.wav";
  const auto with_set = [&](CLI::App* command) {
    command->add_option("--models", set, "Model set: standard or small")
        ->check(CLI::IsMember({"standard", "small"}));
    return command;
  };
  CLI::App* test =
      with_set(app.add_subcommand("selftest", "Speak a sentence to a WAV file and transcribe it again"));
  CLI::App* speak_command = with_set(app.add_subcommand("say", "Speak a phrase to a WAV file"));
  for (CLI::App* command : {test, speak_command})
    command->add_option("-o,--output", path, "WAV file to write");
  speak_command->add_option("text", text, "What to say")->required();
  CLI::App* list = app.add_subcommand("models", "List the models and what is installed");
  CLI11_PARSE(app, argc, argv);
  models::torch::use_one_thread();
  if (*test) selftest(set, path);
  if (*speak_command) say(set, text, path);
  if (*list) list_models();
  return 0;
}

}  // namespace
}  // namespace antiphon::server

int main(int argc, char** argv) {
  try {
    return antiphon::server::run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "antiphon: " << error.what() << "\n";
    return 2;
  }
}

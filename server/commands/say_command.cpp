#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>

#include "audio/wav_writer.h"
#include "server/commands/commands.h"
#include "server/commands/model_choice.h"
#include "server/commands/spoken_sentence.h"
#include "server/commands/voice.h"

namespace antiphon::server {
namespace {

struct SayOptions {
  ModelChoice models;
  std::string text;
  std::string path = "antiphon.wav";
};

void say(const SayOptions& options) {
  const Voice voice(options.models.resolve());
  const SpokenSentence spoken = speak(voice.pronouncer, *voice.synthesizer, options.text);
  audio::write_wav(options.path, spoken.samples, models::SynthesisStream::kSampleRate);
  using Milliseconds = std::chrono::duration<double, std::milli>;
  std::printf("%s: %.2f s of speech, first sound after %.1f ms, all after %.1f ms\n", options.path.c_str(),
              static_cast<double>(spoken.samples.size()) / models::SynthesisStream::kSampleRate,
              Milliseconds(spoken.first_sound).count(), Milliseconds(spoken.total).count());
}

}  // namespace

void add_say_command(CLI::App& app) {
  const auto options = std::make_shared<SayOptions>();
  CLI::App* command = app.add_subcommand("say", "Speak a phrase to a WAV file");
  options->models.declare(*command);
  command->add_option("text", options->text, "What to say")->required();
  command->add_option("-o,--output", options->path, "WAV file to write");
  command->callback([options] { say(*options); });
}

}  // namespace antiphon::server

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "audio/wav_writer.h"
#include "server/commands/commands.h"
#include "server/commands/model_choice.h"
#include "server/commands/speaker.h"

namespace antiphon::server {
namespace {

constexpr const char* kFooter = R"(
The sound is mono, 24 kHz, 16 bit. It is written while it is made: a text may be of any length, and
Markdown in it is not read out. A word in the form [word](/phonemes/) is said as written there.

Examples:
  antiphon say "Good morning." -o morning.wav
  antiphon say -o chapter.wav --speed 1.1 < chapter.txt
  antiphon say "It is half past five." -o - | aplay
  antiphon say "Hello" -o - --raw | aplay -f S16_LE -r 24000)";

struct SayOptions {
  ModelChoice models;
  std::string text = "-";
  std::string output = "antiphon.wav";
  bool raw = false;
  float speed = 1.0F;
};

// The file or the pipe that the sound goes to; opened when the first sound comes.
class SoundOutput {
 public:
  SoundOutput(std::string path, bool raw) : path_(std::move(path)), raw_(raw) {
    if (path_ == "-" && isatty(STDOUT_FILENO) == 1) {
      throw std::runtime_error("-o -: standard output is a terminal; send the sound to a program or a file");
    }
  }

  void write(std::span<const float> samples) {
    if (!open_) begin();
    if (raw_) {
      stream() << audio::pcm16_bytes(samples);
    } else {
      wav_->write(samples);
    }
    stream().flush();  // who listens to the pipe hears it now
    check();
  }
  void finish() {
    if (!open_ || path_ == "-") return;
    if (!raw_) wav_->finish();
    file_.close();
    check();
  }
  std::string name() const { return path_ == "-" ? "standard output" : path_; }

 private:
  std::ostream& stream() { return path_ == "-" ? std::cout : file_; }
  void begin() {
    if (path_ != "-") file_.open(path_, std::ios::binary);
    if (!raw_) wav_.emplace(stream(), models::SynthesisStream::kSampleRate);
    open_ = true;
  }
  void check() {
    if (!stream()) throw std::runtime_error("-o: cannot write '" + name() + "'");
  }

  const std::string path_;
  const bool raw_;
  bool open_ = false;
  std::ofstream file_;
  std::optional<audio::WavWriter> wav_;
};

void say(const SayOptions& options) {
  SoundOutput output(options.output, options.raw);
  const LoadedModels voice = load_models(options.models.resolve(), {.jobs = {models::Job::kSynthesis}});
  Speaker speaker(voice, {.speed = options.speed},
                  [&](std::span<const float> samples) { output.write(samples); });
  if (options.text == "-") {
    for (std::string line; std::getline(std::cin, line);) speaker.feed(line + "\n");
  } else {
    speaker.feed(options.text);
  }
  speaker.finish();
  output.finish();
  if (speaker.samples() == 0) throw std::runtime_error("the text has nothing that can be said");
  std::fprintf(stderr, "%s: %.2f s of speech, first sound after %.1f ms, all after %.1f ms\n",
               output.name().c_str(),
               static_cast<double>(speaker.samples()) / models::SynthesisStream::kSampleRate,
               speaker.first_sound().count(), speaker.total().count());
}

}  // namespace

void add_say_command(CLI::App& app) {
  const auto options = std::make_shared<SayOptions>();
  CLI::App* command = app.add_subcommand("say", "Speak a text");
  command->add_option("TEXT", options->text, "What to say; absent or -: standard input");
  command->add_option("-o,--output", options->output, "WAV file to write; - is standard output")
      ->capture_default_str();
  command->add_flag("--raw", options->raw, "Only the samples (16 bit, least byte first), without a header");
  command->add_option("--speed", options->speed, "How fast to speak")
      ->check(CLI::Range(models::SpeechSynthesizer::kSpeedMin, models::SpeechSynthesizer::kSpeedMax))
      ->capture_default_str();
  options->models.declare(*command, {models::Job::kSynthesis});
  command->footer(kFooter);
  command->callback([options] { say(*options); });
}

}  // namespace antiphon::server

// Turn taking on recordings, with the real networks.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "models/native/decoder_language_model.h"
#include "models/text/chat_template.h"
#include "models/text/gguf_tokenizer.h"
#include "models/text/message_end_cue.h"
#include "models/torch/moonshine_recognizer.h"
#include "models/torch/smart_turn.h"
#include "models/torch/threads.h"
#include "tests/support/model_files.h"
#include "tests/support/recording.h"
#include "tests/support/turn_events.h"

namespace {

using namespace antiphon;

// What a session would know in a pause: the two cues.
class CueNetworks {
 public:
  CueNetworks(const std::string& recogniser, const std::string& language_model)
      : detector_({.weights = test::models_folder() / "smart-turn" / "smart_turn_v3.2.safetensors"}),
        recogniser_(models::torch::load_moonshine(test::models_folder() / recogniser)),
        model_(std::make_unique<models::GgufFile>(test::models_folder() / language_model / "model.gguf"),
               {.slots = 1, .context_tokens_max = 1024, .passes_max = 1}),
        tokenizer_(models::text::tokenizer_from_gguf(model_.file())),
        chat_(models::text::chat_family_of(model_.file(), *tokenizer_), *tokenizer_),
        cue_(*tokenizer_, chat_) {
    const auto system = chat_.opening("You are a helpful assistant in a spoken conversation.");
    system_tokens_ = static_cast<int>(system.size());
    model_.forward(models::rows_of(kSlot, system)).run_to_end();
  }

  float sound_complete(const std::vector<float>& audio) {
    detector_.reset(kSlot);
    // Only whole hops are heard: zeros in front, as before every turn, make the clip end with one.
    const std::size_t hop = models::TurnFeatures::kHopSamples;
    detector_.append(kSlot, std::vector<float>((hop - audio.size() % hop) % hop));
    detector_.append(kSlot, audio);
    return detector_.probability(kSlot).run_to_end();
  }

  std::string transcript(const std::vector<float>& audio) {
    return recogniser_->transcribe(audio, {}).run_to_end().text;
  }

  float text_end_log_probability(const std::string& transcript) {
    model_.truncate(kSlot, system_tokens_);
    std::vector<models::Token> tokens;
    cue_.append_open_message(transcript, &tokens);
    model_.forward(models::rows_of(kSlot, tokens)).run_to_end();
    return cue_.log_probability(model_.logits(kSlot));
  }

 private:
  static constexpr models::Slot kSlot{0};

  models::SmartTurn detector_;
  std::unique_ptr<models::SpeechRecognizer> recogniser_;
  models::DecoderLanguageModel model_;
  std::unique_ptr<const models::text::Tokenizer> tokenizer_;
  models::text::ChatTemplate chat_;
  models::text::MessageEndCue cue_;
  int system_tokens_ = 0;
};

void collect_cues(const std::filesystem::path& clips, CueNetworks* networks, std::map<int, test::TurnEvent>* events) {
  for (auto& [number, event] : *events) {
    if (event.kind == "midword" || event.kind == "end_unsure") continue;
    for (const auto& [silence_ms, clip] : event.clips) {
      event.sound_complete[silence_ms] = networks->sound_complete(test::read_recording(clips / clip));
    }
    event.transcript = networks->transcript(test::read_recording(clips / event.clips.begin()->second));
    event.text_end_log_probability = networks->text_end_log_probability(event.transcript);
  }
}

}  // namespace

int main(int count, char** values) try {
  CLI::App app("Turn taking on recordings, with the real networks.");
  std::filesystem::path clips;
  std::filesystem::path cues;
  std::string recogniser = "moonshine-base-en";
  std::string language_model = "smollm2-135m-instruct";
  app.add_option("clips", clips, "Folder that make_turn_set.py wrote")->required();
  app.add_option("--cues", cues, "Table of the cues: read if it is there, else written");
  app.add_option("--recogniser", recogniser, "Folder of the recogniser in the model cache");
  app.add_option("--language-model", language_model, "Folder of the language model in the model cache");
  CLI11_PARSE(app, count, values);
  models::torch::use_one_thread();
  auto events = test::read_turn_events(clips);
  if (!cues.empty() && std::filesystem::exists(cues)) {
    test::read_turn_cues(cues, &events);
  } else {
    CueNetworks networks(recogniser, language_model);
    collect_cues(clips, &networks, &events);
    if (!cues.empty()) test::write_turn_cues(cues, events);
  }
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 2;
}

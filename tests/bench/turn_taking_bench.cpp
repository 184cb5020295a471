// When semantic_vad ends a turn, over labelled ends and pauses of real recordings, with the real networks:
// false cut-offs against delay for each eagerness, beside a fixed silence that cuts off as many; the same
// with one cue or none; and how well each cue alone tells an end from a pause.
//   make_turn_set.py --silence-ms 64,192 --out CLIPS ...; turn_taking_bench CLIPS
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "models/native/decoder_language_model.h"
#include "models/native/gguf_decoder_source.h"
#include "models/native/silero_vad.h"
#include "models/text/chat_template.h"
#include "models/text/gguf_tokenizer.h"
#include "models/text/message_end_cue.h"
#include "models/torch/moonshine_recognizer.h"
#include "models/torch/smart_turn.h"
#include "models/torch/threads.h"
#include "pipeline/turns/endpointer.h"
#include "pipeline/turns/turn_manager.h"
#include "tests/support/model_files.h"
#include "tests/support/recording.h"
#include "tests/support/turn_events.h"
#include "tests/support/turn_scores.h"

namespace {

using namespace antiphon;

// What a session would know in a pause: the two cues.
class CueNetworks {
 public:
  CueNetworks(const std::string& recogniser, const std::string& language_model)
      : detector_({.weights = test::models_folder() / "smart-turn" / "smart_turn_v3.2.safetensors"}),
        recogniser_(models::torch::load_moonshine(test::models_folder() / recogniser)),
        file_(test::models_folder() / language_model / "model.gguf"),
        model_(std::make_unique<models::GgufDecoderSource>(std::make_unique<models::GgufFile>(file_.path())),
               {.slots = 1, .context_tokens_max = 1024, .passes_max = 1}),
        tokenizer_(models::text::tokenizer_from_gguf(file_)),
        chat_(models::text::chat_family_of(file_, *tokenizer_), *tokenizer_),
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
    const auto begin = audio.begin() + static_cast<std::ptrdiff_t>(turn_start(audio));
    return recogniser_->transcribe({begin, audio.end()}, {}).run_to_end().text;
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

  // The first sample that a session would take for the turn's: the recogniser must not see a long silence
  // first.
  std::size_t turn_start(const std::vector<float>& audio) {
    constexpr std::size_t kSamples = models::VoiceActivityDetector::kWindowSamples;
    constexpr long kSamplesPerMs = 16;
    const pipeline::turns::TurnDetection detection;
    pipeline::turns::TurnManager manager(detection);
    voice_.reset(kSlot);
    for (std::size_t at = 0; at + kSamples <= audio.size(); at += kSamples) {
      const models::VoiceActivityDetector::Window window{kSlot,
                                                         std::span(audio).subspan(at).first<kSamples>()};
      float probability = 0;
      voice_.step({&window, 1}, {&probability, 1});
      for (const auto& action : manager.on_window(probability, {})) {
        const auto* started = std::get_if<pipeline::turns::SpeechStarted>(&action);
        if (started) return static_cast<std::size_t>(started->audio_start.count() * kSamplesPerMs);
      }
    }
    return 0;
  }

  models::SileroVad voice_{test::models_folder() / "silero-vad" / "silero_vad_16k.safetensors", 1};
  models::SmartTurn detector_;
  std::unique_ptr<models::SpeechRecognizer> recogniser_;
  models::GgufFile file_;
  models::DecoderLanguageModel model_;
  std::unique_ptr<const models::text::Tokenizer> tokenizer_;
  models::text::ChatTemplate chat_;
  models::text::MessageEndCue cue_;
  int system_tokens_ = 0;
};

void collect_cues(const std::filesystem::path& clips, CueNetworks* networks, test::TurnEvents* events) {
  for (auto& [number, event] : *events) {
    if (event.kind == "midword" || event.kind == "end_unsure") continue;
    for (const auto& [silence_ms, clip] : event.clips) {
      event.sound_complete[silence_ms] = networks->sound_complete(test::read_recording(clips / clip));
    }
    event.transcript = networks->transcript(test::read_recording(clips / event.clips.begin()->second));
    event.text_end_log_probability = networks->text_end_log_probability(event.transcript);
  }
}

// --- Scores ---

using pipeline::turns::Eagerness;

struct KnownCues {
  const char* name;
  bool sound;
  bool text;
  int text_from_ms = 0;  // of silence: when the text cue arrives
};

test::Wait semantic_wait(Eagerness eagerness, const KnownCues& known) {
  pipeline::turns::TurnDetection detection;
  detection.kind = pipeline::turns::TurnDetection::Kind::kSemanticVad;
  detection.eagerness = eagerness;
  return [detection, known](const test::TurnEvent& event) {
    using pipeline::turns::AudioTime;
    for (AudioTime silence = pipeline::turns::kSemanticWaitMin;; ++silence) {
      pipeline::turns::TurnCues cues;
      if (known.sound) cues.sound_complete = event.sound_complete.begin()->second;
      if (known.text && silence >= AudioTime(known.text_from_ms)) {
        cues.text_end_log_probability = event.text_end_log_probability;
      }
      if (silence >= *pipeline::turns::silence_needed(detection, cues)) return silence;
    }
  };
}

void print_curve(const test::TurnEvents& events, const KnownCues& known) {
  const auto ends = test::of_kinds(events, {"end_complete"});
  const auto open = test::of_kinds(events, {"pause_open", "hesitation"});
  const auto hesitations = test::of_kinds(events, {"hesitation"});
  const auto all = test::of_kinds(events, {"pause_open", "hesitation", "pause_final"});
  constexpr std::pair<const char*, Eagerness> kCurve[] = {
      {"low", Eagerness::kLow}, {"medium", Eagerness::kMedium}, {"high", Eagerness::kHigh}};
  for (const auto& [name, eagerness] : kCurve) {
    const test::Wait wait = semantic_wait(eagerness, known);
    const test::Delays delay = test::delays(ends, wait);
    const int cut = test::cut_off(open, wait);
    const auto fixed = test::silence_only(open, cut);
    std::printf("%-15s %-7s %3d/%zu %5.1f %% %5d/%zu %5d/%zu %7.0f %5.0f %5.0f %9ld\n", known.name, name, cut,
                open.size(), 100.0 * cut / static_cast<double>(open.size()), test::cut_off(hesitations, wait),
                hesitations.size(), test::cut_off(all, wait), all.size(), delay.mean_ms, delay.p50_ms,
                delay.p90_ms, static_cast<long>(fixed.count()));
  }
}

void print_curves(const test::TurnEvents& events) {
  std::printf("%-15s %-7s %14s %8s %8s %7s %5s %5s %9s\n", "cues", "eager", "cut off: open", "hesit.", "all",
              "mean ms", "p50", "p90", "silence");
  for (const KnownCues& known :
       {KnownCues{"sound and text", true, true}, KnownCues{"text at 320 ms", true, true, 320},
        KnownCues{"text at 640 ms", true, true, 640}, KnownCues{"text", false, true},
        KnownCues{"sound", true, false}, KnownCues{"neither", false, false}}) {
    print_curve(events, known);
  }
  std::printf("silence: the fixed wait in ms that cuts off as many open pauses\n\n");
}

std::vector<double> values(const std::vector<const test::TurnEvent*>& events, bool sound) {
  std::vector<double> all;
  for (const test::TurnEvent* event : events) {
    all.push_back(sound ? event->sound_complete.begin()->second
                        : event->text_end_log_probability.value_or(0));
  }
  return all;
}

void print_cues(const test::TurnEvents& events) {
  const auto ends = test::of_kinds(events, {"end_complete"});
  for (const bool sound : {true, false}) {
    std::printf("%s alone: AUC", sound ? "sound" : "text");
    for (const std::string kind : {"hesitation", "pause_open", "end_open"}) {
      const auto pauses = test::of_kinds(events, {kind});
      std::printf("  %s %.3f (n %zu)", kind.c_str(),
                  test::area_under_curve(values(ends, sound), values(pauses, sound)), pauses.size());
    }
    const auto unfinished = test::of_kinds(events, {"hesitation", "pause_open", "end_open"});
    std::printf("  all %.3f\n", test::area_under_curve(values(ends, sound), values(unfinished, sound)));
  }
}

}  // namespace

int main(int count, char** values) try {
  CLI::App app("Delay and false cut-offs of semantic_vad over labelled recordings.");
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
  print_curves(events);
  print_cues(events);
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 2;
}

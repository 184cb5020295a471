#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>

#include "models/speech_synthesizer.h"
#include "models/text/phrase_splitter.h"
#include "server/commands/loaded_models.h"

namespace antiphon::server {

// Speaks a text while it arrives, phrase by phrase, as the pipeline does, but without a clock to follow.
//
// Owner: one thread. The voice (pronouncer and synthesiser of `models`) must outlive it.
class Speaker {
 public:
  using Sink = std::function<void(std::span<const float> samples)>;  // mono, SynthesisStream::kSampleRate

  Speaker(const LoadedModels& models, const models::SynthesisOptions& options, Sink sink);

  // Markdown or plain text, cut anywhere.
  void feed(std::string_view text);
  // The text is complete.
  void finish();

  std::int64_t samples() const { return samples_; }
  // From the first feed().
  std::chrono::duration<double, std::milli> first_sound() const { return first_sound_; }
  std::chrono::duration<double, std::milli> total() const { return total_; }

 private:
  using Clock = std::chrono::steady_clock;

  void speak_phrases();
  void speak(std::string_view phrase);

  const models::text::Pronunciation& pronouncer_;
  const models::SpeechSynthesizer& synthesizer_;
  const models::SynthesisOptions options_;
  const Sink sink_;
  models::text::PhraseSplitter phrases_;
  std::optional<Clock::time_point> start_;
  std::chrono::duration<double, std::milli> first_sound_{};
  std::chrono::duration<double, std::milli> total_{};
  std::int64_t samples_ = 0;
};

}  // namespace antiphon::server

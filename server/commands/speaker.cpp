#include "server/commands/speaker.h"

#include <utility>
#include <vector>

namespace antiphon::server {
namespace {

// Where a phrase that is too long is parted: at the last gap of its first half, else between characters.
std::size_t middle_of(std::string_view phrase) {
  std::size_t middle = phrase.size() / 2;
  const std::size_t gap = phrase.substr(0, middle).find_last_of(' ');
  if (gap != std::string_view::npos && gap > 0) return gap;
  while (middle > 1 && (static_cast<unsigned char>(phrase[middle]) & 0xC0) == 0x80) --middle;
  return middle;
}

}  // namespace

Speaker::Speaker(const LoadedModels& models, const models::SynthesisOptions& options, Sink sink)
    : pronouncer_(*models.pronouncer),
      synthesizer_(*models.synthesizer),
      options_(options),
      sink_(std::move(sink)) {}

void Speaker::feed(std::string_view text) {
  if (!start_) start_ = Clock::now();
  phrases_.feed(text);
  speak_phrases();
}

void Speaker::finish() {
  phrases_.finish();
  speak_phrases();
}

void Speaker::speak_phrases() {
  while (const auto phrase = phrases_.next()) speak(phrase->text.text());
  if (start_) total_ = Clock::now() - *start_;
}

void Speaker::speak(std::string_view phrase) {
  constexpr int kFirstChunkHops = 4;  // 50 ms: soon to sound
  constexpr int kChunkHops = 12;
  const models::SynthesisStart begun = synthesizer_.begin(pronouncer_.pronounce(phrase), options_);
  if (begun.refusal == models::SynthesisRefusal::kTooLong && phrase.size() > 1) {
    const std::size_t middle = middle_of(phrase);
    speak(phrase.substr(0, middle));
    speak(phrase.substr(middle));
  }
  if (!begun.stream) return;
  while (!begun.stream->finished()) {
    const bool first = samples_ == 0;
    const std::vector<float> chunk = begun.stream->next(first ? kFirstChunkHops : kChunkHops).run_to_end();
    if (chunk.empty()) continue;
    if (first) first_sound_ = Clock::now() - *start_;
    samples_ += static_cast<std::int64_t>(chunk.size());
    sink_(chunk);
  }
}

}  // namespace antiphon::server

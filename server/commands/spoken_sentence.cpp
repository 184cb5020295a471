#include "server/commands/spoken_sentence.h"

#include <stdexcept>

namespace antiphon::server {

SpokenSentence speak(const models::text::Pronouncer& pronouncer, const models::SpeechSynthesizer& voice,
                     std::string_view text) {
  constexpr int kFirstChunkHops = 4;  // 50 ms: soon to sound
  constexpr int kChunkHops = 12;
  using Clock = std::chrono::steady_clock;
  const auto since = [](Clock::time_point start) {
    return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start);
  };
  const Clock::time_point start = Clock::now();
  const models::text::PhonemePhrase phrase = pronouncer.pronounce(text);
  models::SynthesisStart begun = voice.begin(phrase, {});
  if (!begun.stream) {
    throw std::runtime_error(begun.refusal == models::SynthesisRefusal::kTooLong
                                 ? "the text is too long for one phrase"
                                 : "the text has nothing to say");
  }
  SpokenSentence spoken;
  while (!begun.stream->finished()) {
    const bool first = spoken.samples.empty();
    const std::vector<float> chunk = begun.stream->next(first ? kFirstChunkHops : kChunkHops).run_to_end();
    if (first) spoken.first_sound = since(start);
    spoken.samples.insert(spoken.samples.end(), chunk.begin(), chunk.end());
  }
  spoken.total = since(start);
  return spoken;
}

}  // namespace antiphon::server

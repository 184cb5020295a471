#include "models/stand_ins/hearing.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "models/stand_ins/spoken_code.h"

namespace antiphon::models::stand_ins {
namespace {

constexpr float kLoud = 0.08F;

}  // namespace

void LoudnessDetector::step(std::span<const Window> batch, std::span<float> probabilities) {
  times_.pass(times_.voice_activity);
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const auto loud =
        std::ranges::count_if(batch[i].samples, [](float sample) { return std::fabs(sample) >= kLoud; });
    probabilities[i] = 2 * loud >= kWindowSamples ? 0.95F : 0.02F;
  }
}

Stepped<float> SureTurnDetector::probability(Slot) const {
  times_.pass(times_.end_of_turn);
  co_await kNextStep;
  times_.pass(times_.end_of_turn);
  co_return 0.97F;
}

Stepped<EncodedSpeech> CodeRecognizer::encode(std::vector<float> audio) const {
  for (std::size_t second = 0; second < audio.size() / kSpeechSampleRate; ++second) {
    times_.pass(times_.encode);
    co_await kNextStep;
  }
  times_.pass(times_.encode);
  EncodedSpeech speech;
  speech.samples = static_cast<int>(audio.size());
  speech.values = std::move(audio);
  co_return speech;
}

Stepped<Transcript> CodeRecognizer::decode(EncodedSpeech speech, TranscribeOptions) const {
  Transcript transcript;
  std::vector<Word> words;
  for (const HeardWord& heard : heard_in(speech.values, kSpeechSampleRate)) {
    words.push_back(heard.word);
    transcript.tokens.push_back(heard.word.number);
    if (words.size() % 4 != 0) continue;
    times_.pass(times_.decode);
    co_await kNextStep;
  }
  times_.pass(times_.decode);
  transcript.text = text_of(words);
  co_return transcript;
}

}  // namespace antiphon::models::stand_ins

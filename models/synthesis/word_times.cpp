#include "models/synthesis/word_times.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace antiphon::models::synthesis {

std::int64_t sound_ahead_samples(float speed) {
  constexpr float kAheadMs = 60.0f;
  constexpr float kAheadMsMin = 48.0f;
  const float ahead_ms = std::max(kAheadMsMin, kAheadMs * std::pow(speed, -0.75f));
  return static_cast<std::int64_t>(ahead_ms * SynthesisStream::kSampleRate / 1000.0f);
}

std::vector<WordTime> word_times(std::span<const text::PhonemeWord> words, const SymbolClock& clock,
                                 std::int64_t origin) {
  std::vector<std::int64_t> heard{clock.lead - clock.sound_ahead - origin};  // when symbol i begins
  for (const int units : clock.symbol_units) {
    heard.push_back(heard.back() + std::int64_t(units) * clock.samples_per_unit);
  }
  std::vector<WordTime> times;
  times.reserve(words.size());
  std::int64_t before = 0;
  const auto time_of = [&](std::size_t symbol) {
    before = std::max(before, heard[std::min(symbol, heard.size() - 1)]);
    return before;
  };
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::int64_t begin = time_of(words[i].symbol_begin);
    times.push_back({i, begin, time_of(words[i].symbol_end)});
  }
  return times;
}

void end_words_at(std::int64_t end, std::span<WordTime> words) {
  for (WordTime& word : words) {
    word.begin_sample = std::min(word.begin_sample, end);
    word.end_sample = std::min(word.end_sample, end);
  }
}

}  // namespace antiphon::models::synthesis

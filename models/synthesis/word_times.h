#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/speech_synthesizer.h"

namespace antiphon::models::synthesis {

// How long each part of a phrase lasts on the network's clock.
struct SymbolClock {
  std::int64_t lead = 0;              // samples before the first symbol
  std::span<const int> symbol_units;  // one entry per symbol of the phrase; 0 for one that was left out
  int samples_per_unit = 600;
};

// Sound runs this far ahead of the durations (measured: best lag 62 ms over 30 sentences).
inline constexpr std::int64_t kSoundAheadSamples = 60 * SynthesisStream::kSampleRate / 1000;

// Each word's time, counted from phrase sample `origin`; times before it become 0. Ranges that leave the
// phrase or go back are held to it, so the result always rises.
std::vector<WordTime> word_times(std::span<const text::PhonemeWord> words, const SymbolClock& clock,
                                 std::int64_t origin);

// Nothing is heard after `end`: holds all times to it.
void end_words_at(std::int64_t end, std::span<WordTime> words);

}  // namespace antiphon::models::synthesis

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
  std::int64_t sound_ahead = 0;  // samples by which the sound runs ahead of this clock
};

// How far the sound runs ahead of the durations: 60 ms at speed 1, more where they are stretched (measured as
// the best lag between vowels and energy over 30 sentences: 180, 120, 60 and 50 ms at 0.25, 0.5, 1 and 2).
std::int64_t sound_ahead_samples(float speed);

// Each word's time, counted from phrase sample `origin`; times before it become 0. Ranges that leave the
// phrase or go back are held to it, so the result always rises.
std::vector<WordTime> word_times(std::span<const text::PhonemeWord> words, const SymbolClock& clock,
                                 std::int64_t origin);

// Nothing is heard after `end`: holds all times to it.
void end_words_at(std::int64_t end, std::span<WordTime> words);

}  // namespace antiphon::models::synthesis

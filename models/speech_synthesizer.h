// Phonemes to speech, in chunks that can be played before the phrase is done.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "models/stepped.h"
#include "models/text/phoneme_phrase.h"

namespace antiphon::models {

struct SynthesisOptions {
  float speed = 1.0f;            // speaking rate, kSpeedMin to kSpeedMax
  std::uint64_t noise_seed = 0;  // of the breath noise: the same seed gives the same sound
  float noise_level = 1.0f;      // 0 switches the breath noise off
  bool trim_silence = true;      // false keeps the silence that the network puts around a phrase
};

// When a word is heard, in samples from the first one that the stream gives out.
struct WordTime {
  std::size_t word = 0;  // index into PhonemePhrase::words
  std::int64_t begin_sample = 0;
  std::int64_t end_sample = 0;
};

// One phrase being spoken: mono samples at 24 kHz, in [-1, 1] but for rare peaks.
//
// The samples do not depend on how they are asked for, nor on other streams. Silence before the phrase is
// left out; of the silence after it a pause is kept that fits its end (about 50, 120 or 250 ms, see
// PhraseEnd, shorter with more speed).
//
// Owner:    one thread at a time; streams of one synthesiser may run on different threads.
// Memory:   about 8 KB for each symbol and 1.5 MB of buffers; all freed with the stream, at any time.
// Lifetime: must not outlive its synthesiser.
class SynthesisStream {
 public:
  static constexpr int kSampleRate = 24000;
  static constexpr int kHopSamples = 300;  // 12.5 ms: what a chunk's size is counted in

  virtual ~SynthesisStream() = default;

  // The next hops * kHopSamples samples; fewer only at the end of the phrase. A small first chunk (2 to 8)
  // starts sounding soonest; later ones are cheapest as multiples of 6, from 12. Each step takes at most
  // about 32 hops' work. The stream must outlive the result; if the result is dropped before it is done, all
  // that the stream may still be used for is its destruction. REQUIRES: hops > 0, and the last result is
  // done.
  virtual Stepped<std::vector<float>> next(int hops) = 0;

  // All samples have been given out.
  virtual bool finished() const = 0;
  // How many samples the stream gives out in all; known when the end was reached, at the latest with
  // finished().
  virtual std::optional<std::int64_t> samples_total() const = 0;
  // In the words' order, rising; empty before the first next() is done. The last word's end is too late by up
  // to 0.4 s until samples_total() is known. Valid until the next call of next().
  virtual std::span<const WordTime> words() const = 0;
  // Symbols that the voice does not know; they were left out.
  virtual int unknown_symbols() const = 0;
};

enum class SynthesisRefusal {
  kNone,
  kNothingToSay,     // no symbol that makes a sound: nothing to play, and no error of the caller
  kTooLong,          // more than kSymbolsMax known symbols: the caller splits the phrase
  kSpeedOutOfRange,  // also when it is not a number
};

struct SynthesisStart {
  std::unique_ptr<SynthesisStream> stream;  // null if refused
  SynthesisRefusal refusal = SynthesisRefusal::kNone;
};

// One voice.
//
// Owner: any thread; begin() only reads.
class SpeechSynthesizer {
 public:
  static constexpr int kSymbolsMax = 510;
  static constexpr float kSpeedMin = 0.25f;
  static constexpr float kSpeedMax = 4.0f;

  virtual ~SpeechSynthesizer() = default;

  // Cheap: the work is in the stream's steps. The phrase is not kept.
  [[nodiscard]] virtual SynthesisStart begin(const text::PhonemePhrase& phrase,
                                             const SynthesisOptions& options) const = 0;
  // Speaks a phrase to nobody, so that the first caller does not pay for page faults and lazy set-up.
  virtual void warm_up() const = 0;
};

}  // namespace antiphon::models

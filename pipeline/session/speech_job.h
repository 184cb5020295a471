#pragma once

#include <memory>
#include <string>
#include <vector>

#include "models/speech_synthesizer.h"
#include "models/stepped.h"
#include "models/text/phoneme_phrase.h"
#include "models/text/pronunciation.h"

namespace antiphon::pipeline {

// One phrase of a reply on its way to sound. It travels: to a compute lane for the next samples, and back to
// the session with them.
struct SpeechJob {
  std::string text;  // plain spoken text
  models::SynthesisOptions options;

  // Filled by the first speak_some().
  models::text::PhonemePhrase phrase;
  std::unique_ptr<models::SynthesisStream> stream;  // null: not begun, or nothing of it can be spoken

  // What the last speak_some() made.
  std::vector<float> samples;           // 24 kHz; the session empties it
  std::vector<models::WordTime> times;  // of all words of the phrase as known now
  bool begun = false;
  bool too_long = false;  // for the voice; nothing of it was spoken
  bool finished = false;
};

// The phrase's next hops * SynthesisStream::kHopSamples samples; the first call also pronounces it. A phrase
// that can't be spoken (no sound in it, too long for the voice) comes back finished and silent.
// All references outlive the coroutine.
models::Stepped<std::unique_ptr<SpeechJob>> speak_some(const models::text::Pronunciation& pronouncer,
                                                       const models::SpeechSynthesizer& synthesizer,
                                                       std::unique_ptr<SpeechJob> job, int hops);

}  // namespace antiphon::pipeline

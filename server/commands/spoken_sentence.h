#pragma once

#include <chrono>
#include <string_view>
#include <vector>

#include "models/speech_synthesizer.h"
#include "models/text/pronouncer.h"

namespace antiphon::server {

struct SpokenSentence {
  std::vector<float> samples;  // mono, models::SynthesisStream::kSampleRate
  std::chrono::microseconds first_sound{};
  std::chrono::microseconds total{};
};

// Speaks plain text of one phrase. Throws std::runtime_error if there is nothing to say or it is too long.
SpokenSentence speak(const models::text::Pronouncer& pronouncer, const models::SpeechSynthesizer& voice,
                     std::string_view text);

}  // namespace antiphon::server

// What the user of a spoken benchmark says.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "models/speech_synthesizer.h"
#include "models/text/pronunciation.h"

namespace antiphon::bench {

struct Utterance {
  std::string name;
  std::vector<float> samples;  // 24 kHz
  double begin_ms = 0;         // of the speech in it, as its level shows
  double end_ms = 0;
};

// The speech of a recording by its level: from the first to the last 10 ms that are at most 35 dB below the
// loudest. Nothing is cut away.
Utterance utterance_of(std::string name, std::vector<float> samples_24k);

// The WAV and FLAC files (16 kHz, mono) among the paths, and those in them that are folders, by name.
// Throws std::runtime_error if one can't be read or there is none.
std::vector<Utterance> recorded_utterances(const std::vector<std::filesystem::path>& paths);

// A dozen questions and remarks of one or two sentences, in our own voice.
std::vector<Utterance> synthesised_utterances(const models::text::Pronunciation& pronouncer,
                                              const models::SpeechSynthesizer& synthesizer);

}  // namespace antiphon::bench

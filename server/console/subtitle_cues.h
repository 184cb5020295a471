#pragma once

#include <span>
#include <string>
#include <vector>

#include "models/speech_recognizer.h"

namespace antiphon::server {

// What stands on the screen at once.
struct SubtitleCue {
  double begin_seconds = 0;
  double end_seconds = 0;
  std::string text;  // one or two lines
};

struct SubtitleLimits {
  std::size_t line_columns_max = 42;
  double seconds_max = 6.0;
  double pause_seconds = 0.6;  // a longer one between two words ends a cue
};

// Parts words with times into cues that can be read in time: at the ends of sentences, at pauses, and before
// more than two lines or seconds_max. The words are in order; each is in one cue, and no two cues overlap.
// Pure.
std::vector<SubtitleCue> subtitle_cues(std::span<const models::TranscribedWord> words,
                                       const SubtitleLimits& limits = {});

// A cue for each word.
std::vector<SubtitleCue> word_cues(std::span<const models::TranscribedWord> words);

}  // namespace antiphon::server

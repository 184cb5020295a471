#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/speech_synthesizer.h"

namespace antiphon::pipeline {

// One word of a transcript, and when it is heard.
struct SpokenWord {
  std::size_t text_begin = 0;  // byte offsets into the transcript
  std::size_t text_end = 0;
  std::int64_t begin_sample = 0;  // at 24 kHz, from the first sample of the audio
  std::int64_t end_sample = 0;

  bool operator==(const SpokenWord&) const = default;
};

// What was heard of `transcript` when the audio stopped after `samples_heard` samples: up to the last word
// that ended by then, with the punctuation that is attached to it; nothing when no word was. `words` rise in
// text and in time and lie within the transcript. The result points into `transcript`.
std::string_view heard_text(std::string_view transcript, std::span<const SpokenWord> words,
                            std::int64_t samples_heard);

// The transcript of one response as it is spoken, phrase after phrase, with the times of its words.
//
// Owner:  one session; not thread-safe.
// Memory: grows with the response's text.
class SpokenTranscript {
 public:
  // A phrase whose first sample is sample `begin_sample` of the response. `text` is appended as it is, so it
  // brings the white space that separates it. `words` are those of the phrase; their offsets count from
  // `text`. REQUIRES: words that rise and lie within `text`; begin_sample does not go back.
  void begin_phrase(std::string_view text, std::span<const models::text::PhonemeWord> words,
                    std::int64_t begin_sample);

  // The newest times of the phrase begun last, as its SynthesisStream knows them; they replace earlier ones.
  // A word without a time counts as heard with the next one that has a time. REQUIRES: a phrase was begun,
  // and each index is one of its words'.
  void set_times(std::span<const models::WordTime> times);

  const std::string& text() const { return text_; }
  std::span<const SpokenWord> words() const { return words_; }  // those with a time, in order
  std::string_view heard(std::int64_t samples_heard) const;

  void clear();

 private:
  struct TextRange {
    std::size_t begin;
    std::size_t end;
  };
  std::string text_;
  std::vector<SpokenWord> words_;
  std::vector<TextRange> phrase_words_;  // of the phrase begun last, in text_
  std::size_t phrase_first_word_ = 0;    // its first index in words_
  std::int64_t phrase_begin_sample_ = 0;
};

}  // namespace antiphon::pipeline

#include "pipeline/heard_words.h"

#include <cassert>

namespace antiphon::pipeline {
namespace {

bool is_white_space(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

}  // namespace

std::string_view heard_text(std::string_view transcript, std::span<const SpokenWord> words,
                            std::int64_t samples_heard) {
  std::size_t heard = 0;
  while (heard < words.size() && words[heard].end_sample <= samples_heard) ++heard;
  if (heard == 0) return transcript.substr(0, 0);
  const std::size_t limit = heard < words.size() ? words[heard].text_begin : transcript.size();
  std::size_t cut = words[heard - 1].text_end;
  while (cut < limit && !is_white_space(transcript[cut])) ++cut;
  return transcript.substr(0, cut);
}

void SpokenTranscript::begin_phrase(std::string_view text, std::span<const models::text::PhonemeWord> words,
                                    std::int64_t begin_sample) {
  assert(begin_sample >= phrase_begin_sample_);
  phrase_begin_sample_ = begin_sample;
  phrase_first_word_ = words_.size();
  phrase_words_.clear();
  for (const models::text::PhonemeWord& word : words) {
    assert(word.text_begin <= word.text_end && word.text_end <= text.size());
    phrase_words_.push_back({text_.size() + word.text_begin, text_.size() + word.text_end});
  }
  text_ += text;
}

void SpokenTranscript::set_times(std::span<const models::WordTime> times) {
  words_.resize(phrase_first_word_);
  for (const models::WordTime& time : times) {
    assert(time.word < phrase_words_.size());
    const TextRange& range = phrase_words_[time.word];
    words_.push_back({range.begin, range.end, phrase_begin_sample_ + time.begin_sample,
                      phrase_begin_sample_ + time.end_sample});
  }
}

std::string_view SpokenTranscript::heard(std::int64_t samples_heard) const {
  return heard_text(text_, words_, samples_heard);
}

void SpokenTranscript::clear() {
  text_.clear();
  words_.clear();
  phrase_words_.clear();
  phrase_first_word_ = 0;
  phrase_begin_sample_ = 0;
}

}  // namespace antiphon::pipeline

#include <algorithm>

#include "models/stand_ins/speaking.h"
#include "models/stand_ins/spoken_code.h"

namespace antiphon::models::stand_ins {

text::PhonemePhrase CodePronunciation::pronounce(std::string_view text) const {
  text::PhonemePhrase phrase;
  for (std::size_t at = 0; at + 4 <= text.size();) {
    const std::vector<Word> words = words_in(text.substr(at, 4));
    if (words.empty()) {
      ++at;
      continue;
    }
    const std::size_t begin = phrase.symbols.size();
    phrase.symbols += static_cast<char32_t>(U'a' + words[0].session);
    phrase.symbols += static_cast<char32_t>(U'a' + words[0].number);
    phrase.words.push_back({std::string(text.substr(at, 4)), at, at + 4, begin, begin + 2});
    at += 4;
  }
  return phrase;
}

namespace {

constexpr int kHopsPerStep = 12;

class CodeStream final : public SynthesisStream {
 public:
  CodeStream(const text::PhonemePhrase& phrase, const StepTimes& times) : times_(times) {
    for (std::size_t word = 0; word < phrase.words.size(); ++word) {
      const char32_t* symbols = &phrase.symbols[phrase.words[word].symbol_begin];
      const auto begin = std::ssize(samples_);
      append_sound({static_cast<int>(symbols[0] - U'a'), static_cast<int>(symbols[1] - U'a')}, kSampleRate,
                   &samples_);
      all_words_.push_back({word, begin, std::ssize(samples_)});
    }
    samples_.insert(samples_.end(), kSampleRate / 20, 0.0F);  // the pause at the end
  }

  Stepped<std::vector<float>> next(int hops) override {
    for (int step = 0; step < hops / kHopsPerStep; ++step) {
      times_.pass(times_.synthesis);
      co_await kNextStep;
    }
    if (hops < kHopsPerStep) times_.pass(times_.synthesis);
    const std::size_t size = std::min(static_cast<std::size_t>(hops * kHopSamples), samples_.size() - given_);
    std::vector<float> piece(samples_.begin() + static_cast<std::ptrdiff_t>(given_),
                             samples_.begin() + static_cast<std::ptrdiff_t>(given_ + size));
    given_ += size;
    known_words_ = all_words_.size();
    co_return piece;
  }
  bool finished() const override { return given_ == samples_.size(); }
  std::optional<std::int64_t> samples_total() const override { return std::ssize(samples_); }
  std::span<const WordTime> words() const override { return std::span(all_words_).first(known_words_); }
  int unknown_symbols() const override { return 0; }

 private:
  const StepTimes times_;
  std::vector<float> samples_;
  std::vector<WordTime> all_words_;
  std::size_t known_words_ = 0;
  std::size_t given_ = 0;
};

}  // namespace

SynthesisStart CodeSynthesizer::begin(const text::PhonemePhrase& phrase, const SynthesisOptions&) const {
  if (phrase.words.empty()) return {nullptr, SynthesisRefusal::kNothingToSay};
  return {std::make_unique<CodeStream>(phrase, times_), SynthesisRefusal::kNone};
}

}  // namespace antiphon::models::stand_ins

// Words as sound, so that stand-ins for the networks can hear what was said: a word has two digits, each a
// level of its own for 120 ms, the first positive, the second negative.
//
//   +.35 +.35 ... -.75 -.75 ...      the word of session 2, number 6
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace antiphon::models::stand_ins {

// A word that only one session's user says: "goko".
struct Word {
  static constexpr int kDigits = 8;
  int session = 0;  // below kDigits, as `number`
  int number = 0;

  bool operator==(const Word&) const = default;
};

std::string text_of(const Word& word);
std::string text_of(std::span<const Word> words);  // with spaces between
// The words in `text`, whatever is between them.
std::vector<Word> words_in(std::string_view text);

inline constexpr int kWordMilliseconds = 240;
void append_sound(const Word& word, int rate_hz, std::vector<float>* samples);

struct HeardWord {
  Word word;
  std::int64_t begin_sample = 0;
  std::int64_t end_sample = 0;
};
// The words in a sound, also those whose first or last part is missing by up to 60 ms.
std::vector<HeardWord> heard_in(std::span<const float> samples, int rate_hz);

}  // namespace antiphon::models::stand_ins

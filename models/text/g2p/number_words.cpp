#include "models/text/g2p/number_words.h"

#include <cassert>
#include <utility>

namespace antiphon::models::text {
namespace {

constexpr std::string_view kOnes[] = {"zero",    "one",     "two",       "three",    "four",
                                      "five",    "six",     "seven",     "eight",    "nine",
                                      "ten",     "eleven",  "twelve",    "thirteen", "fourteen",
                                      "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"};
constexpr std::string_view kTens[] = {"",      "",      "twenty",  "thirty", "forty",
                                      "fifty", "sixty", "seventy", "eighty", "ninety"};
constexpr std::string_view kScales[] = {"", "thousand", "million", "billion", "trillion", "quadrillion"};
constexpr std::pair<std::string_view, std::string_view> kIrregularOrdinals[] = {
    {"one", "first"},    {"two", "second"}, {"three", "third"},   {"five", "fifth"},
    {"eight", "eighth"}, {"nine", "ninth"}, {"twelve", "twelfth"}};

void append_word(std::string& words, std::string_view word) {
  if (!words.empty()) words += ' ';
  words += word;
}

void append_below_thousand(std::string& words, std::uint64_t number) {
  if (number >= 100) {
    append_word(words, kOnes[number / 100]);
    append_word(words, "hundred");
    number %= 100;
    if (number == 0) return;
  }
  if (number < 20) {
    append_word(words, kOnes[number]);
    return;
  }
  append_word(words, kTens[number / 10]);
  if (number % 10 != 0) {
    words += '-';
    words += kOnes[number % 10];
  }
}

std::string ordinal_of(std::string_view word) {
  for (const auto& [cardinal, ordinal] : kIrregularOrdinals) {
    if (word == cardinal) return std::string(ordinal);
  }
  if (word.ends_with('y')) return std::string(word.substr(0, word.size() - 1)) + "ieth";
  return std::string(word) + "th";
}

}  // namespace

std::string cardinal_words(std::uint64_t number) {
  assert(number <= kNumberMax);
  std::string words;
  std::uint64_t unit = 1'000'000'000'000'000;
  for (std::size_t scale = std::size(kScales) - 1; scale > 0; --scale, unit /= 1000) {
    const std::uint64_t group = number / unit % 1000;
    if (group == 0) continue;
    append_below_thousand(words, group);
    append_word(words, kScales[scale]);
  }
  if (number % 1000 != 0 || number == 0) append_below_thousand(words, number % 1000);
  return words;
}

std::string ordinal_words(std::uint64_t number) {
  std::string words = cardinal_words(number);
  const std::size_t last = words.find_last_of(" -") + 1;  // npos + 1 == 0: a single word
  return words.substr(0, last) + ordinal_of(std::string_view(words).substr(last));
}

std::string year_words(std::uint64_t number) {
  const std::uint64_t century = number / 100;
  const std::uint64_t rest = number % 100;
  if (century == 0 || (century % 10 == 0 && rest < 10) || century >= 100) return cardinal_words(number);
  if (rest == 0) return cardinal_words(century) + " hundred";
  return cardinal_words(century) + (rest < 10 ? " oh-" : " ") + cardinal_words(rest);
}

std::string digit_words(std::string_view digits) {
  std::string words;
  for (const char c : digits) {
    if (c >= '0' && c <= '9') append_word(words, kOnes[static_cast<std::size_t>(c - '0')]);
  }
  return words;
}

}  // namespace antiphon::models::text

#include "tests/support/word_errors.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <functional>
#include <map>
#include <numeric>
#include <set>
#include <sstream>
#include <utility>

#include "models/text/g2p/pattern.h"

namespace antiphon::test {
namespace {

using Spellings = std::map<std::string, std::string, std::less<>>;

constexpr std::array kBelowTwenty = {"zero",    "one",     "two",       "three",    "four",
                                     "five",    "six",     "seven",     "eight",    "nine",
                                     "ten",     "eleven",  "twelve",    "thirteen", "fourteen",
                                     "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"};
constexpr std::array kTensNames = {"",      "",      "twenty",  "thirty", "forty",
                                   "fifty", "sixty", "seventy", "eighty", "ninety"};

std::string number(long long n) {
  const auto rest = [](long long value, const char* between) {
    return value == 0 ? std::string() : between + number(value);
  };
  if (n < 20) return kBelowTwenty[static_cast<std::size_t>(n)];
  if (n < 100) return kTensNames[static_cast<std::size_t>(n / 10)] + rest(n % 10, " ");
  if (n < 1000) return number(n / 100) + " hundred" + rest(n % 100, " ");
  for (const auto& [value, name] : {std::pair{1'000'000'000LL, " billion"}, {1'000'000LL, " million"}}) {
    if (n >= value) return number(n / value) + name + rest(n % value, " ");
  }
  return number(n / 1000) + " thousand" + rest(n % 1000, " ");
}

std::string year(long long n) {
  if (n < 1100 || n > 1999 || n % 100 == 0) return number(n);
  return number(n / 100) + (n % 100 < 10 ? " o " : " ") + number(n % 100);
}

std::string ordinal(long long n) {
  static const Spellings kIrregular = {{"one", "first"},     {"two", "second"},   {"three", "third"},
                                       {"five", "fifth"},    {"eight", "eighth"}, {"nine", "ninth"},
                                       {"twelve", "twelfth"}};
  std::string words = number(n);
  const std::size_t begin = words.rfind(' ') + 1;  // 0 if there is none
  const std::string last = words.substr(begin);
  words.resize(begin);
  if (const auto found = kIrregular.find(last); found != kIrregular.end()) return words + found->second;
  if (last.ends_with('y')) return words + last.substr(0, last.size() - 1) + "ieth";
  return words + last + "th";
}

using models::text::Pattern;
using models::text::PatternMatch;

std::string replace_each(const std::string& text, const char* pattern,
                         const std::function<std::string(const PatternMatch&)>& by) {
  const Pattern compiled(pattern);
  std::string result;
  std::size_t from = 0;
  for (PatternMatch match; compiled.find(text, from, match); from = match.end()) {
    result.append(text, from, match.begin() - from).append(by(match));
  }
  return result.append(text, from);
}

// `by` may begin with $1, the match's first group.
std::string replace(const std::string& text, const char* pattern, std::string_view by) {
  const bool keeps = by.starts_with("$1");
  return replace_each(text, pattern, [&](const PatternMatch& match) {
    return keeps ? std::string(match.group(1)).append(by.substr(2)) : std::string(by);
  });
}

// Replaces each match by read(the number in its first group).
std::string replace_numbers(const std::string& text, const char* pattern,
                            const std::function<std::string(long long)>& read) {
  return replace_each(text, pattern, [&](const PatternMatch& match) {
    return read(std::stoll(std::string(match.group(1))));
  });
}

std::string in_digits_spelled(std::string text) {
  text = replace(text, R"((\d),(?=\d{3}))", "$1");
  text = replace(text, R"(\$(\d+))", "$1 dollars");
  text = replace(replace(text, "%", " percent"), "&", " and ");
  text = replace_numbers(text, R"(\b(\d{1,12})(?:st|nd|rd|th)\b)", ordinal);
  text = replace_numbers(text, R"(\b(\d{4})\b)", year);
  return replace_numbers(text, R"((\d{1,12}))", [](long long n) { return " " + number(n) + " "; });
}

std::string in_full_forms(std::string text) {
  text = replace(replace(text, R"(\bwon't\b)", "will not"), R"(\bcan't\b)", "can not");
  text = replace(replace(text, R"(([a-z])n't\b)", "$1 not"), R"(([a-z])'re\b)", "$1 are");
  text = replace(replace(text, R"(([a-z])'ve\b)", "$1 have"), R"(([a-z])'ll\b)", "$1 will");
  text = replace(text, R"(([a-z])'m\b)", "$1 am");
  return replace(text, R"(\b(it|he|she|that|there|what|who|let)'s\b)", "$1 is");
}

const Spellings& variants() {
  static const Spellings kVariants = {{"mr", "mister"},
                                      {"mrs", "missus"},
                                      {"dr", "doctor"},
                                      {"st", "saint"},
                                      {"ok", "okay"},
                                      {"grey", "gray"},
                                      {"colour", "color"},
                                      {"honour", "honor"},
                                      {"favour", "favor"},
                                      {"centre", "center"},
                                      {"theatre", "theater"},
                                      {"programme", "program"},
                                      {"neighbour", "neighbor"},
                                      {"labour", "labor"},
                                      {"parlour", "parlor"},
                                      {"behaviour", "behavior"},
                                      {"rumour", "rumor"},
                                      {"towards", "toward"},
                                      {"etc", "et cetera"},
                                      {"splendour", "splendor"},
                                      {"gonna", "going to"},
                                      {"wanna", "want to"},
                                      {"gotta", "got to"},
                                      {"cannot", "can not"}};
  return kVariants;
}

}  // namespace

std::vector<std::string> normalised_words(std::string_view given) {
  static const std::set<std::string, std::less<>> kFillers = {"uh", "um", "hmm", "mm", "mhm", "ah", "oh"};
  std::string text = replace(std::string(given), "\u2019|\u2018", "'");
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
  text = in_digits_spelled(replace(text, R"([\[(<][^\])>]*[\])>])", " "));
  text = in_full_forms(replace(text, "[^a-z' ]", " "));
  std::istringstream tokens(text);
  std::vector<std::string> words;
  for (std::string token; tokens >> token;) {
    if (const auto found = variants().find(token); found != variants().end()) token = found->second;
    std::erase(token, '\'');
    if (kFillers.contains(token)) continue;
    std::istringstream parts(token);
    for (std::string part; parts >> part;) words.push_back(part);
  }
  return words;
}

WordErrors word_errors(std::string_view reference, std::string_view heard) {
  const std::vector<std::string> wanted = normalised_words(reference), got = normalised_words(heard);
  std::vector<int> costs(got.size() + 1);  // of the cheapest alignment with the first words of `got`
  std::iota(costs.begin(), costs.end(), 0);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    int diagonal = std::exchange(costs[0], static_cast<int>(i) + 1);
    for (std::size_t j = 0; j < got.size(); ++j) {
      const int substituted = diagonal + (wanted[i] == got[j] ? 0 : 1);
      diagonal = costs[j + 1];
      costs[j + 1] = std::min({costs[j + 1] + 1, costs[j] + 1, substituted});
    }
  }
  return {costs.back(), static_cast<int>(wanted.size())};
}

}  // namespace antiphon::test

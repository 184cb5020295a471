#include "models/stand_ins/spoken_code.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <optional>

namespace antiphon::models::stand_ins {
namespace {

constexpr std::array<std::string_view, Word::kDigits> kFirst = {"ba", "de", "fi", "go",
                                                                "ku", "la", "me", "ni"};
constexpr std::array<std::string_view, Word::kDigits> kSecond = {"ta", "re", "si", "vo",
                                                                 "zu", "pa", "ko", "ju"};
constexpr float kLevelMin = 0.15F;
constexpr float kLevelStep = 0.1F;
constexpr float kQuiet = 0.08F;
constexpr int kDigitMilliseconds = kWordMilliseconds / 2;
constexpr int kDigitMillisecondsMin = 60;

// A stretch of one sign.
struct Run {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  bool positive = false;
};

int sign_of(float sample) {
  if (std::fabs(sample) < kQuiet) return 0;
  return sample > 0 ? 1 : -1;
}

std::vector<Run> runs_of(std::span<const float> samples) {
  std::vector<Run> runs;
  int sign = 0;
  for (std::int64_t at = 0; at < std::ssize(samples); ++at) {
    const int next = sign_of(samples[static_cast<std::size_t>(at)]);
    if (next != sign && next != 0) runs.push_back({at, at, next > 0});
    sign = next;
    if (sign != 0) runs.back().end = at + 1;
  }
  return runs;
}

std::optional<int> digit_of(const Run& run, std::span<const float> samples, int rate_hz) {
  const std::int64_t length_min = std::int64_t{kDigitMillisecondsMin} * rate_hz / 1000;
  if (run.end - run.begin < length_min) return std::nullopt;
  const float level = std::fabs(samples[static_cast<std::size_t>((run.begin + run.end) / 2)]);
  const auto digit = static_cast<int>(std::lround((level - kLevelMin) / kLevelStep));
  if (digit < 0 || digit >= Word::kDigits) return std::nullopt;
  return digit;
}

}  // namespace

std::string text_of(const Word& word) {
  return std::string(kFirst[static_cast<std::size_t>(word.session)]) +
         std::string(kSecond[static_cast<std::size_t>(word.number)]);
}

std::string text_of(std::span<const Word> words) {
  std::string text;
  for (const Word& word : words) text += (text.empty() ? "" : " ") + text_of(word);
  return text;
}

std::vector<Word> words_in(std::string_view text) {
  std::vector<Word> words;
  for (std::size_t at = 0; at + 4 <= text.size();) {
    const auto first = std::ranges::find(kFirst, text.substr(at, 2));
    const auto second = std::ranges::find(kSecond, text.substr(at + 2, 2));
    if (first == kFirst.end() || second == kSecond.end()) {
      ++at;
      continue;
    }
    words.push_back({static_cast<int>(first - kFirst.begin()), static_cast<int>(second - kSecond.begin())});
    at += 4;
  }
  return words;
}

void append_sound(const Word& word, int rate_hz, std::vector<float>* samples) {
  const auto length = static_cast<std::size_t>(kDigitMilliseconds * rate_hz / 1000);
  samples->insert(samples->end(), length, kLevelMin + kLevelStep * static_cast<float>(word.session));
  samples->insert(samples->end(), length, -kLevelMin - kLevelStep * static_cast<float>(word.number));
}

std::vector<HeardWord> heard_in(std::span<const float> samples, int rate_hz) {
  const std::vector<Run> runs = runs_of(samples);
  const std::int64_t gap_max = rate_hz / 100;  // 10 ms
  std::vector<HeardWord> words;
  for (std::size_t i = 0; i + 1 < runs.size(); ++i) {
    const Run& first = runs[i];
    const Run& second = runs[i + 1];
    if (!first.positive || second.positive || second.begin - first.end > gap_max) continue;
    const auto session = digit_of(first, samples, rate_hz);
    const auto number = digit_of(second, samples, rate_hz);
    if (session && number) words.push_back({{*session, *number}, first.begin, second.end});
  }
  return words;
}

}  // namespace antiphon::models::stand_ins

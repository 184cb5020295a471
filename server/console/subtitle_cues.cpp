#include "server/console/subtitle_cues.h"

#include <algorithm>
#include <string_view>

namespace antiphon::server {
namespace {

constexpr double kCueSecondsMin = 0.1;  // a word whose times fall together can still be seen

// In characters, not in bytes.
std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

bool ends_sentence(std::string_view word) {
  return word.ends_with('.') || word.ends_with('?') || word.ends_with('!');
}

// The words in one or two lines, of lengths as equal as can be.
std::string lines_of(std::span<const models::TranscribedWord> words, std::size_t line_columns_max) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : " ") + word.text;
  if (columns(text) <= line_columns_max) return text;
  std::size_t best = std::string::npos;
  const auto longer_line = [&](std::size_t at) {
    const std::size_t first = columns(std::string_view(text).substr(0, at));
    return std::max(first, columns(text) - first - 1);
  };
  for (std::size_t at = text.find(' '); at != std::string::npos; at = text.find(' ', at + 1)) {
    if (best == std::string::npos || longer_line(at) < longer_line(best)) best = at;
  }
  if (best != std::string::npos) text[best] = '\n';
  return text;
}

bool fits(std::span<const models::TranscribedWord> words, const SubtitleLimits& limits) {
  if (words.size() == 1) return true;
  const std::string text = lines_of(words, limits.line_columns_max);
  const std::size_t cut = std::min(text.find('\n'), text.size());
  const std::string_view second = std::string_view(text).substr(std::min(cut + 1, text.size()));
  return columns(std::string_view(text).substr(0, cut)) <= limits.line_columns_max &&
         columns(second) <= limits.line_columns_max &&
         words.back().end_seconds - words.front().start_seconds <= limits.seconds_max;
}

SubtitleCue cue_of(std::span<const models::TranscribedWord> words, std::size_t line_columns_max) {
  const double begin = words.front().start_seconds;
  return {begin, std::max(words.back().end_seconds, begin + kCueSecondsMin),
          lines_of(words, line_columns_max)};
}

// Neighbouring words may overlap by a little, cues may not.
void part(std::vector<SubtitleCue>* cues) {
  for (std::size_t i = 1; i < cues->size(); ++i) {
    SubtitleCue& before = (*cues)[i - 1];
    before.end_seconds = std::min(before.end_seconds, (*cues)[i].begin_seconds);
  }
}

}  // namespace

std::vector<SubtitleCue> subtitle_cues(std::span<const models::TranscribedWord> words,
                                       const SubtitleLimits& limits) {
  std::vector<SubtitleCue> cues;
  while (!words.empty()) {
    std::size_t count = 1;
    while (count < words.size() && !ends_sentence(words[count - 1].text) &&
           words[count].start_seconds - words[count - 1].end_seconds <= limits.pause_seconds &&
           fits(words.first(count + 1), limits)) {
      ++count;
    }
    cues.push_back(cue_of(words.first(count), limits.line_columns_max));
    words = words.subspan(count);
  }
  part(&cues);
  return cues;
}

std::vector<SubtitleCue> word_cues(std::span<const models::TranscribedWord> words) {
  std::vector<SubtitleCue> cues;
  for (std::size_t i = 0; i < words.size(); ++i)
    cues.push_back(cue_of(words.subspan(i, 1), words[i].text.size()));
  part(&cues);
  return cues;
}

}  // namespace antiphon::server

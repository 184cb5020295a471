// Times of day and dates written with digits only.
#include <string>

#include "models/text/g2p/normaliser.h"
#include "models/text/g2p/number_words.h"

namespace antiphon::models::text {
namespace {

using Reading = std::optional<std::string>;

// Dotted, so that the letters are spelled. A sentence's period behind is found again by
// close_abbreviations().
std::string halves_of_day(std::string_view letter) {
  return std::string(letter == "p" || letter == "P" ? " P.M." : " A.M.");
}

// "2:45 pm" -> "two forty-five P.M."
Reading time_of_day(const PatternMatch& m) {
  const std::uint64_t hour = *number_value(m.group(1));
  const std::uint64_t minute = *number_value(m.group(2));
  const std::optional<std::uint64_t> second = number_value(m.group(3));
  if (hour > 24 || minute > 59 || second.value_or(0) > 59) return std::nullopt;
  std::string words = cardinal_words(hour);
  if (minute == 0) {
    if (!m.has(4) && !second) words += hour > 12 || hour == 0 ? " hundred hours" : " o'clock";
  } else {
    words += (minute < 10 ? " oh " : " ") + cardinal_words(minute);
  }
  if (second) words += " and " + cardinal_words(*second) + (*second == 1 ? " second" : " seconds");
  return m.has(4) ? words + halves_of_day(m.group(4)) : words;
}

Reading hour_of_day(const PatternMatch& m) {
  const std::optional<std::uint64_t> hour = number_value(m.group(1));
  if (!hour || *hour == 0 || *hour > 12) return std::nullopt;
  return cardinal_words(*hour) + halves_of_day(m.group(2));
}

Reading date(const NormaliseTables& tables, std::uint64_t month, std::uint64_t day, std::string_view year) {
  if (month < 1 || month > 12 || day < 1 || day > 31) return std::nullopt;
  std::string words = tables.months[month - 1].second + " " + ordinal_words(day);
  if (!year.empty()) words += ", " + std::string(year);
  return words;
}

// Month first, unless the first number cannot be a month.
Reading slashed_date(const NormaliseTables& tables, const PatternMatch& m) {
  const std::uint64_t first = *number_value(m.group(1));
  const std::uint64_t second = *number_value(m.group(2));
  std::string year(m.group(3));
  if (year.size() == 2) year = (*number_value(year) > 30 ? "19" : "20") + year;
  return first <= 12 ? date(tables, first, second, year) : date(tables, second, first, year);
}

}  // namespace

void append_clock_rules(std::vector<RewriteRule>& rules, const NormaliseTables& tables) {
  const std::string half = R"(\s?[AaPp]\.?[Mm]\.?(?![A-Za-z]))";
  // "10:30-11:45", "9am-5pm": a span of time.
  rules.push_back({Pattern(R"(\b\d{1,2}(?::\d{2}(?:)" + half + R"()?|)" + half +
                           R"()\K\s?[-–]\s?(?=\d{1,2}(?::\d{2}|)" + half + R"()))"),
                   [](const PatternMatch&) -> Reading { return " to "; }, "-"});
  rules.push_back({Pattern(R"(\b\d{1,2}\K\s?[-–]\s?(?=\d{1,2}(?::\d{2})?)" + half + ")"),
                   [](const PatternMatch&) -> Reading { return " to "; }, "-"});
  rules.push_back(
      {Pattern(
           R"((?<![:\d.])\b(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\s?([AaPp])\.?[Mm]\.?(?![A-Za-z]))?(?![:\d]))"),
       time_of_day, ":"});
  rules.push_back({Pattern(R"((?<![\w.,:$])(\d{1,2})\s?([AaPp])(?:\.\s?[Mm]\b\.?|[Mm]\b\.?)(?![A-Za-z]))"),
                   hour_of_day, "aApP"});
  rules.push_back({Pattern(R"(\b(\d{4})-(\d{2})-(\d{2})\b)"),
                   [tables](const PatternMatch& m) {
                     return date(tables, *number_value(m.group(2)), *number_value(m.group(3)), m.group(1));
                   },
                   "-"});
  rules.push_back({Pattern(R"(\b(\d{4})/(\d{1,2})/(\d{1,2})\b)"),
                   [tables](const PatternMatch& m) {
                     return date(tables, *number_value(m.group(2)), *number_value(m.group(3)), m.group(1));
                   },
                   "/"});
  rules.push_back({Pattern(R"(\b(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})\b)"),
                   [tables](const PatternMatch& m) { return slashed_date(tables, m); }, "/"});
}

}  // namespace antiphon::models::text

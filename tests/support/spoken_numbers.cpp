#include "tests/support/spoken_numbers.h"

#include <algorithm>
#include <array>
#include <optional>

namespace antiphon::test {
namespace {

constexpr std::array<const char*, 20> kOnes = {"zero",    "one",     "two",       "three",    "four",
                                               "five",    "six",     "seven",     "eight",    "nine",
                                               "ten",     "eleven",  "twelve",    "thirteen", "fourteen",
                                               "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"};
constexpr std::array<const char*, 10> kTens = {"",      "",      "twenty",  "thirty", "forty",
                                               "fifty", "sixty", "seventy", "eighty", "ninety"};

void add(Words* words, const Words& more) {
  words->insert(words->end(), more.begin(), more.end());
}

Words joined(Words first, const Words& second) {
  add(&first, second);
  return first;
}

bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::string without(std::string_view text, char sign) {
  std::string rest(text);
  std::erase(rest, sign);
  return rest;
}

Words cardinal(long n, const Words& behind_hundred = {}) {
  if (n < 20) return {kOnes[static_cast<std::size_t>(n)]};
  Words words;
  const auto part = [&](long unit, const char* name, const Words& link) {
    if (n < unit) return;
    words = joined(cardinal(n / unit, behind_hundred), {name});
    if (n % unit > 0) add(&words, joined(link, cardinal(n % unit, behind_hundred)));
    n = 0;
  };
  part(1'000'000'000, "billion", {});
  part(1'000'000, "million", {});
  part(1000, "thousand", n % 1000 < 100 ? behind_hundred : Words());
  part(100, "hundred", behind_hundred);
  if (n == 0) return words;
  words = {kTens[static_cast<std::size_t>(n / 10)]};
  if (n % 10 > 0) words.emplace_back(kOnes[static_cast<std::size_t>(n % 10)]);
  return words;
}

Words digit_words(std::string_view digits, const char* zero) {
  Words words;
  for (const char c : digits) {
    if (c >= '0' && c <= '9') words.emplace_back(c == '0' ? zero : kOnes[static_cast<std::size_t>(c - '0')]);
  }
  return words;
}

// The last word as an ordinal or a decade.
Words with_ending(Words words, bool ordinal) {
  static constexpr std::array<std::array<const char*, 2>, 7> kIrregular = {{{"one", "first"},
                                                                            {"two", "second"},
                                                                            {"three", "third"},
                                                                            {"five", "fifth"},
                                                                            {"eight", "eighth"},
                                                                            {"nine", "ninth"},
                                                                            {"twelve", "twelfth"}}};
  std::string& last = words.back();
  const bool y = last.ends_with('y');
  if (!ordinal) {
    last = y ? last.substr(0, last.size() - 1) + "ies" : last + "s";
    return words;
  }
  for (const auto& [plain, irregular] : kIrregular) {
    if (last == plain) {
      last = irregular;
      return words;
    }
  }
  last = y ? last.substr(0, last.size() - 1) + "ieth" : last + "th";
  return words;
}

// Two digits as in "nineteen oh six".
Words pair(long n) {
  return n < 10 ? Words{"oh", kOnes[static_cast<std::size_t>(n)]} : cardinal(n);
}

Readings whole_readings(std::string_view digits) {
  if (digits.size() > 12) return {digit_words(digits, "zero"), digit_words(digits, "oh")};
  const long n = std::stol(std::string(digits));
  Readings readings = {cardinal(n), cardinal(n, {"and"})};
  if (digits.size() == 3 && n % 100 > 0) readings.push_back(joined(cardinal(n / 100), pair(n % 100)));
  if (digits.size() == 4) {
    readings.push_back(joined(cardinal(n / 100), n % 100 == 0 ? Words{"hundred"} : pair(n % 100)));
  }
  if (digits.size() > 2) {
    readings.push_back(digit_words(digits, "zero"));
    readings.push_back(digit_words(digits, "oh"));
  }
  return readings;
}

Readings plain_readings(const std::string& number) {
  const std::size_t point = number.find('.');
  if (point == std::string::npos) return is_digits(number) ? whole_readings(number) : Readings();
  const std::string part = number.substr(point + 1);
  if (!is_digits(number.substr(0, point)) || !is_digits(part)) return {};
  Readings readings;
  for (const Words& whole : whole_readings(number.substr(0, point))) {
    readings.push_back(joined(joined(whole, {"point"}), digit_words(part, "zero")));
  }
  return readings;
}

Readings money_readings(const std::string& amount, const std::string& unit, std::string_view scale) {
  const std::size_t point = amount.find('.');
  const std::string one = unit.substr(0, unit.ends_with('s') ? unit.size() - 1 : unit.size());
  Readings readings;
  const auto name = [&](const Words& count) { return count == Words{"one"} ? one : unit; };
  if (point == std::string::npos || !scale.empty()) {
    for (Words words : plain_readings(amount)) {
      if (!scale.empty()) words.emplace_back(scale);
      readings.push_back(joined(words, {name(words)}));
    }
    return readings;
  }
  const std::string part = amount.substr(point + 1);
  if (!is_digits(part) || part.size() > 2 || !is_digits(amount.substr(0, point))) return {};
  for (const Words& whole : whole_readings(amount.substr(0, point))) {
    const Words units = joined(whole, {name(whole)});
    const Words cents = cardinal(std::stol(part));
    if (cents == Words{"zero"}) readings.push_back(units);
    readings.push_back(joined(joined(units, {"and"}), joined(cents, {"cents"})));
    readings.push_back(joined(units, cents));
    readings.push_back(joined(whole, cents));
  }
  return readings;
}

Readings time_readings(std::string_view hour, std::string_view minute) {
  const Words hours = cardinal(std::stol(std::string(hour)));
  const long n = std::stol(std::string(minute));
  if (n == 0) return {hours, joined(hours, {"o'clock"}), joined(hours, {"hundred"})};
  return {joined(hours, pair(n))};
}

Readings fraction_readings(std::string_view over, std::string_view under) {
  const long n = std::stol(std::string(over));
  const long d = std::stol(std::string(under));
  const auto with = [&](const Words& part) {
    return joined(cardinal(n), n == 1 ? part : with_ending(part, false));
  };
  Readings readings = {joined(joined(cardinal(n), {"slash"}), cardinal(d)),
                       with(with_ending(cardinal(d), true))};
  if (d == 2) readings = {with({"half"}), {"half"}};
  if (d == 4) readings.push_back(with({"quarter"}));
  return readings;
}

std::optional<std::string> currency_of(std::string_view* word) {
  for (const auto& [sign, unit] : {std::pair{"$", "dollars"}, {"\u00a3", "pounds"}, {"\u20ac", "euros"}}) {
    if (!word->starts_with(sign)) continue;
    word->remove_prefix(std::string_view(sign).size());
    return unit;
  }
  return std::nullopt;
}

// "21st", "1990s".
Readings ending_readings(std::string_view word) {
  const std::size_t digits = std::min(word.find_first_not_of("0123456789"), word.size());
  const std::string_view ending = word.substr(digits);
  const bool ordinal = ending == "st" || ending == "nd" || ending == "rd" || ending == "th";
  if (digits == 0 || (!ordinal && ending != "s" && ending != "'s")) return {};
  Readings readings;
  for (Words& words : whole_readings(word.substr(0, digits))) {
    readings.push_back(with_ending(std::move(words), ordinal));
  }
  return readings;
}

}  // namespace

Words words_of(std::string_view text, std::string_view separators) {
  Words words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(separators), text.size());
    if (end > 0) words.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

Readings number_readings(std::string_view word, bool behind_month, std::string_view scale) {
  if (const auto unit = currency_of(&word)) return money_readings(without(word, ','), *unit, scale);
  if (word.starts_with('-')) {
    Readings readings = number_readings(word.substr(1), false, "");
    for (Words& words : readings) words.insert(words.begin(), "minus");
    return readings;
  }
  const std::string plain = without(word, ',');
  if (is_digits(without(plain, '.'))) {
    Readings readings = plain_readings(plain);
    if (behind_month && plain.size() < 3) readings.push_back(with_ending(cardinal(std::stol(plain)), true));
    return readings;
  }
  const auto in_two = [&](const char* separator) {
    Words parts = words_of(plain, separator);
    const bool fits = parts.size() == 2 && is_digits(parts[0]) && is_digits(parts[1]) &&
                      std::max(parts[0].size(), parts[1].size()) < 3;
    return fits ? parts : Words();
  };
  if (const Words time = in_two(":"); !time.empty()) return time_readings(time[0], time[1]);
  if (const Words fraction = in_two("/"); !fraction.empty())
    return fraction_readings(fraction[0], fraction[1]);
  if (is_digits(without(plain, '-'))) return {digit_words(plain, "oh"), digit_words(plain, "zero")};
  return ending_readings(plain);
}

}  // namespace antiphon::test

#include "tests/support/spoken_words.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <string>

namespace antiphon::test {
namespace {

bool is_letter(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

const Readings* abbreviation(const std::string& word) {
  static const std::map<std::string, Readings> table = {
      {"mr", {{"mister"}}},
      {"mrs", {{"missus"}}},
      {"dr", {{"doctor"}, {"drive"}}},
      {"st", {{"saint"}, {"street"}}},
      {"vs", {{"versus"}}},
      {"etc", {{"et", "cetera"}}},
      {"&", {{"and"}}},
      {"%", {{"percent"}}},
      {"gb", {{"gigabytes"}}},
      {"km", {{"kilometers"}}},
      {"kg", {{"kilograms"}}},
      {"cm", {{"centimeters"}}},
      {"mph", {{"miles", "per", "hour"}}},
  };
  const auto found = table.find(word);
  return found == table.end() ? nullptr : &found->second;
}

// Lower case, one kind of apostrophe, no dashes of sentences, signs that stand for words apart.
std::string simplified(std::string_view written) {
  std::string text(written);
  for (const char* apostrophe : {"\u2018", "\u2019"}) text = replaced(text, apostrophe, "'");
  for (const char* dash : {"\u2013", "\u2014"}) text = replaced(text, dash, " ");
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const char* sign : {"%", "&"}) text = replaced(text, sign, std::string(" ") + sign[0] + " ");
  return text;
}

std::string_view trimmed(std::string_view word) {
  constexpr std::string_view kSigns = ".,;:!?\"()[]'";
  while (!word.empty() && kSigns.find(word.back()) != std::string_view::npos) word.remove_suffix(1);
  while (!word.empty() && kSigns.find(word.front()) != std::string_view::npos) word.remove_prefix(1);
  return word;
}

// "a.m", "u.s.a": single letters with periods.
bool is_dotted(std::string_view word) {
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (i % 2 == 0 ? !is_letter(word[i]) : word[i] != '.') return false;
  }
  return word.size() > 1;
}

bool is_month(const std::string& word) {
  static constexpr std::array<const char*, 12> kMonths = {"january",   "february", "march",    "april",
                                                          "may",       "june",     "july",     "august",
                                                          "september", "october",  "november", "december"};
  return std::ranges::find(kMonths, word) != kMonths.end();
}

bool is_money(const std::string& word) {
  return word.starts_with('$') || word.starts_with("\u00a3") || word.starts_with("\u20ac");
}

// Written words parted further: "ba249" into letters and digits, "20-year" at its hyphen.
Words parts_of(std::string_view word) {
  if (word.find_first_of("0123456789") == std::string_view::npos) return words_of(word, "-/");
  if (!number_readings(word, false, "").empty()) return {std::string(word)};
  for (std::size_t i = 1; i < word.size(); ++i) {
    const bool hyphen = word[i] == '-' && i + 1 < word.size() && is_letter(word[i + 1]);
    const bool kinds =
        (is_digit(word[i - 1]) && is_letter(word[i])) || (is_letter(word[i - 1]) && is_digit(word[i]));
    if (!hyphen && !kinds) continue;
    Words parts = parts_of(word.substr(0, i));
    const Words rest = parts_of(word.substr(hyphen ? i + 1 : i));
    parts.insert(parts.end(), rest.begin(), rest.end());
    return parts;
  }
  return {std::string(word)};
}

Words written_words(std::string_view written) {
  Words words;
  for (const std::string& word : words_of(simplified(written), " \n\t")) {
    for (const std::string& part : parts_of(trimmed(word))) {
      const std::string_view core = trimmed(part);
      if (!core.empty())
        words.push_back(is_dotted(core) ? replaced(std::string(core), ".", "") : std::string(core));
    }
  }
  return words;
}

// Letters that stand alone, more than one: an abbreviation that is spelled.
void join_letters(Words* words) {
  const auto alone = [](const std::string& word) { return word.size() == 1 && is_letter(word[0]); };
  Words joined;
  bool open = false;
  for (const std::string& word : *words) {
    if (open && alone(word)) {
      joined.back() += word;
    } else {
      joined.push_back(word);
    }
    open = alone(word);
  }
  *words = std::move(joined);
}

// A word that is no number: a period inside is said, other signs are not.
Words said(const std::string& word) {
  std::string plain;
  for (const char c : word) {
    if (c == '.') {
      plain += " dot ";
    } else if (is_letter(c) || is_digit(c) || c == '\'' || static_cast<signed char>(c) < 0) {
      plain += c;
    } else {
      plain += ' ';
    }
  }
  return words_of(plain);
}

bool matches(const std::string& expected, const std::string& word) {
  const Words spellings = words_of(expected, "|");
  return std::ranges::find(spellings, word) != spellings.end();
}

// One more word was heard: the costs of having said the first j expected words.
std::vector<int> advance(const std::vector<int>& costs, const Words& expected, const std::string& word) {
  std::vector<int> next = {costs[0] + 1};
  for (std::size_t j = 1; j < costs.size(); ++j) {
    const int match = costs[j - 1] + (matches(expected[j - 1], word) ? 0 : 1);
    next.push_back(std::min({costs[j] + 1, next[j - 1] + 1, match}));
  }
  return next;
}

}  // namespace

std::vector<Readings> readings_of(std::string_view written) {
  Words words = written_words(written);
  join_letters(&words);
  std::vector<Readings> text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const bool scaled = i + 1 < words.size() && is_money(words[i]) &&
                        (words[i + 1] == "million" || words[i + 1] == "billion");
    const Readings numbers =
        number_readings(words[i], i > 0 && is_month(words[i - 1]), scaled ? words[i + 1] : "");
    const Readings* abbreviated = abbreviation(words[i]);
    if (!numbers.empty()) {
      text.push_back(numbers);
      if (scaled) ++i;  // the scale is in the readings
    } else if (abbreviated != nullptr) {
      text.push_back(*abbreviated);
    } else {
      text.push_back({said(words[i])});
    }
  }
  return text;
}

WordErrors spoken_word_errors(std::string_view expected_text, std::string_view written) {
  const Words expected = words_of(expected_text);
  std::vector<int> costs(expected.size() + 1);
  for (std::size_t j = 0; j < costs.size(); ++j) costs[j] = static_cast<int>(j);
  for (const Readings& readings : readings_of(written)) {
    std::vector<int> best;
    for (const Words& words : readings) {
      std::vector<int> reached = costs;
      for (const std::string& word : words) reached = advance(reached, expected, word);
      if (best.empty()) best = reached;
      for (std::size_t j = 0; j < best.size(); ++j) best[j] = std::min(best[j], reached[j]);
    }
    costs = best;
  }
  return {costs.back(), static_cast<int>(expected.size())};
}

}  // namespace antiphon::test

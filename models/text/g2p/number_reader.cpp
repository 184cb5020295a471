#include "models/text/g2p/number_reader.h"

#include <algorithm>
#include <array>

#include "models/text/characters.h"
#include "models/text/g2p/number_words.h"
#include "models/text/g2p/rewrite_rule.h"

namespace antiphon::models::text {
namespace {

constexpr std::string_view kOrdinalEndings[] = {"st", "nd", "rd", "th"};
constexpr std::string_view kEndings[] = {"ing", "'d", "ed", "'s", "st", "nd", "rd", "th", "s"};

struct Currency {
  std::string_view sign, unit, part;
};
constexpr Currency kCurrencies[] = {{"$", "dollar", "cent"}, {"£", "pound", "pence"}, {"€", "euro", "cent"}};

const Currency* currency_of(std::string_view sign) {
  const auto* found = std::ranges::find(kCurrencies, sign, &Currency::sign);
  return found == std::end(kCurrencies) ? nullptr : found;
}

bool is_ordinal_ending(std::string_view ending) {
  return std::ranges::find(kOrdinalEndings, ending) != std::end(kOrdinalEndings);
}

std::string without_commas(std::string_view number) {
  std::string out(number);
  std::erase(out, ',');
  return out;
}

std::string_view ending_of(std::string_view word) {
  const std::size_t last = word.find_last_not_of("abcdefghijklmnopqrstuvwxyz'");
  return word.substr(last == std::string_view::npos ? 0 : last + 1);
}

// Commas stand before groups of three digits.
bool is_grouped_well(std::string_view number) {
  number = number.substr(0, number.find('.'));
  for (std::size_t comma = number.find(','); comma != std::string_view::npos;) {
    const std::size_t next = number.find(',', comma + 1);
    if (comma == 0 || std::min(next, number.size()) - comma != 4) return false;
    comma = next;
  }
  return true;
}

std::string words_of(std::string_view digits) {
  const auto value = number_value(digits);
  return value ? cardinal_words(*value) : digit_words(digits);
}

}  // namespace

// The words of a number, said one after the other.
class NumberReader::Spoken {
 public:
  explicit Spoken(const WordReader& words) : words_(words) {}

  void add(std::string_view word, Stress stress = Stress::kKeep) { add_phonemes(words_.entry(word, stress)); }
  // Words joined by spaces or hyphens.
  void add_words(std::string_view words) {
    while (!words.empty()) {
      const std::size_t end = words.find_first_of(" -");
      add(words.substr(0, end));
      words = end == std::string_view::npos ? std::string_view() : words.substr(end + 1);
    }
  }
  void add_phonemes(const std::optional<Phonemes>& phonemes) {
    if (!phonemes) return;
    if (!said_.empty()) said_ += U' ';
    said_ += *phonemes;
  }
  Phonemes take() { return std::move(said_); }

 private:
  const WordReader& words_;
  Phonemes said_;
};

bool NumberReader::is_currency(std::string_view sign) {
  return currency_of(sign) != nullptr;
}

bool NumberReader::is_number(std::string_view word, bool starts_word) {
  for (const std::string_view ending : kEndings) {
    if (word.ends_with(ending)) {
      word.remove_suffix(ending.size());
      break;
    }
  }
  if (starts_word && word.starts_with('-')) word.remove_prefix(1);
  return word.find_first_of("0123456789") != std::string_view::npos &&
         word.find_first_not_of("0123456789,.") == std::string_view::npos;
}

std::optional<Phonemes> NumberReader::currency_word(std::string_view sign) const {
  const Currency* currency = currency_of(sign);
  if (currency == nullptr) return std::nullopt;
  auto unit = words_->entry(currency->unit);
  return unit ? std::optional(WordReader::with_s(std::move(*unit))) : std::nullopt;
}

// Digits behind letters: "B12" twelve, "A320" three twenty, "X1000" digit by digit.
void NumberReader::read_code(std::string_view digits, Spoken& out) const {
  if (digits[0] == '0' || digits.size() > 3) {
    out.add_words(digit_words(digits));
  } else if (digits.size() == 3 && !digits.ends_with("00")) {
    out.add_words(words_of(digits.substr(0, 1)));
    if (digits[1] == '0') {
      out.add("O", Stress::kRemove);
      out.add_words(words_of(digits.substr(2)));
    } else {
      out.add_words(words_of(digits.substr(1)));
    }
  } else {
    out.add_words(words_of(digits));
  }
}

// Groups between periods: tens as such, all else digit by digit unless round.
void NumberReader::read_groups(std::string_view digits, Spoken& out) const {
  while (!digits.empty()) {
    const std::size_t end = std::min(digits.find('.'), digits.size());
    const std::string_view group = digits.substr(0, end);
    digits.remove_prefix(std::min(end + 1, digits.size()));
    if (group.empty()) continue;
    const bool round = group.find_first_not_of('0', 1) == std::string_view::npos;
    out.add_words(group[0] == '0' || (group.size() != 2 && !round) ? digit_words(group) : words_of(group));
  }
}

void NumberReader::read_money(std::string_view amount, std::string_view currency, Spoken& out) const {
  const Currency& money = *currency_of(currency);
  const std::string plain = without_commas(amount);
  const std::size_t point = std::min(plain.find('.'), plain.size());
  const std::string units = plain.substr(0, point);
  std::string parts = plain.substr(std::min(point + 1, plain.size()));
  if (parts.size() == 1) parts += '0';
  const bool has_parts = parts.find_first_not_of('0') != std::string::npos;
  const bool has_units = units.find_first_not_of('0') != std::string::npos;
  const auto say = [&](std::string_view number, std::string_view unit) {
    out.add_words(words_of(number.empty() ? "0" : number));
    const bool one = number_value(number).value_or(0) == 1 || unit == "pence";
    auto word = words_->entry(unit);
    out.add_phonemes(word && !one ? WordReader::with_s(std::move(*word)) : word);
  };
  if (has_units || !has_parts) say(units, money.unit);
  if (!has_parts) return;
  if (has_units) out.add("and");
  say(parts, money.part);
}

void NumberReader::read_plain(std::string_view number, bool ordinal, Spoken& out) const {
  if (!is_grouped_well(number)) {  // "1,2,3" is a list
    for (std::size_t at = 0; at < number.size();) {
      const std::size_t end = std::min(number.find(',', at), number.size());
      if (end > at) read_plain(number.substr(at, end - at), ordinal, out);
      at = end + 1;
    }
    return;
  }
  const std::string plain = without_commas(number);
  const std::size_t point = plain.find('.');
  const std::string whole = plain.substr(0, point);
  if (point == std::string::npos) {
    const auto value = number_value(whole);
    out.add_words(ordinal && value ? ordinal_words(*value) : words_of(whole));
    return;
  }
  if (!whole.empty()) out.add_words(words_of(whole));
  if (point + 1 == plain.size()) return;
  out.add("point", Stress::kRemove);
  out.add_words(digit_words(std::string_view(plain).substr(point + 1)));
}

std::optional<Phonemes> NumberReader::read(std::string_view word, Place place) const {
  const std::string_view ending = ending_of(word);
  word.remove_suffix(ending.size());
  Spoken out(*words_);
  const bool negative = word.starts_with('-');
  if (negative) {
    out.add("minus");
    word.remove_prefix(1);
  }
  const bool money = is_currency(place.currency);
  const bool digits = all_digits(word);
  const auto points = std::ranges::count(word, '.');
  const bool ordinal = is_ordinal_ending(ending);
  const std::size_t cents = word.size() - std::min(word.find('.'), word.size() - 1) - 1;
  if (digits && ordinal) {
    read_plain(word, true, out);
  } else if (!negative && word.size() == 4 && !money && digits) {
    out.add_words(year_words(*number_value(word)));
  } else if (!place.starts_word && points == 0) {
    const std::string plain = without_commas(word);
    if (!plain.empty()) read_code(plain, out);
  } else if (points > 1 || !place.starts_word) {
    read_groups(without_commas(word), out);
  } else if (money && (points == 0 || cents < 3)) {
    read_money(word, place.currency, out);
  } else {
    read_plain(word, ordinal, out);
    if (money) out.add_phonemes(currency_word(place.currency));
  }
  Phonemes said = out.take();
  if (said.empty()) return std::nullopt;
  if (ending == "s" || ending == "'s") return WordReader::with_s(std::move(said));
  if (ending == "ed" || ending == "'d") return WordReader::with_ed(std::move(said));
  return ending == "ing" ? WordReader::with_ing(std::move(said)) : said;
}

}  // namespace antiphon::models::text

#include "models/text/g2p/word_reader.h"

#include <algorithm>

#include "models/text/characters.h"

namespace antiphon::models::text {
namespace {

using Quality = Lexicon::Quality;

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, word) != words.end();
}

// The coarse part of speech under which the lexicon keeps a reading.
std::string_view coarse_tag(std::string_view tag) {
  if (tag.starts_with("VB")) return "VERB";
  if (tag.starts_with("NN")) return "NOUN";
  if (tag.starts_with("ADV") || tag.starts_with("RB")) return "ADV";
  if (tag.starts_with("ADJ") || tag.starts_with("JJ")) return "ADJ";
  return tag;
}

bool is_ascii_letters(std::string_view word) {
  return !word.empty() &&
         std::ranges::all_of(word, [](char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; });
}

// Signs that are read as a word.
std::string_view sign_word(std::string_view sign) {
  if (sign == "%") return "percent";
  if (sign == "&") return "and";
  if (sign == "+") return "plus";
  return sign == "@" ? "at" : "";
}

// "U.S", "e.g": periods between single or double letters.
bool is_dotted_abbreviation(std::string_view word) {
  const std::size_t first = word.find_first_not_of('.');
  if (first == std::string_view::npos) return false;
  const std::size_t last = word.find_last_not_of('.');
  if (word.substr(first, last - first + 1).find('.') == std::string_view::npos) return false;
  std::string letters(word);
  std::erase(letters, '.');
  if (!all_letters(letters)) return false;
  for (std::size_t at = 0; at <= word.size();) {
    const std::size_t end = std::min(word.find('.', at), word.size());
    if (code_points(word.substr(at, end - at)) >= 3) return false;
    at = end + 1;
  }
  return true;
}

// Before these a "t" at the end of a stem is a flap: "patted".
bool flaps_t(char32_t before) {
  return std::u32string_view(U"AIOWYiuæɑəɛɪɹʊʌ").find(before) != std::u32string_view::npos;
}

bool is_in(char32_t c, std::u32string_view set) {
  return set.find(c) != std::u32string_view::npos;
}

Phonemes decoded(std::string_view utf8) {
  return to_code_points(utf8);
}

}  // namespace

Phonemes WordReader::with_s(Phonemes stem) {
  if (stem.empty()) return stem;
  if (is_in(stem.back(), U"ptkfθ")) return stem + U"s";
  return stem + (is_in(stem.back(), U"szʃʒʧʤ") ? U"ᵻz" : U"z");
}

Phonemes WordReader::with_ed(Phonemes stem) {
  if (stem.empty()) return stem;
  if (is_in(stem.back(), U"pkfθʃsʧ")) return stem + U"t";
  if (stem.back() == U'd') return stem + U"ᵻd";
  if (stem.back() != U't') return stem + U"d";
  if (stem.size() < 2) return stem + U"ɪd";
  if (!flaps_t(stem[stem.size() - 2])) return stem + U"ᵻd";
  stem.pop_back();
  return stem + U"ɾᵻd";
}

Phonemes WordReader::with_ing(Phonemes stem) {
  if (stem.size() > 1 && stem.back() == U't' && flaps_t(stem[stem.size() - 2])) stem.back() = U'ɾ';
  return stem.empty() ? stem : stem + U"ɪŋ";
}

bool WordReader::is_listed(std::string_view word) const {
  return is_checked(word) || lexicon_->has(word, Quality::kUnchecked);
}

bool WordReader::is_known(std::string_view word) const {
  if (is_listed(word) || !sign_word(word).empty()) return true;
  if (!is_ascii_letters(word)) return false;
  if (word.size() == 1 || is_upper_case(word.substr(1))) return true;  // can be spelled
  return is_upper_case(word) && is_checked(lower_case(word));
}

std::optional<Phonemes> WordReader::spelled(std::string_view word) const {
  Phonemes letters;
  for (std::size_t at = 0; at < word.size();) {
    const char32_t c = next_code_point(word, at);
    if (!is_letter(c)) continue;
    std::string letter;
    append_utf8(letter, to_upper(c));
    const auto found = lexicon_->find(letter, Quality::kChecked);
    if (!found || found->phonemes().empty()) return std::nullopt;
    letters += decoded(found->phonemes());
  }
  letters = with_stress(std::move(letters), Stress::kLevel);
  const std::size_t last = letters.rfind(kSecondaryStress);
  if (last != Phonemes::npos) letters[last] = kPrimaryStress;
  return letters;
}

std::optional<Phonemes> WordReader::listed(std::string_view word, const Query& query) const {
  std::string lower;
  bool name = false;
  if (is_upper_case(word) && !is_checked(word)) {
    lower = lower_case(word);
    word = lower;
    name = query.tag == "NNP";
  }
  auto readings = lexicon_->find(word, Quality::kChecked);
  if (!readings && !name) readings = lexicon_->find(word, Quality::kUnchecked);
  Phonemes phonemes;
  if (readings) {
    std::string_view tag = query.tag;
    if (query.ahead != nullptr && !query.ahead->vowel && readings->has("None")) {
      tag = "None";
    } else if (!readings->has(tag)) {
      tag = coarse_tag(tag);
    }
    phonemes = decoded(readings->phonemes(tag));
  }
  if (phonemes.empty() || (name && !has_primary_stress(phonemes))) {
    if (auto letters = spelled(word)) return letters;
  }
  if (phonemes.empty()) return std::nullopt;
  return with_stress(std::move(phonemes), query.stress);
}

std::optional<Phonemes> WordReader::entry(std::string_view word, Stress stress) const {
  return listed(word, {.tag = "", .stress = stress, .ahead = nullptr});
}

std::optional<Phonemes> WordReader::article_or_preposition(std::string_view word, const Query& query) const {
  const std::string_view tag = query.tag;
  const std::optional<bool> vowel = query.ahead->vowel;
  if (is_one_of(word, {"a", "A"})) return tag == "DT" ? U"ɐ" : U"ˈA";
  if (is_one_of(word, {"an", "An", "AN"})) {
    return word == "AN" && tag.starts_with("NN") ? spelled(word) : Phonemes(U"ɐn");
  }
  if (is_one_of(word, {"to", "To"}) || (word == "TO" && is_one_of(tag, {"TO", "IN"}))) {
    return vowel ? Phonemes(*vowel ? U"tʊ" : U"tə") : entry("to");
  }
  if (is_one_of(word, {"in", "In"}) || (word == "IN" && tag != "NNP"))
    return !vowel || tag != "IN" ? U"ˈɪn" : U"ɪn";
  if (is_one_of(word, {"the", "The"}) || (word == "THE" && tag == "DT"))
    return vowel.value_or(false) ? U"ði" : U"ðə";
  if (is_one_of(word, {"by", "By", "BY"}) && coarse_tag(tag) == "ADV") return U"bˈI";
  return std::nullopt;
}

std::optional<Phonemes> WordReader::special(std::string_view word, const Query& query) const {
  const std::string_view tag = query.tag;
  if (tag == "ADD" && word == ".") return listed("dot", {"", Stress::kWeaken, query.ahead});
  if (tag == "ADD" && word == "/") return listed("slash", {"", Stress::kWeaken, query.ahead});
  if (const std::string_view sign = sign_word(word); !sign.empty())
    return listed(sign, {"", Stress::kKeep, query.ahead});
  if (is_dotted_abbreviation(word)) return spelled(word);
  if (is_one_of(word, {"am", "Am", "AM"})) {
    if (tag.starts_with("NN")) return spelled(word);
    const bool stressed =
        query.stress == Stress::kSecondaryAtLeast || query.stress == Stress::kPrimaryAtLeast;
    if (!query.ahead->vowel || word != "am" || stressed) return entry("am");
    return U"ɐm";
  }
  if (word == "I" && tag == "PRP") return U"ˌI";
  const std::string lower = lower_case(word);
  if (tag == "IN" && (lower == "vs" || lower == "vs."))
    return listed("versus", {"", Stress::kKeep, query.ahead});
  if (is_one_of(word, {"used", "Used", "USED"})) {
    const auto readings = lexicon_->find("used", Quality::kChecked);
    if (!readings) return std::nullopt;
    const bool habit = is_one_of(tag, {"VBD", "JJ"}) && query.ahead->to;
    return decoded(readings->phonemes(habit ? "VBD" : "*"));
  }
  return article_or_preposition(word, query);
}

std::optional<Phonemes> WordReader::plural(std::string_view word, const Query& query) const {
  if (word.size() < 3 || !word.ends_with('s')) return std::nullopt;
  const std::string_view one = word.substr(0, word.size() - 1);
  const std::string_view two = word.substr(0, word.size() - 2);
  std::string stem;
  if (!word.ends_with("ss") && is_known(one)) {
    stem = one;
  } else if ((word.ends_with("'s") || (word.size() > 4 && word.ends_with("es") && !word.ends_with("ies"))) &&
             is_known(two)) {
    stem = two;
  } else if (word.size() > 4 && word.ends_with("ies")) {
    stem = std::string(word.substr(0, word.size() - 3)) + "y";
    if (!is_known(stem)) return std::nullopt;
  } else {
    return std::nullopt;
  }
  auto phonemes = listed(stem, query);
  return phonemes ? std::optional(with_s(std::move(*phonemes))) : std::nullopt;
}

std::optional<Phonemes> WordReader::past(std::string_view word, const Query& query) const {
  if (word.size() < 4 || !word.ends_with('d')) return std::nullopt;
  std::string_view stem = word.substr(0, word.size() - 1);
  if (word.ends_with("dd") || !is_known(stem)) {
    stem = word.substr(0, word.size() - 2);
    if (word.size() < 5 || !word.ends_with("ed") || word.ends_with("eed") || !is_known(stem))
      return std::nullopt;
  }
  auto phonemes = listed(stem, query);
  return phonemes ? std::optional(with_ed(std::move(*phonemes))) : std::nullopt;
}

std::optional<Phonemes> WordReader::progressive(std::string_view word, Query query) const {
  if (word.size() < 5 || !word.ends_with("ing")) return std::nullopt;
  std::string stem(word.substr(0, word.size() - 3));
  if (word.size() == 5 || !is_known(stem)) {
    const bool doubled = word.size() > 5 &&
                         ((stem[stem.size() - 1] == stem[stem.size() - 2] &&
                           std::string_view("bcdgklmnprstvxz").find(stem.back()) != std::string_view::npos) ||
                          stem.ends_with("ck"));
    if (is_known(stem + "e")) {
      stem += 'e';
    } else if (doubled && is_known(std::string_view(stem).substr(0, stem.size() - 1))) {
      stem.pop_back();
    } else {
      return std::nullopt;
    }
  }
  if (query.stress == Stress::kKeep) query.stress = Stress::kSecondaryAtLeast;
  auto phonemes = listed(stem, query);
  return phonemes ? std::optional(with_ing(std::move(*phonemes))) : std::nullopt;
}

std::optional<Phonemes> WordReader::inflected(std::string_view word, const Query& query) const {
  if (auto phonemes = plural(word, query)) return phonemes;
  if (auto phonemes = past(word, query)) return phonemes;
  return progressive(word, query);
}

// "Reading" and "STOP" are the common words; "Reading" as a short name is not.
bool WordReader::reads_better_in_lower_case(std::string_view word, const Query& query) const {
  if (code_points(word) < 2 || (query.tag == "NNP" && code_points(word) <= 7) || is_listed(word))
    return false;
  std::string letters(word);
  std::erase(letters, '\'');
  const std::string lower = lower_case(word);
  if (!all_letters(letters) || word == lower) return false;
  std::size_t second = 0;
  (void)next_code_point(word, second);
  if (!is_upper_case(word) && !is_lower_case(word.substr(second))) return false;
  return is_listed(lower) || inflected(lower, query);
}

std::optional<Phonemes> WordReader::read_as(std::string_view word, const Query& query) const {
  if (auto phonemes = special(word, query)) return phonemes;
  std::string lower;
  if (reads_better_in_lower_case(word, query)) {
    lower = lower_case(word);
    word = lower;
  }
  if (is_known(word)) return listed(word, query);
  if (word.ends_with("s'")) {
    const std::string singular = std::string(word.substr(0, word.size() - 2)) + "'s";
    if (is_known(singular)) return listed(singular, query);
  }
  if (word.ends_with('\'') && is_known(word.substr(0, word.size() - 1)))
    return listed(word.substr(0, word.size() - 1), query);
  return inflected(word, query);
}

std::optional<Phonemes> WordReader::read(std::string_view word, std::string_view tag,
                                         SoundAhead ahead) const {
  const Stress stress = is_lower_case(word)   ? Stress::kKeep
                        : is_upper_case(word) ? Stress::kPrimaryAtLeast
                                              : Stress::kSecondaryAtLeast;
  return read_as(word, {tag, stress, &ahead});
}

}  // namespace antiphon::models::text

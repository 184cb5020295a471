#include "models/text/g2p/group_reader.h"

#include <algorithm>
#include <tuple>

#include "models/text/characters.h"

namespace antiphon::models::text {
namespace {

constexpr std::u32string_view kPauses = U";:,.!?—…";
constexpr std::u32string_view kSilentSigns = U"',-._‘’/";

bool is_in(char32_t c, std::u32string_view set) {
  return set.find(c) != std::u32string_view::npos;
}

bool is_silent(std::string_view text) {
  return std::ranges::all_of(to_code_points(text), [](char32_t c) { return is_in(c, kSilentSigns); });
}

// What a word sees that stands before these phonemes.
SoundAhead ahead_of(const Phonemes& phonemes, const Piece& piece, SoundAhead behind) {
  SoundAhead ahead{behind.vowel, false};
  for (const char32_t c : phonemes) {
    const bool pause = is_in(c, kPauses);
    if (!pause && !is_vowel(c) && !is_consonant(c)) continue;
    ahead.vowel = pause ? std::nullopt : std::optional(is_vowel(c));
    break;
  }
  ahead.to = piece.text == "to" || piece.text == "To" ||
             (piece.text == "TO" && (piece.tag == "TO" || piece.tag == "IN"));
  return ahead;
}

std::string_view sign_phonemes(char32_t sign) {
  switch (sign) {
    case U'/':
      return "slˈæʃ";
    case U'=':
      return "ˈikwᵊlz";
    case U'+':
      return "plˈʌs";
    case U'&':
      return "ænd";
    case U'@':
      return "æt";
    case U'%':
      return "pəɹsˈɛnt";
    case U'#':
      return "hˈæʃ";
    case U'*':
      return "ˈæstəɹˌɪsk";
    case U'~':
      return "tˈɪldə";
    case U'^':
      return "kˈɛɹət";
    case U'<':
      return "lˈɛs ðən";
    case U'>':
      return "ɡɹˈATəɹ ðən";
    case U'—':
      return "—";
    default:
      return "";
  }
}

// Letters, digits and other signs in one group are said apart.
bool is_mixed(const PieceGroup& group) {
  bool kinds[3] = {};
  for (const Piece& piece : group) {
    for (std::size_t at = 0; at < piece.text.size();) {
      const char32_t c = next_code_point(piece.text, at);
      if (c == U'/') return true;
      if (!is_in(c, kSilentSigns)) kinds[is_letter(c) ? 0 : is_digit(c) ? 1 : 2] = true;
    }
  }
  return kinds[0] + kinds[1] + kinds[2] > 1;
}

// A compound keeps about half of its parts' primary stresses: the later and heavier parts.
void level_stress(PieceGroup& group) {
  std::vector<std::tuple<bool, int, std::size_t>> parts;
  for (std::size_t i = 0; i < group.size(); ++i) {
    const Phonemes& phonemes = *group[i].phonemes;
    if (!phonemes.empty()) parts.emplace_back(has_primary_stress(phonemes), weight_of(phonemes), i);
  }
  const auto weaken = [&](std::size_t i) {
    group[i].phonemes = with_stress(std::move(*group[i].phonemes), Stress::kWeaken);
  };
  if (parts.size() == 2 && code_points(group[std::get<2>(parts[0])].text) == 1) {
    weaken(std::get<2>(parts[1]));
    return;
  }
  const auto stressed = std::ranges::count_if(parts, [](const auto& part) { return std::get<0>(part); });
  if (parts.size() < 2 || stressed <= std::ssize(parts) / 2 + std::ssize(parts) % 2) return;
  std::ranges::sort(parts);
  for (std::size_t i = 0; i < parts.size() / 2; ++i) weaken(std::get<2>(parts[i]));
}

// Pieces that were read apart: signs that make a pause or none, pauses between unlike pieces, stress.
void settle(PieceGroup& group) {
  const bool mixed = is_mixed(group);
  for (std::size_t i = 0; i < group.size(); ++i) {
    Piece& piece = group[i];
    if (piece.phonemes) {
      piece.space_before = i > 0 && mixed;
      continue;
    }
    const std::u32string sign = to_code_points(piece.text);
    const bool pause = i + 1 == group.size() && sign.size() == 1 && is_in(sign[0], kPauses);
    piece.phonemes = pause ? sign : Phonemes();
  }
  if (!mixed) level_stress(group);
}

Phonemes joined_phonemes(const PieceGroup& group) {
  Phonemes all;
  for (const Piece& piece : group) {
    if (piece.space_before && !all.empty() && all.back() != U' ' && !piece.phonemes->empty()) all += U' ';
    all += *piece.phonemes;
  }
  return all;
}

}  // namespace

GroupReader::GroupReader(const WordReader& words, const NumberReader& numbers,
                         const SpellingNetwork& spelling)
    : words_(&words),
      numbers_(&numbers),
      spelling_(&spelling),
      part_(R"([^\W\d_]+(?:['’][^\W\d_]+)*|\d+(?:[,.]\d+)*|[^\w\s]+)") {}

std::optional<Phonemes> GroupReader::known(const Piece& piece, SoundAhead ahead) const {
  constexpr std::size_t kWordMax = 64;  // bytes; nothing in the lexicon is longer
  if (piece.text.size() > kWordMax) return std::nullopt;
  std::string word = piece.text;
  for (std::size_t at = word.find("‘"); at != std::string::npos; at = word.find("‘"))
    word.replace(at, 3, 1, '\'');
  if (auto phonemes = words_->read(word, piece.tag, ahead)) {
    if (auto unit = numbers_->currency_word(piece.currency)) *phonemes += U' ' + *unit;
    return phonemes;
  }
  if (!NumberReader::is_number(word, piece.starts_word)) return std::nullopt;
  return numbers_->read(word, {piece.currency, piece.starts_word});
}

// Letters by the network, digits by the number reader, signs by their names.
Phonemes GroupReader::guessed(std::string_view text) const {
  Phonemes all;
  PatternMatch match;
  for (std::size_t at = 0; at < text.size() && part_.find(text, at, match); at = match.end()) {
    std::size_t second = 0;
    const char32_t first = next_code_point(match.whole(), second);
    Phonemes part;
    if (is_digit(first)) {
      part = numbers_->read(match.whole(), {"", false}).value_or(Phonemes());
    } else if (is_letter(first)) {
      part = spelling_->read(match.whole());
    } else {
      for (const char32_t sign : to_code_points(match.whole())) part += to_code_points(sign_phonemes(sign));
    }
    if (part.empty()) continue;
    if (!all.empty()) all += U' ';
    all += part;
  }
  return all;
}

Phonemes GroupReader::read_single(const Piece& piece, SoundAhead& ahead) const {
  Phonemes phonemes;
  if (piece.phonemes) {
    phonemes = *piece.phonemes;
  } else if (auto found = known(piece, ahead)) {
    phonemes = std::move(*found);
  } else {
    phonemes = guessed(piece.text);
  }
  ahead = ahead_of(phonemes, piece, ahead);
  return phonemes;
}

// Takes the longest known part off the end, again and again; false if a part with letters stays unknown.
bool GroupReader::read_parts(PieceGroup& group, SoundAhead& ahead) const {
  std::size_t left = 0;
  std::size_t right = group.size();
  while (left < right) {
    const Piece whole = joined(&group[left], &group[right - 1] + 1);
    if (auto phonemes = known(whole, ahead)) {
      ahead = ahead_of(*phonemes, whole, ahead);
      for (std::size_t i = left + 1; i < right; ++i) group[i].phonemes = U"";
      group[left].phonemes = std::move(phonemes);
      right = left;
      left = 0;
    } else if (left + 1 < right) {
      ++left;
    } else {
      --right;
      if (!is_silent(group[right].text)) return false;
      group[right].phonemes = U"";
      left = 0;
    }
  }
  return true;
}

Phonemes GroupReader::read_group(PieceGroup& group, SoundAhead& ahead) const {
  if (group.size() == 1) return read_single(group[0], ahead);
  const SoundAhead behind = ahead;
  if (read_parts(group, ahead)) {
    settle(group);
    return joined_phonemes(group);
  }
  const Piece whole = joined(&group.front(), &group.back() + 1);
  Phonemes phonemes = guessed(whole.text);
  ahead = ahead_of(phonemes, whole, behind);
  return phonemes;
}

std::vector<Phonemes> GroupReader::read(std::vector<PieceGroup>& groups) const {
  std::vector<Phonemes> all(groups.size());
  SoundAhead ahead;
  for (std::size_t i = groups.size(); i-- > 0;) {
    all[i] = read_group(groups[i], ahead);
    std::ranges::replace(all[i], U'ɾ', U'T');
    std::ranges::replace(all[i], U'ʔ', U't');
  }
  return all;
}

}  // namespace antiphon::models::text

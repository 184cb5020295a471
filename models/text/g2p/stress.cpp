#include "models/text/g2p/stress.h"

#include <algorithm>

namespace antiphon::models::text {
namespace {

constexpr std::u32string_view kVowels = U"AIOQWYaiuæɑɒɔəɛɜɪʊʌᵻ";
constexpr std::u32string_view kConsonants = U"bdfhjklmnpstvwzðŋɡɹɾʃʒʤʧθ";
constexpr std::u32string_view kLongPhonemes = U"AIOQWYʤʧ";

bool contains(std::u32string_view set, char32_t c) {
  return set.find(c) != std::u32string_view::npos;
}

// Puts the mark before the first vowel; without a vowel there is nothing to stress.
Phonemes marked(Phonemes phonemes, char32_t mark) {
  const auto vowel = std::ranges::find_if(phonemes, is_vowel);
  if (vowel != phonemes.end()) phonemes.insert(vowel, mark);
  return phonemes;
}

Phonemes weakened(Phonemes phonemes) {
  std::erase(phonemes, kSecondaryStress);
  std::ranges::replace(phonemes, kPrimaryStress, kSecondaryStress);
  return phonemes;
}

}  // namespace

bool is_vowel(char32_t phoneme) {
  return contains(kVowels, phoneme);
}

bool is_consonant(char32_t phoneme) {
  return contains(kConsonants, phoneme);
}

bool has_primary_stress(std::u32string_view phonemes) {
  return contains(phonemes, kPrimaryStress);
}

int weight_of(std::u32string_view phonemes) {
  int weight = 0;
  for (const char32_t c : phonemes) weight += contains(kLongPhonemes, c) ? 2 : 1;
  return weight;
}

Phonemes with_stress(Phonemes phonemes, Stress stress) {
  const bool primary = has_primary_stress(phonemes);
  const bool bare = !primary && !contains(phonemes, kSecondaryStress);
  switch (stress) {
    case Stress::kKeep:
      return phonemes;
    case Stress::kRemove:
      std::erase(phonemes, kPrimaryStress);
      std::erase(phonemes, kSecondaryStress);
      return phonemes;
    case Stress::kWeaken:
      return primary ? weakened(std::move(phonemes)) : phonemes;
    case Stress::kLevel:
      if (primary) return weakened(std::move(phonemes));
      [[fallthrough]];
    case Stress::kSecondaryAtLeast:
      return bare ? marked(std::move(phonemes), kSecondaryStress) : phonemes;
    case Stress::kPrimaryAtLeast:
      if (bare) return marked(std::move(phonemes), kPrimaryStress);
      if (!primary) std::ranges::replace(phonemes, kSecondaryStress, kPrimaryStress);
      return phonemes;
  }
  return phonemes;
}

}  // namespace antiphon::models::text

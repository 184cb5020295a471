// Phonemes and their stress marks. The alphabet is misaki's: one code point per phoneme, a stress mark stands
// directly before its vowel. Pure.
#pragma once

#include <string>
#include <string_view>

namespace antiphon::models::text {

using Phonemes = std::u32string;

inline constexpr char32_t kPrimaryStress = U'ˈ';
inline constexpr char32_t kSecondaryStress = U'ˌ';

// How strongly a word is to be said, compared to its entry in the lexicon.
enum class Stress {
  kKeep,
  kRemove,            // no mark at all
  kWeaken,            // a primary mark becomes a secondary one, secondary marks go
  kLevel,             // like kWeaken; a word without marks gets a secondary one
  kSecondaryAtLeast,  // a word without marks gets a secondary one
  kPrimaryAtLeast,    // a word without a primary mark gets one
};

Phonemes with_stress(Phonemes phonemes, Stress stress);

bool is_vowel(char32_t phoneme);
bool is_consonant(char32_t phoneme);
bool has_primary_stress(std::u32string_view phonemes);
// How long the phonemes are: a diphthong or an affricate counts twice.
int weight_of(std::u32string_view phonemes);

}  // namespace antiphon::models::text

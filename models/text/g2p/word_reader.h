#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "models/text/g2p/lexicon.h"
#include "models/text/g2p/stress.h"

namespace antiphon::models::text {

// What follows a word: decides "the", "to", "used".
struct SoundAhead {
  std::optional<bool> vowel;  // whether the next sound is a vowel; nothing before a pause
  bool to = false;            // the next word is "to"
};

// Reads single words from the lexicon: function words by what follows, readings by part of speech, inflected
// forms by rule from their stem, and letters one by one where a word is an abbreviation.
//
// Owner:  any thread; immutable. The lexicon must outlive it.
// Source: the rules of misaki (Apache-2.0), the pronunciation library whose phonemes the voice was trained
// on.
class WordReader {
 public:
  explicit WordReader(const Lexicon& lexicon) : lexicon_(&lexicon) {}

  // The phonemes of a word with tag (Penn Treebank), or nothing if neither lexicon nor rules know it.
  // Capitals ask for stress. Apostrophes must be straight.
  std::optional<Phonemes> read(std::string_view word, std::string_view tag, SoundAhead ahead) const;

  // The entry of a word as it stands, for words that other rules put in ("point", "dollars").
  std::optional<Phonemes> entry(std::string_view word, Stress stress = Stress::kKeep) const;

  // The sounds of the endings -s, -ed, -ing behind a stem.
  static Phonemes with_s(Phonemes stem);
  static Phonemes with_ed(Phonemes stem);
  static Phonemes with_ing(Phonemes stem);

 private:
  struct Query {
    std::string_view tag;
    Stress stress = Stress::kKeep;
    const SoundAhead* ahead = nullptr;
  };

  bool is_checked(std::string_view word) const { return lexicon_->has(word, Lexicon::Quality::kChecked); }
  bool is_listed(std::string_view word) const;
  bool is_known(std::string_view word) const;
  std::optional<Phonemes> special(std::string_view word, const Query& query) const;
  std::optional<Phonemes> article_or_preposition(std::string_view word, const Query& query) const;
  std::optional<Phonemes> spelled(std::string_view word) const;
  std::optional<Phonemes> listed(std::string_view word, const Query& query) const;
  std::optional<Phonemes> plural(std::string_view word, const Query& query) const;
  std::optional<Phonemes> past(std::string_view word, const Query& query) const;
  std::optional<Phonemes> progressive(std::string_view word, Query query) const;
  std::optional<Phonemes> inflected(std::string_view word, const Query& query) const;
  bool reads_better_in_lower_case(std::string_view word, const Query& query) const;
  std::optional<Phonemes> read_as(std::string_view word, const Query& query) const;

  const Lexicon* lexicon_;
};

}  // namespace antiphon::models::text

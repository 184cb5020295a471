#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include "models/text/phoneme_phrase.h"
#include "models/text/pronunciation.h"

namespace antiphon::models::text {

// English text to phonemes: normalise, tokenise, tag, decide homographs, look up, guess what is unknown.
//
// Owner:    any thread; pronounce() may run on several at once (immutable but for the cache of guessed words,
// which
//           locks itself).
// Memory:   about 15 MB for the English tables, of which 8 MB are mapped files (the lexicon and the network's
// weights). Overload: any bytes are fine: what is no UTF-8 or has no English sound is left out. Time is
// linear in the text's
//           length; the text must be shorter than 4 GiB.
// Errors:   the constructor throws std::runtime_error that names the file and the field or line.
class Pronouncer final : public Pronunciation {
 public:
  // The voice's folder: lexicon.tsv, normalize.json, tokenizer_exceptions.json, tagger*, oov.*.
  explicit Pronouncer(const std::filesystem::path& folder);
  ~Pronouncer() override;
  Pronouncer(Pronouncer&&) noexcept;
  Pronouncer& operator=(Pronouncer&&) noexcept;

  // [word](/phonemes/) says a word as
  // written between the slashes. Words whose sounds cannot be told apart ("2:45 pm") are one word.
  PhonemePhrase pronounce(std::string_view text) const override;

 private:
  struct Tables;
  std::unique_ptr<const Tables> tables_;
};

}  // namespace antiphon::models::text

#pragma once

#include <string_view>

#include "models/text/phoneme_phrase.h"

namespace antiphon::models::text {

// How a voice's language is said: text to phonemes.
//
// Owner: any thread; pronounce() may run on several at once.
class Pronunciation {
 public:
  virtual ~Pronunciation() = default;

  // `text` is plain spoken text (see speakable_text.h), a phrase or more; any bytes are fine.
  virtual PhonemePhrase pronounce(std::string_view text) const = 0;
};

}  // namespace antiphon::models::text

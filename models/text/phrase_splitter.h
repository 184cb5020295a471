#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "models/text/mapped_text.h"
#include "models/text/speakable_text.h"

namespace antiphon::models::text {

// A stretch of a reply that is spoken in one go.
struct SpokenPhrase {
  MappedText
      text;  // plain and not empty; origins are byte offsets in the reply as the language model wrote it
};

// Where a phrase may end, in words.
struct PhraseLengths {
  std::size_t sentence_min;  // at a sentence's end
  std::size_t clause_min;    // at a comma, colon or dash
  std::size_t joint_from;    // from this many words on, before a word that joins ("and", "because") ...
  std::size_t joint_min;     // ... that has this many words before it
  std::size_t words_max;     // at any gap that is safe
  std::size_t open_min;      // behind a word that needs no other after it ("France", not "the"); 0: nowhere
};
inline constexpr PhraseLengths kFirstPhrase{2, 3, 6, 3, 10, 0};
inline constexpr PhraseLengths kLaterPhrase{2, 8, 18, 8, 28, 0};
inline constexpr PhraseLengths kHurriedPhrase{1, 1, 4, 2, 5, 3};

// Cuts a language model's reply into phrases while it arrives. The first phrase is short, so that the voice
// starts early; later ones are sentences or clauses. A cut never falls inside a number, an abbreviation with
// what it belongs to
// ("Dr. Smith", "p.m."), an address or a Markdown construct, unless one of them is longer than bytes_max.
//
// Owner:  one thread, one reply; no clock.
// Memory: the text not yet given out, which is bounded by bytes_max and SpeakableText::kHeldBytesMax as long
// as next()
//         is called until it gives nothing.
// Errors: none for any bytes. The whole reply must be shorter than 4 GiB.
class PhraseSplitter {
 public:
  static constexpr std::size_t kBytesMax = 400;

  // The next bytes of the reply, of any length, cut anywhere.
  void feed(std::string_view piece);
  // The reply is complete.
  void finish();
  // The next phrase, if its end is known; call it until it gives nothing. `hurry`: the listener waits, so a
  // few words will do.
  [[nodiscard]] std::optional<SpokenPhrase> next(bool hurry = false);

 private:
  SpeakableText speakable_;
  MappedText plain_;
  bool first_ = true;
  bool complete_ = false;
};

}  // namespace antiphon::models::text

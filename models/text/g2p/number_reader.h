#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "models/text/g2p/stress.h"
#include "models/text/g2p/word_reader.h"

namespace antiphon::models::text {

// Reads numbers written with digits: years, cardinals, ordinals ("3rd"), decimals, amounts of money, and
// digits inside codes ("BA117").
//
// Owner:  any thread; immutable. The word reader must outlive it.
class NumberReader {
 public:
  explicit NumberReader(const WordReader& words) : words_(&words) {}

  struct Place {
    std::string_view currency = {};  // "$", "£", "€" before the number, or empty
    bool starts_word = true;         // false: behind letters or a hyphen, as in "B12", "747-400"
  };

  static bool is_number(std::string_view word, bool starts_word);
  static bool is_currency(std::string_view sign);
  // REQUIRES: is_number(word).
  std::optional<Phonemes> read(std::string_view word, Place place) const;
  // "dollars" behind a number that is written as a word.
  std::optional<Phonemes> currency_word(std::string_view sign) const;

 private:
  class Spoken;
  void read_code(std::string_view digits, Spoken& out) const;
  void read_groups(std::string_view digits, Spoken& out) const;
  void read_money(std::string_view amount, std::string_view currency, Spoken& out) const;
  void read_plain(std::string_view number, bool ordinal, Spoken& out) const;

  const WordReader* words_;
};

}  // namespace antiphon::models::text

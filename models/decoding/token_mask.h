#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "models/language_model.h"

namespace antiphon::models {

// A set of tokens, one bit each.
class TokenMask {
 public:
  TokenMask() = default;
  explicit TokenMask(int vocabulary) : words_((static_cast<std::size_t>(vocabulary) + 63) / 64) {}

  void clear() { words_.assign(words_.size(), 0); }
  void add(Token token) { word(token) |= bit(token); }
  void remove(Token token) { word(token) &= ~bit(token); }
  bool has(Token token) const { return (words_[static_cast<std::size_t>(token) / 64] & bit(token)) != 0; }
  // REQUIRES: the same vocabulary.
  void add_all(const TokenMask& other) {
    assert(words_.size() == other.words_.size());
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] |= other.words_[i];
  }

  // Bit t % 64 of word t / 64 is token t.
  std::span<const std::uint64_t> words() const { return words_; }

 private:
  static std::uint64_t bit(Token token) {
    return std::uint64_t{1} << (static_cast<std::uint32_t>(token) % 64);
  }
  std::uint64_t& word(Token token) { return words_[static_cast<std::size_t>(token) / 64]; }

  std::vector<std::uint64_t> words_;
};

}  // namespace antiphon::models

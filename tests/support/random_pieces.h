// Cuts a sequence into pieces of random sizes, to prove that a stream does not depend on how it is cut.
#pragma once

#include <algorithm>
#include <cstddef>
#include <random>
#include <span>

namespace antiphon::test {

// Calls use(piece) for each piece; their sizes are 1 to piece_max. REQUIRES: piece_max > 0.
template <typename T, typename Use>
void for_random_pieces(std::span<const T> whole, std::size_t piece_max, std::mt19937& random, Use use) {
  while (!whole.empty()) {
    std::uniform_int_distribution<std::size_t> size(1, piece_max);
    const std::span<const T> piece = whole.first(std::min(size(random), whole.size()));
    use(piece);
    whole = whole.subspan(piece.size());
  }
}

}  // namespace antiphon::test

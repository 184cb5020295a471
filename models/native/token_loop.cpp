#include "models/native/token_loop.h"

#include <algorithm>

namespace antiphon::models {

TokenLoop find_token_loop(std::span<const int> ids) {
  constexpr int kRepeatsMin = 4;
  constexpr int kTokensMin = 16;
  const int size = static_cast<int>(ids.size());
  for (int period = 1; period * kRepeatsMin <= size; ++period) {
    // How many tokens at the end equal the token one period before them.
    int equal = 0;
    while (equal + period < size && ids[static_cast<std::size_t>(size - 1 - equal)] ==
                                        ids[static_cast<std::size_t>(size - 1 - equal - period)]) {
      ++equal;
    }
    const int repeats = equal / period + 1;
    if (repeats >= std::max(kRepeatsMin, (kTokensMin + period - 1) / period)) return {period, repeats};
  }
  return {};
}

}  // namespace antiphon::models

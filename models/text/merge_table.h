#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/text/pair_merger.h"
#include "models/token.h"

namespace antiphon::models::text {

// The merges of a byte-pair encoding: which neighbours become which token, and which pair goes first.
//
// Owner:  any thread; immutable after the last add().
// Memory: 24 to 40 bytes for each merge (6 MB for 151k merges).
class MergeTable {
 public:
  explicit MergeTable(std::size_t merges_max);

  // The first entry of a pair counts.  REQUIRES: not more than merges_max calls.
  void add(Token left, Token right, PairMerge merge);
  // Rank kNever if the two don't merge.
  PairMerge find(Token left, Token right) const;

 private:
  struct Entry {
    std::uint64_t pair;
    PairMerge merge;
  };
  static constexpr std::uint64_t kEmpty = ~std::uint64_t{0};

  std::size_t slot_of(std::uint64_t pair) const;  // where the pair is, or would be

  std::vector<Entry> entries_;  // a power of two, open addressing, at least a quarter empty
  int shift_ = 0;
};

}  // namespace antiphon::models::text

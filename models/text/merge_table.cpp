#include "models/text/merge_table.h"

#include <bit>

namespace antiphon::models::text {
namespace {

std::uint64_t pair_of(Token left, Token right) {
  return std::uint64_t{static_cast<std::uint32_t>(left)} << 32 | static_cast<std::uint32_t>(right);
}

}  // namespace

MergeTable::MergeTable(std::size_t merges_max) {
  const std::size_t size = std::bit_ceil(merges_max + merges_max / 3 + 2);
  entries_.assign(size, {kEmpty, {}});
  shift_ = 64 - std::countr_zero(size);
}

std::size_t MergeTable::slot_of(std::uint64_t pair) const {
  // Fibonacci hashing: the high bits of the product depend on all bits of the pair.
  std::size_t slot = static_cast<std::size_t>(pair * 0x9E3779B97F4A7C15u >> shift_);
  while (entries_[slot].pair != kEmpty && entries_[slot].pair != pair)
    slot = (slot + 1) & (entries_.size() - 1);
  return slot;
}

void MergeTable::add(Token left, Token right, PairMerge merge) {
  const std::uint64_t pair = pair_of(left, right);
  Entry& entry = entries_[slot_of(pair)];
  if (entry.pair == kEmpty) entry = {pair, merge};
}

PairMerge MergeTable::find(Token left, Token right) const {
  return entries_[slot_of(pair_of(left, right))].merge;
}

}  // namespace antiphon::models::text

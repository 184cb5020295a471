#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <vector>

#include "models/token.h"

namespace antiphon::models::text {

// A stretch of text on its way to become one token.
struct Symbol {
  Token token = -1;  // -1: not in the vocabulary
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

// What two neighbours become, and when: the lowest rank goes first, of equal ones the leftmost.
struct PairMerge {
  static constexpr std::uint32_t kNever = std::numeric_limits<std::uint32_t>::max();
  std::uint32_t rank = kNever;
  Token merged = -1;
};

// Byte-pair merging (Sennrich et al. 2016) over a linked list with a heap of candidates.
//
// Owner:  one thread at a time.
// Time:   O(n log n) for n symbols, so that a word of 64 KB is no trap.
// Memory: 40 bytes for each symbol of the longest piece so far, reused from call to call.
class PairMerger {
 public:
  void clear() { nodes_.clear(); }
  void add(Symbol symbol) { nodes_.push_back({symbol, {}, size() - 1, size() + 1}); }

  // Merges until no pair is left. `merge_of(left, right)` is asked once for each pair that becomes
  // neighbours.
  template <class MergeOf>
  void run(MergeOf merge_of);

  // Calls take(symbol) for what is left, in order.
  template <class Take>
  void for_each(Take take) const {
    for (std::int32_t i = nodes_.empty() ? kNone : 0; i < size(); i = at(i).next) take(at(i).symbol);
  }

 private:
  static constexpr std::int32_t kNone = std::numeric_limits<std::int32_t>::max();
  struct Node {
    Symbol symbol;
    PairMerge with_next;
    std::int32_t before;  // -1: none
    std::int32_t next;    // size(): none
  };

  std::int32_t size() const { return static_cast<std::int32_t>(nodes_.size()); }
  Node& at(std::int32_t i) { return nodes_[static_cast<std::size_t>(i)]; }
  const Node& at(std::int32_t i) const { return nodes_[static_cast<std::size_t>(i)]; }

  template <class MergeOf>
  void look_right(std::int32_t i, MergeOf& merge_of) {
    Node& node = at(i);
    node.with_next = node.next < size() ? merge_of(node.symbol, at(node.next).symbol) : PairMerge{};
    if (node.with_next.rank == PairMerge::kNever) return;
    candidates_.push_back(std::uint64_t{node.with_next.rank} << 32 | static_cast<std::uint32_t>(i));
  }

  std::vector<Node> nodes_;
  std::vector<std::uint64_t> candidates_;  // heap of rank, place; out of date where the node's rank differs
};

template <class MergeOf>
void PairMerger::run(MergeOf merge_of) {
  candidates_.clear();
  for (std::int32_t i = 0; i < size(); ++i) look_right(i, merge_of);
  std::ranges::make_heap(candidates_, std::greater{});
  while (!candidates_.empty()) {
    std::ranges::pop_heap(candidates_, std::greater{});
    const std::uint64_t candidate = candidates_.back();
    candidates_.pop_back();
    const auto i = static_cast<std::int32_t>(candidate & 0xffffffffu);
    Node& left = at(i);
    if (left.with_next.rank != candidate >> 32) continue;
    Node& right = at(left.next);
    left.symbol = {left.with_next.merged, left.symbol.begin, right.symbol.end};
    left.next = right.next;
    right.with_next = {};
    if (left.next < size()) at(left.next).before = i;
    const auto push_new = [&](std::int32_t place) {
      const std::size_t count = candidates_.size();
      look_right(place, merge_of);
      if (candidates_.size() > count) std::ranges::push_heap(candidates_, std::greater{});
    };
    push_new(i);
    if (left.before >= 0) push_new(left.before);
  }
}

}  // namespace antiphon::models::text

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "models/language_model.h"

namespace antiphon::models {

// The byte strings of many tokens as a prefix tree, stored in depth-first order: a walk is one pass over an
// array that jumps over the subtrees of refused bytes.
//
// Owner: any thread; immutable after construction.
class ByteTrie {
 public:
  // One entry for each token given; bytes_of[token] must not be empty.
  ByteTrie(std::vector<Token> tokens, std::span<const std::string> bytes_of);

  // The longest token, in bytes.
  std::size_t depth_max() const { return depth_max_; }

  // Calls take(token) for each token all of whose bytes are accepted. `accept(depth, byte)` says whether
  // `byte` may come at place `depth` behind the bytes accepted at the places before; it is called in
  // depth-first order.
  template <class Accept, class Take>
  void walk(Accept accept, Take take) const {
    for (std::size_t i = 0; i < nodes_.size();) {
      const Node& node = nodes_[i];
      if (!accept(std::size_t{node.depth}, static_cast<char>(node.byte))) {
        i = node.after_subtree;
        continue;
      }
      const std::size_t end = i + 1 < nodes_.size() ? nodes_[i + 1].first_token : tokens_.size();
      for (std::size_t t = node.first_token; t < end; ++t) take(tokens_[t]);
      ++i;
    }
  }

 private:
  struct Node {
    std::uint32_t after_subtree;
    std::uint32_t first_token;  // of those that end at this node; they go to the next node's first
    std::uint16_t depth;        // bytes before this one
    std::uint8_t byte;
  };

  std::vector<Node> nodes_;
  std::vector<Token> tokens_;  // sorted by their bytes
  std::size_t depth_max_ = 0;
};

}  // namespace antiphon::models

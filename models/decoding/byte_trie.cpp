#include "models/decoding/byte_trie.h"

#include <algorithm>
#include <cassert>
#include <tuple>

namespace antiphon::models {

ByteTrie::ByteTrie(std::vector<Token> tokens, std::span<const std::string> bytes_of)
    : tokens_(std::move(tokens)) {
  const auto bytes = [&](Token token) -> const std::string& {
    return bytes_of[static_cast<std::size_t>(token)];
  };
  std::ranges::sort(tokens_, [&](Token a, Token b) { return std::tie(bytes(a), a) < std::tie(bytes(b), b); });
  std::vector<std::uint32_t> path;  // the nodes from the root to the last token's end
  const std::string* before = nullptr;
  const auto leave = [&](std::size_t depth) {
    for (; path.size() > depth; path.pop_back()) {
      nodes_[path.back()].after_subtree = static_cast<std::uint32_t>(nodes_.size());
    }
  };
  for (std::size_t t = 0; t < tokens_.size(); ++t) {
    const std::string& text = bytes(tokens_[t]);
    assert(!text.empty() && text.size() <= 0xffff);
    std::size_t common = 0;
    if (before != nullptr) {
      const auto [end, other] = std::ranges::mismatch(text, *before);
      common = static_cast<std::size_t>(end - text.begin());
    }
    leave(common);
    for (std::size_t depth = common; depth < text.size(); ++depth) {
      path.push_back(static_cast<std::uint32_t>(nodes_.size()));
      nodes_.push_back({0, static_cast<std::uint32_t>(t), static_cast<std::uint16_t>(depth),
                        static_cast<std::uint8_t>(text[depth])});
    }
    depth_max_ = std::max(depth_max_, text.size());
    before = &text;
  }
  leave(0);
}

}  // namespace antiphon::models

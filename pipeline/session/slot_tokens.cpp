#include "pipeline/session/slot_tokens.h"

#include <algorithm>
#include <cassert>

namespace antiphon::pipeline {

SlotTokens::Change SlotTokens::change_to(std::span<const models::Token> wanted) const {
  assert(!wanted.empty());
  const auto shared = std::ranges::mismatch(tokens_, wanted).in2 - wanted.begin();
  const std::ptrdiff_t keep = std::min<std::ptrdiff_t>(shared, std::ssize(wanted) - 1);
  return {static_cast<int>(keep), {wanted.begin() + keep, wanted.end()}};
}

void SlotTokens::begin(const Change& change) {
  assert(change.start_length <= std::ssize(tokens_));
  tokens_.resize(static_cast<std::size_t>(change.start_length));
  tokens_.insert(tokens_.end(), change.append.begin(), change.append.end());
}

void SlotTokens::end(int slot_length) {
  assert(0 <= slot_length && slot_length <= std::ssize(tokens_));
  tokens_.resize(static_cast<std::size_t>(slot_length));
}

}  // namespace antiphon::pipeline

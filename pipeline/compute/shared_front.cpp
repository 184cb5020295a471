#include "pipeline/compute/shared_front.h"

#include <algorithm>

namespace antiphon::pipeline {

std::size_t SharedFront::lend(std::span<const models::Token> wanted, std::size_t have, models::Slot to) {
  if (wanted.empty()) return have;
  const std::size_t count = known(wanted.first(wanted.size() - 1));
  if (count < have + kTokensMin) return have;
  model_->copy_prefix(*slot_, to, static_cast<int>(count)).run_to_end();
  return count;
}

void SharedFront::keep(std::span<const models::Token> opening, models::Slot from) {
  if (!slot_ || opening.size() < kTokensMin || known(opening) >= kTokensMin) return;
  const auto front = opening.first(std::min(opening.size(), kTokensMax));
  kept_.clear();
  model_->copy_prefix(from, *slot_, static_cast<int>(front.size())).run_to_end();
  kept_.assign(front.begin(), front.end());
}

// How many tokens from the front are those that are kept.
std::size_t SharedFront::known(std::span<const models::Token> wanted) const {
  const auto differ = std::ranges::mismatch(wanted, kept_);
  return static_cast<std::size_t>(differ.in1 - wanted.begin());
}

}  // namespace antiphon::pipeline

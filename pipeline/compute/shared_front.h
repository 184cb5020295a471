#pragma once

#include <optional>
#include <span>
#include <vector>

#include "models/language_model.h"

namespace antiphon::pipeline {

// The opening that most sessions' prompts begin with, kept in a slot of its own, so that a new session copies
// it (a millisecond) instead of having it read again (up to a second).
//
// It keeps one opening, the last that was read whole: servers seldom have more than one.
//
// Owner:  the lane that steps the batcher.
// Time:   a copy of kTokensMax tokens takes about 2 ms; longer openings are kept in part.
// Errors: what the model throws leaves the slots as the model says, and nothing is kept.
class SharedFront {
 public:
  static constexpr std::size_t kTokensMin = 16;  // shorter ones are read as fast
  static constexpr std::size_t kTokensMax = 256;

  // `slot` belongs to no session; none: nothing is shared. The model outlives it.
  SharedFront(models::LanguageModel* model, std::optional<models::Slot> slot) : model_(model), slot_(slot) {}

  // `to` holds the first `have` tokens of `wanted`. Fills it with more of them as far as they are known, but
  // for the last token, whose logits are wanted. Returns how many tokens `to` holds then.
  std::size_t lend(std::span<const models::Token> wanted, std::size_t have, models::Slot to);
  // `from` holds `opening`, and nothing before it.
  void keep(std::span<const models::Token> opening, models::Slot from);

 private:
  std::size_t known(std::span<const models::Token> wanted) const;

  models::LanguageModel* const model_;
  const std::optional<models::Slot> slot_;
  std::vector<models::Token> kept_;
};

}  // namespace antiphon::pipeline

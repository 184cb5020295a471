#pragma once

#include <span>
#include <string>
#include <vector>

namespace antiphon::models::text {

// Which words of a growing utterance are safe to show as said: those on which two hypotheses in a row agree
// (LocalAgreement-2, https://arxiv.org/abs/2005.11185). The last word of a hypothesis never counts, since its
// sound may not be complete. What was confirmed stays confirmed, also where a later hypothesis contradicts
// it.
//
// Owner: one session; not thread-safe.
class LocalAgreement {
 public:
  // The words that this hypothesis confirms in addition, in order; they continue what was confirmed before.
  std::vector<std::string> add(std::vector<std::string> hypothesis);

  // The words of the final transcript that were not confirmed before; afterwards the object is as new.
  std::vector<std::string> finish(std::span<const std::string> transcript);

  int confirmed() const { return confirmed_; }

 private:
  std::vector<std::string> previous_;
  int confirmed_ = 0;
};

}  // namespace antiphon::models::text

#include "models/text/local_agreement.h"

#include <algorithm>
#include <utility>

namespace antiphon::models::text {

std::vector<std::string> LocalAgreement::add(std::vector<std::string> hypothesis) {
  const auto [end, _] = std::ranges::mismatch(hypothesis, previous_);
  const std::ptrdiff_t complete = std::max<std::ptrdiff_t>(0, std::ssize(hypothesis) - 1);
  const std::ptrdiff_t agreed = std::min<std::ptrdiff_t>(end - hypothesis.begin(), complete);
  std::vector<std::string> added;
  if (agreed > confirmed_) {
    added.assign(hypothesis.begin() + confirmed_, hypothesis.begin() + agreed);
    confirmed_ = static_cast<int>(agreed);
  }
  previous_ = std::move(hypothesis);
  return added;
}

std::vector<std::string> LocalAgreement::finish(std::span<const std::string> transcript) {
  const std::size_t known = std::min(transcript.size(), static_cast<std::size_t>(confirmed_));
  std::vector<std::string> rest(transcript.begin() + static_cast<std::ptrdiff_t>(known), transcript.end());
  *this = LocalAgreement();
  return rest;
}

}  // namespace antiphon::models::text

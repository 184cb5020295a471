#pragma once

#include <string>
#include <utility>
#include <vector>

namespace antiphon::fakes {

// What went wrong in one run, a sentence each; beyond a handful they only repeat each other.
class FaultList {
 public:
  static constexpr std::size_t kMax = 20;

  void add(std::string sentence) {
    if (all_.size() < kMax) all_.push_back(std::move(sentence));
  }
  bool empty() const { return all_.empty(); }
  const std::vector<std::string>& all() const { return all_; }

 private:
  std::vector<std::string> all_;
};

}  // namespace antiphon::fakes

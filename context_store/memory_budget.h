#pragma once

#include <algorithm>
#include <cstddef>

namespace antiphon::context_store {

// What an operator may keep in memory, and what it kept at most. Owner: the operator's caller.
class MemoryBudget {
 public:
  explicit MemoryBudget(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  // False, and nothing is taken, if that would be too much.
  [[nodiscard]] bool take(std::size_t bytes) {
    if (bytes > bytes_max_ - used_) return false;
    used_ += bytes;
    peak_ = std::max(peak_, used_);
    return true;
  }
  void give_back(std::size_t bytes) { used_ -= std::min(bytes, used_); }

  std::size_t bytes_max() const { return bytes_max_; }
  std::size_t used() const { return used_; }
  std::size_t peak() const { return peak_; }

 private:
  const std::size_t bytes_max_;
  std::size_t used_ = 0;
  std::size_t peak_ = 0;
};

}  // namespace antiphon::context_store

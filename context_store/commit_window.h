#pragma once

#include <chrono>
#include <optional>

namespace antiphon::context_store {

// Decides when a group of waiting turns is committed: when there are enough of them, or when the first has
// waited long enough for others to share its sync with.
//
// Owner: the thread that commits. Pure: `now` is an argument.
class CommitWindow {
 public:
  using Time = std::chrono::steady_clock::time_point;
  struct Config {
    int turns_max = 128;
    std::chrono::microseconds wait_max{1000};
  };

  CommitWindow() = default;
  explicit CommitWindow(const Config& config) : config_(config) {}

  void add_turn(Time now) {
    if (turns_++ == 0) due_ = now + config_.wait_max;
  }
  bool due(Time now) const { return turns_ >= config_.turns_max || (turns_ > 0 && now >= due_); }
  // When to ask again; none: nothing waits.
  std::optional<Time> due_at() const {
    if (turns_ == 0) return std::nullopt;
    return due_;
  }
  void committed() { turns_ = 0; }

 private:
  Config config_;
  int turns_ = 0;
  Time due_{};
};

}  // namespace antiphon::context_store

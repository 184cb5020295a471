#pragma once

#include <algorithm>

namespace antiphon::models {

// Decides where a pass stops between two steps: adds up what the work should cost on the machine class this
// is made for (one core of a server, shared memory) and says when about 8 ms are spent.
class StepBudget {
 public:
  // Work that reads `bytes` of weights and multiplies `multiplications` times; true if a step should end
  // here.
  bool spend(double bytes, double multiplications) {
    spent_seconds_ += std::max(bytes / kBytesPerSecond, multiplications / kMultiplicationsPerSecond);
    if (spent_seconds_ < kStepSeconds) return false;
    spent_seconds_ = 0;
    return true;
  }
  // The part of so much work that fits into one step, at least 1/n-th of it when it is n times too long.
  static int steps_of(double bytes, double multiplications) {
    const double seconds = std::max(bytes / kBytesPerSecond, multiplications / kMultiplicationsPerSecond);
    return 1 + static_cast<int>(seconds / kStepSeconds);
  }

 private:
  static constexpr double kStepSeconds = 0.008;
  static constexpr double kBytesPerSecond = 10e9;
  static constexpr double kMultiplicationsPerSecond = 100e9;

  double spent_seconds_ = 0;
};

}  // namespace antiphon::models

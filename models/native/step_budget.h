#pragma once

#include <algorithm>

namespace antiphon::models {

// Decides where a pass stops between two steps: adds up what the work should cost on the machine class this
// is made for (one core of a server with AVX2 and busy neighbours) and says when about 8 ms are spent. What
// is usually faster than the constants say only gets shorter steps, and a boundary costs next to nothing.
class StepBudget {
 public:
  // Work that reads `bytes` of weights and multiplies `multiplications` times; true if a step should end
  // here.
  bool spend(double bytes, double multiplications) {
    spent_seconds_ += seconds(bytes, multiplications);
    if (spent_seconds_ < 0.99 * kStepSeconds) return false;
    spent_seconds_ = 0;
    return true;
  }
  // How many equal pieces of work still fit into this step; at least one.
  int units_left(double bytes, double multiplications) const {
    const double units = (kStepSeconds - spent_seconds_) / seconds(bytes, multiplications);
    return static_cast<int>(std::clamp(units, 1.0, 1e6));
  }

  static constexpr double kStepSeconds = 0.008;

  static double seconds(double bytes, double multiplications) {
    return std::max(bytes / kBytesPerSecond, multiplications / kMultiplicationsPerSecond);
  }

 private:
  static constexpr double kBytesPerSecond = 7e9;
  static constexpr double kMultiplicationsPerSecond = 40e9;

  double spent_seconds_ = 0;
};

}  // namespace antiphon::models

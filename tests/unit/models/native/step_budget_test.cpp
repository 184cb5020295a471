#include "models/native/step_budget.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace antiphon::models {
namespace {

// Cuts work of many units by what is left, as the forward pass does; the longest step, in seconds.
double longest_step(int units, double bytes, double multiplications) {
  StepBudget budget;
  double longest = 0, step = 0;
  while (units > 0) {
    const int part = std::min(units, budget.units_left(bytes, multiplications));
    units -= part;
    step += StepBudget::seconds(part * bytes, part * multiplications);
    longest = std::max(longest, step);
    if (budget.spend(part * bytes, part * multiplications)) step = 0;
  }
  return longest;
}

TEST(StepBudget, NoStepHoldsMoreThanTheBudget) {
  constexpr double kUnit = StepBudget::kStepSeconds / 7;  // 7 to a step, in one of two ways
  const double bytes = kUnit / StepBudget::seconds(1, 0);
  const double multiplications = kUnit / StepBudget::seconds(0, 1);
  EXPECT_LE(longest_step(100, bytes, 0), StepBudget::kStepSeconds * 1.001);
  EXPECT_LE(longest_step(100, bytes / 100, multiplications), StepBudget::kStepSeconds * 1.001);
}

TEST(StepBudget, AUnitThatIsTooLongIsAStepOfItsOwn) {
  const double bytes = 3 * StepBudget::kStepSeconds / StepBudget::seconds(1, 0);
  EXPECT_DOUBLE_EQ(longest_step(5, bytes, 0), 3 * StepBudget::kStepSeconds);
}

}  // namespace
}  // namespace antiphon::models

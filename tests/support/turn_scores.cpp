#include "tests/support/turn_scores.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

namespace antiphon::test {
namespace {

constexpr int kWindowMs = 32;

// A decision falls at the end of a window.
int whole_windows_ms(std::chrono::milliseconds wait) {
  return (static_cast<int>(wait.count()) + kWindowMs - 1) / kWindowMs * kWindowMs;
}

}  // namespace

std::vector<const TurnEvent*> of_kinds(const TurnEvents& events, std::initializer_list<std::string> kinds) {
  std::vector<const TurnEvent*> found;
  for (const auto& [number, event] : events) {
    if (std::ranges::find(kinds, event.kind) != kinds.end()) found.push_back(&event);
  }
  return found;
}

int cut_off(const std::vector<const TurnEvent*>& pauses, const Wait& wait) {
  return static_cast<int>(std::ranges::count_if(pauses, [&](const TurnEvent* pause) {
    return whole_windows_ms(wait(*pause)) < pause->pause_ms.value_or(0);
  }));
}

std::chrono::milliseconds silence_only(const std::vector<const TurnEvent*>& pauses, int cut) {
  std::vector<int> lengths_ms;
  for (const TurnEvent* pause : pauses) lengths_ms.push_back(pause->pause_ms.value_or(0));
  std::ranges::sort(lengths_ms, std::greater<>());
  const auto at = static_cast<std::size_t>(cut);
  return std::chrono::milliseconds(at < lengths_ms.size() ? lengths_ms[at] : 0);
}

Delays delays(const std::vector<const TurnEvent*>& ends, const Wait& wait) {
  std::vector<double> waits_ms;
  for (const TurnEvent* end : ends) waits_ms.push_back(whole_windows_ms(wait(*end)));
  const double sum = std::accumulate(waits_ms.begin(), waits_ms.end(), 0.0);
  return {sum / static_cast<double>(waits_ms.size()), quantile(waits_ms, 0.5), quantile(waits_ms, 0.9)};
}

double area_under_curve(const std::vector<double>& ends, const std::vector<double>& pauses) {
  double wins = 0;
  for (const double end : ends) {
    for (const double pause : pauses) wins += end > pause ? 1.0 : end == pause ? 0.5 : 0.0;
  }
  return wins / static_cast<double>(ends.size() * pauses.size());
}

double quantile(std::vector<double> values, double q) {
  std::ranges::sort(values);
  return values[static_cast<std::size_t>(std::lround(q * static_cast<double>(values.size() - 1)))];
}

}  // namespace antiphon::test

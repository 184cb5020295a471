// How well a rule finds the ends of turns, over labelled events.
#pragma once

#include <chrono>
#include <functional>
#include <initializer_list>
#include <map>
#include <string>
#include <vector>

#include "tests/support/turn_events.h"

namespace antiphon::test {

using TurnEvents = std::map<int, TurnEvent>;

// How much silence the rule waits for at this event.
using Wait = std::function<std::chrono::milliseconds(const TurnEvent&)>;

std::vector<const TurnEvent*> of_kinds(const TurnEvents& events, std::initializer_list<std::string> kinds);

// How many of the pauses are shorter than the rule's wait would have allowed: the speaker is cut off.
int cut_off(const std::vector<const TurnEvent*>& pauses, const Wait& wait);

// The shortest fixed wait that cuts at most `cut` of the pauses off.
std::chrono::milliseconds silence_only(const std::vector<const TurnEvent*>& pauses, int cut);

struct Delays {
  double mean_ms = 0;
  double p50_ms = 0;
  double p90_ms = 0;
};
Delays delays(const std::vector<const TurnEvent*>& ends, const Wait& wait);

// The share of pairs in which the finished end scores higher than the pause (ties count half).
double area_under_curve(const std::vector<double>& ends, const std::vector<double>& pauses);

// REQUIRES: values is not empty.
double quantile(std::vector<double> values, double q);

}  // namespace antiphon::test

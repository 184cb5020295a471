#pragma once

#include <chrono>

namespace antiphon::models::stand_ins {

// What a step of each stand-in takes, in the wall clock's time and without using a processor: that of a
// network that runs on other hardware. Zero: nothing but what the stand-in itself costs.
struct StepTimes {
  using Time = std::chrono::microseconds;

  Time voice_activity{0};  // a pass over the windows of all sessions
  Time end_of_turn{0};     // two steps for each question
  Time encode{0};          // a step for each second of speech
  Time decode{0};          // a step for each four words
  Time language{0};        // a pass over any number of rows
  Time synthesis{0};       // a step for each 150 ms of speech
  // How the calling thread lets time pass; null only if all of the above are zero. A leaf room has no clock.
  void (*spend)(Time) = nullptr;

  void pass(Time time) const {
    if (time > Time(0)) spend(time);
  }
};

}  // namespace antiphon::models::stand_ins

// How many sessions a machine can hold: what their networks' work takes, against its processors. Pure.
#pragma once

#include "pipeline/runtime/time.h"

namespace antiphon::pipeline {

// The work of a conversation's parts on one thread of this machine that has nothing else to do.
struct WorkCosts {
  Duration voice_window{};   // 32 ms of sound through voice activity
  Duration end_of_turn{};    // one question to the turn detector
  Duration heard_second{};   // recognition of a second of speech
  Duration read_token{};     // of the language model's prompt
  Duration written_token{};  // while a few sessions write
  Duration spoken_second{};  // synthesis of a second of speech

  bool operator==(const WorkCosts&) const = default;
};

// One thread's time for a second of a conversation in which user and assistant speak in turn, a bit less than
// half of the time each.
Duration work_of_session_second(const WorkCosts& costs);

// How many such sessions the machine can hold so that answers come about as fast as for one, at least 1. The
// rest of the processors' time, more than half, is left: for what comes at the same moment, for speculation
// that fails, for passes with few rows, for sockets.
int rated_sessions(const WorkCosts& costs, int processors);

}  // namespace antiphon::pipeline

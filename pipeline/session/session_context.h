#pragma once

#include <chrono>
#include <cstdint>

#include "models/slot.h"
#include "pipeline/compute/compute_executor.h"
#include "pipeline/compute/language_model_batcher.h"
#include "pipeline/compute/voice_activity_lane.h"
#include "pipeline/engine/networks.h"
#include "pipeline/memory/memory.h"
#include "pipeline/runtime/ids.h"
#include "pipeline/session/lane_inbox.h"
#include "pipeline/session/turn_trace.h"

namespace antiphon::pipeline {

// The operator's choices that sessions follow.
struct SessionLimits {
  bool speculate = true;
  int reply_tokens_max = 300;  // also when the client says "inf"
  float temperature = 0;       // of the language model's choice of words; 0: always the likeliest
  std::chrono::milliseconds session_max{std::chrono::minutes(60)};
  std::chrono::milliseconds memory_note_max{20};  // what a reply waits for the memory at most
};

// Where a session's work gets done. All of it outlives the session.
struct SessionContext {
  const Networks* networks = nullptr;
  VoiceActivityQueue* voice_activity = nullptr;
  ComputeExecutor* executor = nullptr;
  LanguageModelBatcher* batcher = nullptr;
  Memory* memory = nullptr;          // null: nobody is remembered
  LaneInbox* inbox = nullptr;        // of the session's media worker
  TurnObserver* observer = nullptr;  // of the session's media worker
  const SessionLimits* limits = nullptr;
  int events_max = 32;  // of the client, that the session may hold
  SessionId id{};
  models::Slot seat{};  // the same slot of all networks
};

}  // namespace antiphon::pipeline

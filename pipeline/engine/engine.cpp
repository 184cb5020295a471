#include "pipeline/engine/engine.h"

#include <utility>

#include "pipeline/runtime/thread_role.h"

namespace antiphon::pipeline {

Engine::Engine(const Networks& networks, const EngineConfig& config)
    : core_(networks, config, Clock::now()),
      realtime_lane_(&core_.voice_activity()),
      lanes_(&core_.executor()),
      worker_(0, &core_.media()) {}

EngineReport Engine::report() const {
  EngineReport report = core_.report();
  report.voice_activity_batch = realtime_lane_.batch_time();
  return report;
}

std::vector<std::string> Engine::shortfalls() {
  std::vector<std::string> sentences;
  for (std::string sentence :
       {worker_.shortfall(), realtime_lane_.shortfall(), lanes_.shortfall(), lock_memory()}) {
    if (!sentence.empty()) sentences.push_back(std::move(sentence));
  }
  return sentences;
}

}  // namespace antiphon::pipeline

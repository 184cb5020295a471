// What a running engine reports, for Prometheus.
#pragma once

#include <prometheus/metric_family.h>
#include <prometheus/registry.h>

#include <vector>

#include "pipeline/engine/engine.h"
#include "pipeline/memory/store_memory.h"
#include "pipeline/metrics/memory_metrics.h"

namespace antiphon::pipeline {

// Pure. Times in seconds; names as "antiphon_turn_stage_seconds".
std::vector<prometheus::MetricFamily> engine_metrics(const EngineReport& report);

// A registry that an engine's report is part of, and the memory's if there is one.
//
// Owner:    Collect(): any thread but a media worker (EngineReport takes the lanes' mutex).
// Lifetime: both outlive it.
class EngineRegistry final : public prometheus::Registry {
 public:
  explicit EngineRegistry(const Engine* engine, const StoreMemory* memory = nullptr)
      : engine_(engine), memory_(memory) {}
  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  const Engine* const engine_;
  const StoreMemory* const memory_;
};

}  // namespace antiphon::pipeline

#pragma once

#include <prometheus/metric_family.h>

#include <vector>

#include "pipeline/memory/memory_report.h"

namespace antiphon::pipeline {

// Pure. Times in seconds; names as "antiphon_memory_recall_seconds". No user is named.
std::vector<prometheus::MetricFamily> memory_metrics(const MemoryReport& report);

}  // namespace antiphon::pipeline

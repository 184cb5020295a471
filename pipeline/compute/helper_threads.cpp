#include "pipeline/compute/helper_threads.h"

#include <cstddef>

namespace antiphon::pipeline {

HelperThreads::HelperThreads(int threads) : sharing_(threads + 1, &bell_) {
  threads_.reserve(static_cast<std::size_t>(threads));
  for (int i = 0; i < threads; ++i) threads_.emplace_back(ThreadRole::kComputeLane, i, [this] { loop(); });
}

HelperThreads::~HelperThreads() {
  stopping_.store(1, std::memory_order_relaxed);  // the bell orders it
  bell_.ring();
}

void HelperThreads::loop() {
  while (stopping_.load(std::memory_order_relaxed) == 0) {
    sharing_.help(stopping_, 0);
    bell_.wait();
  }
  bell_.ring();  // the next one hears of the stop
}

}  // namespace antiphon::pipeline

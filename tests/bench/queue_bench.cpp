// What a push and a pop cost: alone on one thread (the instructions), and with producer and consumer on two
// cores (the cache lines that move).
#include <benchmark/benchmark.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <thread>

#include "pipeline/runtime/doorbell.h"
#include "pipeline/runtime/drop_oldest_ring.h"
#include "pipeline/runtime/latency_histogram.h"
#include "pipeline/runtime/mpsc_queue.h"
#include "pipeline/runtime/refusing_ring.h"

namespace antiphon::pipeline {
namespace {

using Frame = std::array<float, 320>;  // 20 ms at 16 kHz
constexpr std::size_t kCapacity = 64;

template <class T>
RefusingRing<T> make(RefusingRing<T>*) {
  return RefusingRing<T>(kCapacity);
}
template <class T>
DropOldestRing<T> make(DropOldestRing<T>*) {
  return DropOldestRing<T>(kCapacity);
}
template <class T>
MpscQueue<T> make(MpscQueue<T>*) {
  return MpscQueue<T>(kCapacity, 2);
}

template <class Queue, class Value>
void push_and_pop(benchmark::State& state) {
  Queue queue = make(static_cast<Queue*>(nullptr));
  Value value{};
  for (auto _ : state) {
    benchmark::DoNotOptimize(queue.push(value));
    benchmark::DoNotOptimize(queue.pop(value));
  }
}

// Time for each value that arrives; the producer never waits for the consumer otherwise.
template <class Queue, class Value>
void between_two_threads(benchmark::State& state) {
  Queue queue = make(static_cast<Queue*>(nullptr));
  std::atomic<bool> stop = false;
  std::thread producer([&] {
    Value value{};
    while (!stop.load(std::memory_order_relaxed)) static_cast<void>(queue.push(value));
  });
  Value value{};
  for (auto _ : state) {
    while (!queue.pop(value)) {
    }
  }
  stop = true;
  producer.join();
}

void ring_and_take(benchmark::State& state) {
  Doorbell bell;
  for (auto _ : state) {
    bell.ring();
    benchmark::DoNotOptimize(bell.try_take());
  }
}

// There and back through two sleeping threads: two wake-ups by the kernel.
void doorbell_round_trip(benchmark::State& state) {
  Doorbell ping;
  Doorbell pong;
  std::atomic<bool> stop = false;
  std::thread other([&] {
    for (;;) {
      ping.wait();
      if (stop) return;
      pong.ring();
    }
  });
  for (auto _ : state) {
    ping.ring();
    pong.wait();
  }
  stop = true;
  ping.ring();
  other.join();
}

void record_latency(benchmark::State& state) {
  LatencyHistogram histogram;
  std::int64_t latency = 0;
  for (auto _ : state) {
    latency = (latency + 7919) % 1000000;
    histogram.record(Duration(latency));
  }
}

BENCHMARK(push_and_pop<RefusingRing<std::uint64_t>, std::uint64_t>)
    ->Name("push_and_pop/refusing_ring/8_bytes");
BENCHMARK(push_and_pop<DropOldestRing<std::uint64_t>, std::uint64_t>)
    ->Name("push_and_pop/drop_oldest_ring/8_bytes");
BENCHMARK(push_and_pop<MpscQueue<std::uint64_t>, std::uint64_t>)->Name("push_and_pop/mpsc_queue/8_bytes");
BENCHMARK(push_and_pop<RefusingRing<Frame>, Frame>)->Name("push_and_pop/refusing_ring/frame");
BENCHMARK(push_and_pop<DropOldestRing<Frame>, Frame>)->Name("push_and_pop/drop_oldest_ring/frame");
BENCHMARK(push_and_pop<MpscQueue<Frame>, Frame>)->Name("push_and_pop/mpsc_queue/frame");
BENCHMARK(between_two_threads<RefusingRing<std::uint64_t>, std::uint64_t>)
    ->Name("between_two_threads/refusing_ring")
    ->UseRealTime();
BENCHMARK(between_two_threads<DropOldestRing<std::uint64_t>, std::uint64_t>)
    ->Name("between_two_threads/drop_oldest_ring")
    ->UseRealTime();
BENCHMARK(between_two_threads<MpscQueue<std::uint64_t>, std::uint64_t>)
    ->Name("between_two_threads/mpsc_queue")
    ->UseRealTime();
BENCHMARK(ring_and_take);
BENCHMARK(doorbell_round_trip)->UseRealTime();
BENCHMARK(record_latency);

}  // namespace
}  // namespace antiphon::pipeline

BENCHMARK_MAIN();

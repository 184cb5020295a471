// input_audio_buffer.append: from the bytes of a message to PCM, which every caller needs fifty times a
// second. Goal: at most 5 us for 20 ms of sound, and no allocation but the sound itself. The largest message
// (15 MiB of sound, 20 MiB of text) keeps its I/O thread as long as it takes here.
#include <benchmark/benchmark.h>

#include <cstddef>
#include <string>
#include <variant>
#include <vector>

#include "server/protocol/base64.h"
#include "server/protocol/client_reader.h"
#include "tests/support/allocation_count.h"

namespace antiphon::server::protocol {
namespace {

std::string append_message(const char* before, int duration_ms) {
  std::vector<std::byte> pcm(static_cast<std::size_t>(duration_ms) * 48);
  for (std::size_t i = 0; i < pcm.size(); ++i) pcm[i] = static_cast<std::byte>(i * 131 >> 3);
  std::string message = before;
  append_base64(message, pcm);
  return message + "\"}";
}

void read_append(benchmark::State& state, const char* before) {
  const std::string message = append_message(before, static_cast<int>(state.range(0)));
  std::int64_t allocations = 0;
  for (auto _ : state) {
    const std::int64_t counted = test::allocation_count();
    Dialect dialect = Dialect::kCurrent;
    pipeline::ClientEvent event = client_event(message, dialect);
    allocations += test::allocation_count() - counted;
    if (!std::holds_alternative<pipeline::AppendInputAudio>(event.body)) state.SkipWithError("not read");
    benchmark::DoNotOptimize(event);
  }
  const auto runs = static_cast<double>(state.iterations());
  state.counters["allocations"] = static_cast<double>(allocations) / runs;
  state.counters["of_the_parser"] = static_cast<double>(allocations) / runs - 1;
}

constexpr const char* kBare = R"({"type":"input_audio_buffer.append","audio":")";
constexpr const char* kPython = R"({"type": "input_audio_buffer.append", "event_id": "event_1", "audio": ")";
// A further field: the way through the JSON tree, for comparison.
constexpr const char* kTree = R"({"type":"input_audio_buffer.append","more":1,"audio":")";

BENCHMARK_CAPTURE(read_append, bare, kBare)->Arg(20)->Arg(100)->Arg(1000);
BENCHMARK_CAPTURE(read_append, with_an_event_id_and_spaces, kPython)->Arg(20);
BENCHMARK_CAPTURE(read_append, through_a_tree, kTree)->Arg(20);

constexpr int kLargestMs = 15 * 1024 * 1024 / 48;
BENCHMARK_CAPTURE(read_append, bare, kBare)->Arg(kLargestMs)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(read_append, through_a_tree, kTree)->Arg(kLargestMs)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace antiphon::server::protocol

BENCHMARK_MAIN();

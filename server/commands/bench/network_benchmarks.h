// The measurements, one function for each job. All run on the calling thread and add to the report.
#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include "server/commands/bench/bench_report.h"
#include "server/commands/loaded_models.h"

namespace antiphon::server::bench {

// A recording for the networks that hear: what the voice says of a fixed text, `seconds` long, 16 kHz.
std::vector<float> spoken_test_audio(const LoadedModels& models, double seconds);

// speech: 16 kHz, 10 s or more. Each needs its own job's network; rounds > 0.
void measure_voice_activity(LoadedModels& models, std::span<const float> speech, int rounds,
                            BenchReport& report);
// seconds: of the window with which the network was loaded.
void measure_end_of_turn(LoadedModels& models, int seconds, std::span<const float> speech, int rounds,
                         BenchReport& report);
void measure_recognition(LoadedModels& models, std::span<const float> speech, int rounds,
                         BenchReport& report);
void measure_language_model(LoadedModels& models, int rounds, BenchReport& report);
void measure_synthesis(LoadedModels& models, int rounds, BenchReport& report);
void measure_embedding(LoadedModels& models, int rounds, BenchReport& report);

}  // namespace antiphon::server::bench

// From the true end of the user's speech to the first audible sample of the answer, at a client on a real
// WebSocket, over turns of one talk with the real networks in this process:
//   voice_to_voice_bench --models small                      our own voice asks
//   voice_to_voice_bench --speech FOLDER --turns 30          recordings (WAV or FLAC, 16 kHz, mono); the end
//                                                            of their speech is where its level shows it
//   voice_to_voice_bench --turns 200 --listen 500            prints the resident memory after turns 20, 40,
//   ... voice_to_voice_bench --barge-in 1300                     the user speaks into the answers
//   voice_to_voice_bench --opus                              audio as Opus instead of PCM16 in JSON
//   voice_to_voice_bench --memory-turns 100000               talks with and without memory, by turns
// Prints a line for each turn (ms after the end of speech, as the server's turn trace has them), percentiles,
// and how many turns were cut off: ended while the user still spoke.
#include <prometheus/registry.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "context_store/context_store.h"
#include "models/catalogue/catalogue.h"
#include "pipeline/engine/engine.h"
#include "pipeline/memory/store_memory.h"
#include "server/commands/loaded_models.h"
#include "server/commands/model_choice.h"
#include "server/commands/voice_networks.h"
#include "server/config/log.h"
#include "server/net/server.h"
#include "tests/bench/voice/talking_client.h"
#include "tests/bench/voice/told_stories.h"
#include "tests/support/temporary_folder.h"

namespace {

using namespace antiphon;
using models::Job;
using std::chrono::milliseconds;

struct Options {
  server::ModelChoice models;
  std::vector<std::filesystem::path> speech;
  std::size_t turns = 30;
  std::string eagerness = "high";
  int silence_ms = 0;
  int barge_in_ms = 0;
  int listens_for_ms = 0;
  int lanes = 0;
  bool opus = false;
  int memory_turns = 0;
  bool transcription = true;
  bool speculation = true;
};

// Keeps the traces of all turns.
class TraceKeeper final : public pipeline::TurnObserver {
 public:
  void on_turn(const pipeline::TurnTrace& trace) noexcept override {
    const std::lock_guard lock(mutex_);
    traces_.push_back(trace);
  }
  // Of the reply that the client heard: the last one that was sent before `audible`.
  std::optional<pipeline::TurnTrace> before(bench::Time audible) const {
    const std::lock_guard lock(mutex_);
    std::optional<pipeline::TurnTrace> last;
    for (const pipeline::TurnTrace& trace : traces_) {
      if (!trace.first_audio_sent || *trace.first_audio_sent > audible) continue;
      if (!last || *trace.first_audio_sent > *last->first_audio_sent) last = trace;
    }
    return last;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<pipeline::TurnTrace> traces_;
};

std::string session_update(const Options& options) {
  const std::string detection =
      options.silence_ms > 0
          ? R"({"type":"server_vad","silence_duration_ms":)" + std::to_string(options.silence_ms) + "}"
          : R"({"type":"semantic_vad","eagerness":")" + options.eagerness + "\"}";
  const std::string transcription = options.transcription ? R"("transcription":{"model":"any"},)" : "";
  return R"({"type":"session.update","session":{"type":"realtime","audio":{"input":{)" + transcription +
         R"("turn_detection":)" + detection + "}}}}";
}

double ms_between(bench::Time from, bench::Time to) {
  return std::chrono::duration<double, std::milli>(to - from).count();
}

void print_percentiles(const char* name, std::vector<double> values) {
  if (values.empty()) {
    std::printf("%-34s none\n", name);
    return;
  }
  std::ranges::sort(values);
  const auto at = [&](double share) {
    return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1) + 0.5)];
  };
  std::printf("%-34s n %-3zu p50 %5.0f  p90 %5.0f  p95 %5.0f  p99 %5.0f  max %5.0f ms\n", name, values.size(),
              at(0.5), at(0.9), at(0.95), at(0.99), at(1));
}

// Of this process, server and client.
double resident_mib() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t pages = 0;
  std::uint64_t resident = 0;
  statm >> pages >> resident;
  return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 20U);
}

void print_resident(std::size_t turns) {
  constexpr std::size_t kEvery = 20;
  if (turns % kEvery == 0) std::printf("resident after turn %zu: %.1f MiB\n", turns, resident_mib());
}

void print_stage(const std::optional<pipeline::Time>& at, bench::Time end) {
  if (at) {
    std::printf(" %6.0f", ms_between(end, *at));
  } else {
    std::printf(" %6s", "-");
  }
}

void print_turn(const bench::HeardTurn& turn, const TraceKeeper& traces) {
  const bench::HeardReply* answer = turn.answer();
  std::optional<pipeline::TurnTrace> trace;
  if (answer != nullptr) trace = traces.before(*answer->audible);
  std::printf("%-22.22s %3s", turn.utterance.c_str(), turn.cut_off() ? "cut" : "");
  const pipeline::TurnTrace none;
  const pipeline::TurnTrace& stages = trace ? *trace : none;
  for (const auto& stage :
       {stages.speech_end, stages.paused, stages.decided, stages.transcript_final, stages.first_token,
        stages.first_phrase, stages.first_audio_made, stages.first_audio_sent}) {
    print_stage(stage, turn.end);
  }
  print_stage(answer != nullptr ? answer->audible : std::nullopt, turn.end);
  std::printf(" %4s  \"%s\" -> \"%s\"%s%s\n", stages.speculated ? "yes" : "no", turn.words.c_str(),
              answer != nullptr ? answer->words.c_str() : "",
              turn.error.empty() ? "" : "  error: ", turn.error.c_str());
}

struct Figures {
  std::vector<double> voice_to_voice, uncut, started, barge_in;
  int cut_off = 0;
  int unanswered = 0;
  int speculated = 0;
};

Figures figures_of(const std::vector<bench::HeardTurn>& turns, const TraceKeeper& traces) {
  Figures figures;
  for (const bench::HeardTurn& turn : turns) {
    if (turn.speech_started) figures.started.push_back(ms_between(turn.onset, *turn.speech_started));
    if (turn.barged_in_on) figures.barge_in.push_back(ms_between(turn.onset, *turn.barged_in_on));
    figures.cut_off += turn.cut_off() ? 1 : 0;
    const bench::HeardReply* answer = turn.answer();
    if (answer == nullptr) {
      ++figures.unanswered;
      continue;
    }
    const auto trace = traces.before(*answer->audible);
    figures.speculated += trace && trace->speculated ? 1 : 0;
    figures.voice_to_voice.push_back(ms_between(turn.end, *answer->audible));
    if (!turn.cut_off()) figures.uncut.push_back(figures.voice_to_voice.back());
  }
  return figures;
}

void print_figures(const std::vector<bench::HeardTurn>& turns, const TraceKeeper& traces) {
  std::printf("%-22s %3s %6s %6s %6s %6s %6s %6s %6s %6s %6s %4s\n", "ms after the true end", "", "voice",
              "pause", "decid.", "words", "token", "phrase", "made", "sent", "heard", "spec");
  for (const bench::HeardTurn& turn : turns) print_turn(turn, traces);
  const Figures figures = figures_of(turns, traces);
  std::printf("turns %zu: cut off %d, unanswered %d, speculation paid %d\n", turns.size(), figures.cut_off,
              figures.unanswered, figures.speculated);
  print_percentiles("voice to voice", figures.voice_to_voice);
  print_percentiles("voice to voice, not cut off", figures.uncut);
  print_percentiles("onset to speech_started", figures.started);
  print_percentiles("onset to the last frame (barge-in)", figures.barge_in);
}

void print_engine(const pipeline::EngineReport& report) {
  std::printf("overload reached: no speculation %lu, fewer partials %lu, no partials %lu\n",
              report.compute->overload_reached[1], report.compute->overload_reached[2],
              report.compute->overload_reached[3]);
  const char* kNames[] = {"sound cue",      "final words", "partial words",
                          "language model", "synthesis",   "other"};
  for (std::size_t kind = 0; kind < pipeline::kTaskKinds; ++kind) {
    const pipeline::LatencySnapshot& steps = report.compute->kinds[kind].step_time;
    if (steps.count() == 0) continue;
    std::printf("  %-15s %6lu steps, p50 %5.1f p99 %5.1f ms; %5lu late\n", kNames[kind],
                static_cast<unsigned long>(steps.count()),
                std::chrono::duration<double, std::milli>(steps.quantile(0.5)).count(),
                std::chrono::duration<double, std::milli>(steps.quantile(0.99)).count(),
                static_cast<unsigned long>(report.compute->kinds[kind].lateness.count()));
  }
}

std::vector<bench::HeardTurn> talk(const Options& options, std::uint16_t port, const std::string& target,
                                   const std::vector<bench::Utterance>& utterances, std::size_t turns) {
  bench::TalkingClient client({.port = port,
                               .session_update = session_update(options),
                               .target = target,
                               .voice = {.barge_in_after = milliseconds(options.barge_in_ms),
                                         .listens_for = milliseconds(options.listens_for_ms)},
                               .opus = options.opus,
                               .turn_over = print_resident});
  std::vector<bench::HeardTurn> heard = client.talk(utterances, turns);
  std::printf("bytes in messages: %.1f kB sent, %.1f kB received\n",
              static_cast<double>(client.bytes_sent()) / 1000,
              static_cast<double>(client.bytes_received()) / 1000);
  std::printf("the client sent its frames at most %.1f ms late\n",
              std::chrono::duration<double, std::milli>(client.send_lateness_max()).count());
  return heard;
}

// A store in which one user has said much.
struct FilledMemory {
  explicit FilledMemory(int turns) : store({.folder = folder.path()}), memory(store, {}) {
    bench::tell_stories(store, kUser, turns);
  }
  static inline const context_store::UserPath kUser = context_store::UserPath::of("open", "bench").value();

  test::TemporaryFolder folder;
  context_store::ContextStore store;
  pipeline::StoreMemory memory;
};

// Talks of one round of the utterances each, with memory and without in turn.
void compare_memory(const Options& options, std::uint16_t port,
                    const std::vector<bench::Utterance>& utterances, const TraceKeeper& traces) {
  std::vector<bench::HeardTurn> with;
  std::vector<bench::HeardTurn> without;
  const std::string remembered = "/v1/realtime?antiphon_user=" + FilledMemory::kUser.user();
  for (int talks = 0; with.size() < options.turns || without.size() < options.turns; ++talks) {
    const bool remembers = talks % 4 == 0 || talks % 4 == 3;
    std::vector<bench::HeardTurn>& turns = remembers ? with : without;
    const auto heard =
        talk(options, port, remembers ? remembered : "/v1/realtime", utterances, utterances.size());
    turns.insert(turns.end(), heard.begin(), heard.end());
  }
  std::printf("\nwith memory\n");
  print_figures(with, traces);
  std::printf("\nwithout memory\n");
  print_figures(without, traces);
}

void print_memory(const pipeline::MemoryReport& report) {
  const auto ms = [](pipeline::Duration time) {
    return std::chrono::duration<double, std::milli>(time).count();
  };
  std::printf(
      "memory: %lu turns, %lu embedded meanwhile; recalls %lu, %lu by meaning, p50 %.2f p99 %.2f max %.2f "
      "ms, "
      "%lu cut off; commits %lu, p50 %.1f p99 %.1f ms\n",
      static_cast<unsigned long>(report.totals.turns), static_cast<unsigned long>(report.turns_embedded),
      static_cast<unsigned long>(report.recall.count()),
      static_cast<unsigned long>(report.questions_by_meaning), ms(report.recall.quantile(0.5)),
      ms(report.recall.quantile(0.99)), ms(report.recall.max),
      static_cast<unsigned long>(report.recalls_cut_off), static_cast<unsigned long>(report.commit.count()),
      ms(report.commit.quantile(0.5)), ms(report.commit.quantile(0.99)));
}

void run(const Options& options) {
  server::start_log({.level = "warn"});
  server::LoadOptions load;
  load.jobs = {Job::kVoiceActivity, Job::kEndOfTurn, Job::kRecognition, Job::kLanguageModel, Job::kSynthesis};
  if (options.memory_turns > 0) load.jobs.insert(Job::kEmbedding);
  load.voice_activity_slots = load.turn_slots = load.language_model_slots = 2;
  load.language_model_slots = 3;  // one for the opening that sessions share
  load.language_model_file = options.models.language_model_file();
  const server::VoiceNetworks voice(load_models(options.models.resolve(), load));
  const pipeline::Networks networks = voice.networks();
  const std::vector<bench::Utterance> utterances =
      options.speech.empty() ? bench::synthesised_utterances(*networks.pronouncer, *networks.synthesizer)
                             : bench::recorded_utterances(options.speech);
  TraceKeeper traces;
  pipeline::EngineConfig engine_config;
  engine_config.sessions_max = 2;
  engine_config.compute_lanes = options.lanes;
  engine_config.limits.speculate = options.speculation;
  engine_config.observer = &traces;
  std::optional<FilledMemory> memory;
  if (options.memory_turns > 0) engine_config.memory = &memory.emplace(options.memory_turns).memory;
  pipeline::Engine engine(networks, engine_config);
  std::optional<pipeline::MeaningService> meaning;
  if (memory) meaning.emplace(memory->memory, engine);
  prometheus::Registry registry;
  server::NetConfig net;
  net.port = 0;
  server::Server server(net, engine, registry);
  std::jthread thread([&server](const std::stop_token& stop) { server.run(stop, false); });
  if (memory) {
    compare_memory(options, server.port(), utterances, traces);
    print_memory(memory->memory.report());
  } else {
    const std::vector<bench::HeardTurn> turns =
        talk(options, server.port(), "/v1/realtime", utterances, options.turns);
    print_figures(turns, traces);
  }
  print_engine(engine.report());
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Voice to voice at a client of the server");
  Options options;
  options.models.declare(
      app, {Job::kVoiceActivity, Job::kEndOfTurn, Job::kRecognition, Job::kLanguageModel, Job::kSynthesis});
  app.add_option("--speech", options.speech, "WAV or FLAC files, or folders of them");
  app.add_option("--turns", options.turns)->check(CLI::Range(1, 1000))->capture_default_str();
  app.add_option("--eagerness", options.eagerness, "of semantic_vad")
      ->check(CLI::IsMember({"low", "medium", "high"}))
      ->capture_default_str();
  app.add_option("--server-vad", options.silence_ms, "silence in ms; instead of semantic_vad");
  app.add_option("--barge-in", options.barge_in_ms, "speak so many ms into each answer");
  app.add_option("--listen", options.listens_for_ms, "cancel each answer after so many ms");
  app.add_option("--lanes", options.lanes, "compute lanes; 0: the engine's choice");
  app.add_flag("--opus", options.opus, "audio as Opus in binary messages");
  app.add_option("--memory-turns", options.memory_turns, "compare with a memory of so many turns");
  app.add_flag("--transcription,!--no-transcription", options.transcription)->capture_default_str();
  app.add_flag("--speculation,!--no-speculation", options.speculation)->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  try {
    run(options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "voice_to_voice_bench: %s\n", error.what());
    return 2;
  }
  return 0;
}

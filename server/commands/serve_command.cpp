#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "models/catalogue/catalogue.h"
#include "pipeline/engine/engine.h"
#include "pipeline/memory/store_memory.h"
#include "pipeline/metrics/engine_metrics.h"
#include "server/commands/calibration.h"
#include "server/commands/commands.h"
#include "server/commands/loaded_models.h"
#include "server/commands/model_choice.h"
#include "server/commands/stand_in_models.h"
#include "server/commands/voice_networks.h"
#include "server/config/config.h"
#include "server/config/log.h"
#include "server/config/reload.h"
#include "server/net/server.h"
#include "server/security/gatekeeper.h"
#include "server/security/key_file.h"

namespace antiphon::server {
namespace {

using Clock = std::chrono::steady_clock;
using models::Job;

constexpr const char* kFooter = R"(
Speaks the OpenAI Realtime protocol (GA) at ws://ADDRESS:PORT/v1/realtime, or wss:// with a certificate;
/livez, /readyz and /metrics are there too. Once there are keys (`antiphon key add NAME`) callers must show
one. SIGTERM and Ctrl-C let turns end first; SIGHUP reads settings and keys again: log.level, keys, their
limits and allowed origins change at once, the log names what needs a restart.

Examples:
  antiphon serve
  antiphon serve --models small --port 9000
  antiphon serve --config antiphon.toml --log-level debug
  antiphon serve --models fake --sessions-max 300     no networks, for load tests of the server itself
  antiphon serve --address 0.0.0.0 --tls-certificate-file cert.pem --tls-key-file key.pem)";

struct ServeOptions {
  ModelChoice models;
  std::string config_file;
  std::vector<std::string> fake_step_us;
  FlagValues flags;
};

constexpr int kMeasuredSessionsMax = 64;

constexpr int kFrontSlots = 1;  // of the language model, for the opening that sessions share

int slots_of(const Config& config) {
  return config.engine.sessions_max > 0 ? config.engine.sessions_max : kMeasuredSessionsMax;
}

bool recalls_by_meaning(const Config& config) {
  return !config.memory.folder.empty() && config.memory.embeddings == "on";
}

LoadedModels load(const ServeOptions& options, const Config& config) {
  if (options.models.fake()) {
    spdlog::warn("FAKE MODELS: nobody is understood and every answer is an echo; only for load tests");
    return stand_in_models(slots_of(config) + kFrontSlots, step_times(options.fake_step_us));
  }
  if (!options.fake_step_us.empty()) throw std::runtime_error("--fake-step-us goes with --models fake only.");
  const Clock::time_point start = Clock::now();
  LoadOptions load_options;
  load_options.jobs = {Job::kVoiceActivity, Job::kEndOfTurn, Job::kRecognition, Job::kLanguageModel,
                       Job::kSynthesis};
  if (recalls_by_meaning(config)) load_options.jobs.insert(Job::kEmbedding);
  load_options.voice_activity_slots = load_options.recording_slots = load_options.turn_slots =
      slots_of(config);
  load_options.language_model_slots = slots_of(config) + kFrontSlots;
  load_options.language_model_file = options.models.language_model_file();
  LoadedModels loaded = load_models(options.models.resolve(), load_options);
  for (const LoadTime& time : loaded.times) {
    spdlog::info("network: job=\"{}\" load_ms={:.0f} warm_up_ms={:.0f}", models::name_of(time.job),
                 time.load_ms, time.warm_up_ms);
  }
  spdlog::info("networks: ready_ms={:.0f}",
               std::chrono::duration<double, std::milli>(Clock::now() - start).count());
  return loaded;
}

// What GET /v1/models lists.
std::vector<std::string> model_names(const ServeOptions& options, const pipeline::Networks& networks) {
  if (options.models.fake()) return {"antiphon", networks.language_model->info().name};
  const models::ResolvedModels resolved = options.models.resolve();
  return {"antiphon", networks.language_model->info().name, std::string(resolved.model(Job::kRecognition).id),
          std::string(resolved.model(Job::kSynthesis).id)};
}

// The names of all networks: what costs are measured for.
std::string networks_of(const ServeOptions& options) {
  if (options.models.fake()) return "fake, steps in us: " + CLI::detail::join(options.fake_step_us, ",");
  const models::ResolvedModels resolved = options.models.resolve();
  std::string names = options.models.language_model_file().string();
  for (const Job job : {Job::kVoiceActivity, Job::kEndOfTurn, Job::kRecognition, Job::kSynthesis}) {
    names += ", " + resolved.model(job).id;
  }
  return names;
}

// Permits for sessions: as the config says, or as many as the networks' costs allow.
int permits(const ServeOptions& options, const Config& config, const pipeline::Networks& networks) {
  if (config.engine.sessions_max > 0) return config.engine.sessions_max;
  const std::string subject = calibration_subject(networks_of(options));
  const std::filesystem::path file = calibration_file();
  std::optional<pipeline::WorkCosts> costs = kept_costs(file, subject);
  const bool kept = costs.has_value();
  if (!kept) {
    costs = measured_costs(networks);
    if (!keep_costs(file, subject, *costs)) spdlog::warn("calibration: not kept: file=\"{}\"", file.string());
  }
  const int processors = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  const int sessions = std::min(rated_sessions(*costs, processors), slots_of(config));
  using Milliseconds = std::chrono::duration<double, std::milli>;
  spdlog::info("permits: sessions={} session_second_ms={:.1f} processors={} measured={}", sessions,
               Milliseconds(work_of_session_second(*costs)).count(), processors, kept ? "before" : "now");
  return sessions;
}

Config read_config(const ServeOptions& options) {
  std::optional<std::filesystem::path> file;
  if (!options.config_file.empty()) file = options.config_file;
  return load_config(file, options.flags);
}

// SIGHUP: what can't be read, or must not be, changes nothing.
std::optional<Access> reload(const ServeOptions& options, Config* running) {
  try {
    const Config fresh = read_config(options);
    Access access = load_access(fresh.security);
    refuse_open_door(running->server.address, access);
    static_cast<void>(OriginList(fresh.security.allowed_origins));  // throws
    take_over(fresh, running);
    spdlog::info("reload: keys={}", access.keys.size());
    return access;
  } catch (const std::runtime_error& error) {
    spdlog::error("reload: nothing changed: {}", error.what());
    return std::nullopt;
  }
}

void serve(const ServeOptions& options) {
  const Config config = read_config(options);
  start_log(config.log);
  log_config(config);
  const Access access = load_access(config.security);
  refuse_open_door(config.server.address, access);
  std::optional<context_store::ContextStore> store;
  if (!config.memory.folder.empty()) {
    store.emplace(context_store::ContextStore::Options{
        .folder = expanded(config.memory.folder),
        .cold_after = std::chrono::hours(config.memory.freeze_after_hours)});
  }
  const VoiceNetworks voice(load(options, config));
  pipeline::EngineConfig engine_config;
  engine_config.sessions_max = permits(options, config, voice.networks());
  engine_config.compute_lanes = config.engine.compute_lanes;
  engine_config.io_threads = config.server.io_threads;
  engine_config.limits.memory_note_max = config.memory.note_max;
  std::optional<pipeline::StoreMemory> memory;
  if (store) {
    memory.emplace(*store, pipeline::StoreMemory::Config{.sessions_max = engine_config.sessions_max,
                                                         .callers_max = config.server.io_threads + 1,
                                                         .freeze_turns_min = config.memory.freeze_turns_min});
  }
  pipeline::StoreMemory* const remembers = memory ? &*memory : nullptr;
  engine_config.memory = remembers;
  pipeline::Engine engine(voice.networks(), engine_config);
  std::optional<pipeline::MeaningService> meaning;
  if (recalls_by_meaning(config)) meaning.emplace(*memory, engine);
  for (const std::string& shortfall : engine.shortfalls()) spdlog::warn("timing: {}", shortfall);
  pipeline::EngineRegistry registry(&engine, remembers);
  const ApiConfig api{&engine, remembers, model_names(options, voice.networks()), options.models.set()};
  Config running = config;
  run_server(config.server, engine, registry, access, api, {}, [&] { return reload(options, &running); });
}

}  // namespace

void add_serve_command(CLI::App& app) {
  const auto options = std::make_shared<ServeOptions>();
  CLI::App* command = app.add_subcommand("serve", "Talk with any client of the Realtime protocol");
  command->add_option("--config", options->config_file, "TOML file of settings; flags come before it")
      ->type_name("FILE");
  add_config_flags(*command, options->flags);
  options->models.declare(*command,
                          {Job::kVoiceActivity, Job::kEndOfTurn, Job::kRecognition, Job::kLanguageModel,
                           Job::kSynthesis, Job::kEmbedding},
                          ModelChoice::Sets::kRealAndFake);
  command
      ->add_option(
          "--fake-step-us", options->fake_step_us,
          "With --models fake: how long a step takes, in microseconds, for each of voice, turn, encode, "
          "decode, language, synthesis")
      ->delimiter(',')
      ->type_name("KIND=US")
      ->group("Models");
  command->footer(kFooter);
  command->callback([options] { serve(*options); });
}

}  // namespace antiphon::server

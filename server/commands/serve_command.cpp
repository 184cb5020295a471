#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/catalogue/catalogue.h"
#include "pipeline/engine/engine.h"
#include "pipeline/memory/store_memory.h"
#include "pipeline/metrics/engine_metrics.h"
#include "server/commands/commands.h"
#include "server/commands/loaded_models.h"
#include "server/commands/model_choice.h"
#include "server/commands/voice_networks.h"
#include "server/config/config.h"
#include "server/config/log.h"
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
one. SIGTERM and Ctrl-C let turns end first.

Examples:
  antiphon serve
  antiphon serve --models small --port 9000
  antiphon serve --config antiphon.toml --log-level debug
  antiphon serve --address 0.0.0.0 --tls-certificate-file cert.pem --tls-key-file key.pem)";

struct ServeOptions {
  ModelChoice models;
  std::string config_file;
  FlagValues flags;
};

LoadedModels load(const ServeOptions& options, const Config& config) {
  const Clock::time_point start = Clock::now();
  LoadOptions load_options;
  load_options.jobs = {Job::kVoiceActivity, Job::kEndOfTurn, Job::kRecognition, Job::kLanguageModel,
                       Job::kSynthesis};
  load_options.voice_activity_slots = load_options.recording_slots = load_options.turn_slots =
      load_options.language_model_slots = config.engine.sessions_max;
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
  const models::ResolvedModels resolved = options.models.resolve();
  return {"antiphon", networks.language_model->info().name, std::string(resolved.model(Job::kRecognition).id),
          std::string(resolved.model(Job::kSynthesis).id)};
}

// What the users of earlier sessions said.
struct ServedMemory {
  explicit ServedMemory(const Config& config)
      : store({.folder = expanded(config.memory.folder)}),
        memory(store,
               {.sessions_max = config.engine.sessions_max, .callers_max = config.server.io_threads + 1}) {}

  context_store::ContextStore store;
  pipeline::StoreMemory memory;
};

void serve(const ServeOptions& options) {
  std::optional<std::filesystem::path> file;
  if (!options.config_file.empty()) file = options.config_file;
  const Config config = load_config(file, options.flags);
  start_log(config.log);
  log_config(config);
  const Access access = load_access(config.security);
  refuse_open_door(config.server.address, access);
  std::optional<ServedMemory> memory;
  if (!config.memory.folder.empty()) memory.emplace(config);
  pipeline::StoreMemory* const remembers = memory ? &memory->memory : nullptr;
  const VoiceNetworks voice(load(options, config));
  pipeline::EngineConfig engine_config;
  engine_config.sessions_max = config.engine.sessions_max;
  engine_config.compute_lanes = config.engine.compute_lanes;
  engine_config.io_threads = config.server.io_threads;
  engine_config.limits.memory_note_max = config.memory.note_max;
  engine_config.memory = remembers;
  pipeline::Engine engine(voice.networks(), engine_config);
  for (const std::string& shortfall : engine.shortfalls()) spdlog::warn("timing: {}", shortfall);
  pipeline::EngineRegistry registry(&engine, remembers);
  run_server(config.server, engine, registry, access,
             {&engine, remembers, model_names(options, voice.networks())}, {});
}

}  // namespace

void add_serve_command(CLI::App& app) {
  const auto options = std::make_shared<ServeOptions>();
  CLI::App* command = app.add_subcommand("serve", "Talk with any client of the Realtime protocol");
  command->add_option("--config", options->config_file, "TOML file of settings; flags come before it")
      ->type_name("FILE");
  add_config_flags(*command, options->flags);
  options->models.declare(*command, {Job::kVoiceActivity, Job::kEndOfTurn, Job::kRecognition,
                                     Job::kLanguageModel, Job::kSynthesis});
  command->footer(kFooter);
  command->callback([options] { serve(*options); });
}

}  // namespace antiphon::server

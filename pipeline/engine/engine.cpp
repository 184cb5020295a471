#include "pipeline/engine/engine.h"

#include <algorithm>
#include <cassert>
#include <thread>
#include <utility>

namespace antiphon::pipeline {
namespace {

constexpr int kEventsPerSessionMax = 32;
constexpr int kTasksPerSessionMax = 6;

int lanes_of(const EngineConfig& config) {
  if (config.compute_lanes > 0) return config.compute_lanes;
  return std::max(2, static_cast<int>(std::thread::hardware_concurrency()) - 1);
}

ComputeExecutor::Config executor_config(const EngineConfig& config) {
  ComputeExecutor::Config executor;
  executor.lanes = lanes_of(config);
  executor.submitters_max = config.io_threads + 1;
  executor.tasks_max = config.sessions_max * kTasksPerSessionMax;
  return executor;
}

LanguageModelBatcher::Config batcher_config(const EngineConfig& config) {
  LanguageModelBatcher::Config batcher;
  batcher.requests_max = config.sessions_max;  // a slot serves one at a time
  batcher.submitters_max = config.io_threads + 1;
  return batcher;
}

VoiceActivityLane::Config lane_config(const EngineConfig& config) {
  VoiceActivityLane::Config lane;
  lane.windows_max = config.sessions_max * Ears::kWindowsInFlightMax;
  return lane;
}

MediaWorker::Config worker_config(const EngineConfig& config) {
  MediaWorker::Config worker;
  worker.sessions_max = config.sessions_max;
  worker.events_per_session_max = kEventsPerSessionMax;
  const int per_session =
      Ears::kWindowsInFlightMax + config.limits.reply_tokens_max + 1 + kTasksPerSessionMax;
  worker.lane_results_max = config.sessions_max * per_session;
  worker.lanes_max = lanes_of(config) + 1;
  worker.io_threads_max = config.io_threads + 1;
  return worker;
}

// A connection's way to its session on the worker.
class Port final : public SessionPort {
 public:
  Port(MediaWorker* worker, SessionId session, ClientPlaces places)
      : worker_(worker), session_(session), places_(std::move(places)) {}
  Port(const Port&) = delete;
  Port& operator=(const Port&) = delete;
  ~Port() override { worker_->post({session_, ClientGone{}}); }

  bool submit(ClientEvent&& event) override {
    if (!places_->take()) return false;
    worker_->post({session_, std::move(event)});
    return true;
  }

 private:
  MediaWorker* const worker_;
  const SessionId session_;
  const ClientPlaces places_;
};

}  // namespace

Engine::Engine(const Networks& networks, const EngineConfig& config)
    : networks_(networks),
      config_(config),
      seats_(config.sessions_max),
      batcher_(networks.language_model, batcher_config(config)),
      executor_(executor_config(config)),
      voice_activity_(networks.voice_activity, lane_config(config)) {
  assert(networks.voice_activity->slots() >= config.sessions_max);
  assert(networks.turn->slots() >= config.sessions_max);
  assert(networks.language_model->slots() >= config.sessions_max);
  batcher_.attach(&executor_);
  lanes_ = std::make_unique<ComputeLanes>(&executor_);
  worker_ = std::make_unique<MediaWorker>(0, worker_config(config), shared_context());
}

Engine::~Engine() {
  worker_.reset();
  lanes_.reset();
}

SessionContext Engine::shared_context() {
  SessionContext context;
  context.networks = &networks_;
  context.voice_activity = &voice_activity_;
  context.executor = &executor_;
  context.batcher = &batcher_;
  context.limits = &config_.limits;
  return context;
}

std::variant<SlotLease, SessionRefusal> Engine::free_seat() {
  if (draining_) return SessionRefusal{SessionRefusal::Reason::kDraining, "The server is going down."};
  std::optional<SlotLease> seat = seats_.acquire();
  if (!seat) {
    refused_.fetch_add(1, std::memory_order_relaxed);
    return SessionRefusal{SessionRefusal::Reason::kOverloaded,
                          "The server has no room for another session now; try again later."};
  }
  return *std::move(seat);
}

JobDoor::JobOpening Engine::take_seat() {
  auto seat = free_seat();
  if (auto* refusal = std::get_if<SessionRefusal>(&seat)) return std::move(*refusal);
  return std::make_shared<const JobSeat>(
      JobSeat{std::move(std::get<SlotLease>(seat)), next_id(), &networks_, &executor_, &batcher_});
}

SessionDoor::Opening Engine::open(const SessionRequest& request, std::unique_ptr<EventSink> sink) {
  auto seat = free_seat();
  if (auto* refusal = std::get_if<SessionRefusal>(&seat)) return std::move(*refusal);
  SessionConfig config;
  config.type = request.type;
  if (!request.model.empty()) config.model = request.model;
  config.instructions = networks_.assistant->system;
  config = updated(std::move(config), request.settings);
  if (config.type == SessionType::kTranscription) config.turn_detection.create_response = false;
  const SessionId id = next_id();
  auto places = std::make_shared<PlaceCount>(kEventsPerSessionMax);
  auto port = std::make_unique<Port>(worker_.get(), id, places);
  worker_->post({id, SessionOpening{std::move(std::get<SlotLease>(seat)), std::move(config), std::move(sink),
                                    std::move(places)}});
  return port;
}

void Engine::drain() {
  if (!draining_.exchange(true)) worker_->post({SessionId{}, DrainSessions{}});
}

EngineReport Engine::report() const {
  EngineReport report;
  report.sessions = seats_.lent();
  report.sessions_refused = refused_.load(std::memory_order_relaxed);
  report.turns = worker_->turns();
  report.tick_lateness = worker_->tick_lateness();
  report.voice_activity_batch = voice_activity_.batch_time();
  report.compute = executor_.report();
  report.language_model = batcher_.counts();
  return report;
}

std::vector<std::string> Engine::shortfalls() {
  std::vector<std::string> sentences;
  for (std::string sentence :
       {worker_->shortfall(), voice_activity_.shortfall(), lanes_->shortfall(), lock_memory()}) {
    if (!sentence.empty()) sentences.push_back(std::move(sentence));
  }
  return sentences;
}

}  // namespace antiphon::pipeline

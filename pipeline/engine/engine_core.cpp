#include "pipeline/engine/engine_core.h"

#include <algorithm>
#include <cassert>
#include <thread>
#include <utility>

namespace antiphon::pipeline {
namespace {

constexpr int kEventsPerSessionMax = 32;
constexpr int kTasksPerSessionMax = 6;
constexpr int kMemoryThreads = 2;

int lanes_of(const EngineConfig& config) {
  if (config.compute_lanes > 0) return config.compute_lanes;
  return std::max(2, static_cast<int>(std::thread::hardware_concurrency()) - 1);
}

ComputeExecutor::Config executor_config(const EngineConfig& config) {
  ComputeExecutor::Config executor;
  executor.lanes = lanes_of(config);
  executor.submitters_max = config.io_threads + 1;
  executor.tasks_max = config.sessions_max * kTasksPerSessionMax;
  if (config.memory != nullptr) {
    executor.submitters_max += kMemoryThreads;
    executor.tasks_max += config.sessions_max + 1;  // a question's meaning each, and stored turns
  }
  return executor;
}

LanguageModelBatcher::Config batcher_config(const models::LanguageModel& model, const EngineConfig& config) {
  LanguageModelBatcher::Config batcher;
  batcher.requests_max = config.sessions_max;  // a slot serves one at a time
  batcher.submitters_max = config.io_threads + 1;
  if (model.slots() > config.sessions_max) batcher.front_slot = models::Slot{config.sessions_max};
  return batcher;
}

VoiceActivityQueue::Config lane_config(const EngineConfig& config) {
  VoiceActivityQueue::Config lane;
  lane.windows_max = config.sessions_max * Ears::kWindowsInFlightMax;
  return lane;
}

MediaLoop::Config media_config(const EngineConfig& config) {
  MediaLoop::Config media;
  media.sessions_max = config.sessions_max;
  media.events_per_session_max = kEventsPerSessionMax;
  const int per_session = Ears::kWindowsInFlightMax + config.limits.reply_tokens_max + 1 +
                          kTasksPerSessionMax + 1;  // an answer of the memory
  media.lane_results_max = config.sessions_max * per_session;
  media.lanes_max = lanes_of(config) + 2;  // the realtime lane and the memory too
  media.io_threads_max = config.io_threads + 1;
  media.observer = config.observer;
  return media;
}

// A connection's way to its session on the worker.
class Port final : public SessionPort {
 public:
  Port(MediaLoop* media, SessionId session, ClientPlaces places)
      : media_(media), session_(session), places_(std::move(places)) {}
  Port(const Port&) = delete;
  Port& operator=(const Port&) = delete;
  ~Port() override { media_->post({session_, ClientGone{}}); }

  bool submit(ClientEvent&& event) override {
    if (!places_->take()) return false;
    media_->post({session_, std::move(event)});
    return true;
  }

 private:
  MediaLoop* const media_;
  const SessionId session_;
  const ClientPlaces places_;
};

}  // namespace

EngineCore::EngineCore(const Networks& networks, const EngineConfig& config, Time start)
    : networks_(networks),
      config_(config),
      seats_(config.sessions_max),
      media_(media_config(config), shared_context(), start),
      batcher_(networks.language_model, batcher_config(*networks.language_model, config)),
      executor_(executor_config(config)),
      voice_activity_(networks.voice_activity, lane_config(config)) {
  assert(networks.voice_activity->slots() >= config.sessions_max);
  assert(networks.turn->slots() >= config.sessions_max);
  assert(networks.language_model->slots() >= config.sessions_max);
  batcher_.attach(&executor_);
}

SessionContext EngineCore::shared_context() {
  SessionContext context;
  context.networks = &networks_;
  context.voice_activity = &voice_activity_;
  context.executor = &executor_;
  context.batcher = &batcher_;
  context.limits = &config_.limits;
  context.memory = config_.memory;
  return context;
}

std::variant<SlotLease, SessionRefusal> EngineCore::free_seat() {
  if (draining_) return SessionRefusal{SessionRefusal::Reason::kDraining, "The server is going down."};
  std::optional<SlotLease> seat = seats_.acquire();
  if (!seat) {
    refused_.fetch_add(1, std::memory_order_relaxed);
    return SessionRefusal{SessionRefusal::Reason::kOverloaded,
                          "The server has no room for another session now; try again later."};
  }
  return *std::move(seat);
}

JobDoor::JobOpening EngineCore::take_seat() {
  auto seat = free_seat();
  if (auto* refusal = std::get_if<SessionRefusal>(&seat)) return std::move(*refusal);
  return std::make_shared<const JobSeat>(
      JobSeat{std::move(std::get<SlotLease>(seat)), next_id(), &networks_, &executor_, &batcher_});
}

SharedJobSeat EngineCore::background_seat() {
  return std::make_shared<const JobSeat>(JobSeat{SlotLease(), next_id(), &networks_, &executor_, &batcher_});
}

SessionDoor::Opening EngineCore::open(const SessionRequest& request, std::unique_ptr<EventSink> sink) {
  auto seat = free_seat();
  if (auto* refusal = std::get_if<SessionRefusal>(&seat)) return std::move(*refusal);
  SessionConfig config;
  config.type = request.type;
  if (!request.model.empty()) config.model = request.model;
  config.instructions = networks_.assistant->system;
  config.turn_traces = request.turn_traces;
  config = updated(std::move(config), request.settings);
  if (config.type == SessionType::kTranscription) {
    config.turn_detection.create_response = false;
    // Its transcripts are what it is for.
    if (!config.transcription) config.transcription = Transcription{config.model, "", ""};
  }
  const SessionId id = next_id();
  auto places = std::make_shared<PlaceCount>(kEventsPerSessionMax);
  auto port = std::make_unique<Port>(&media_, id, places);
  media_.post({id, SessionOpening{std::move(std::get<SlotLease>(seat)), std::move(config), std::move(sink),
                                  std::move(places), config_.wall_clock(), request.user}});
  return port;
}

void EngineCore::drain() {
  if (!draining_.exchange(true)) media_.post({SessionId{}, DrainSessions{}});
}

std::vector<std::string> EngineCore::missing() const {
  // The networks were warmed up before they came here.
  if (draining_) return {"The server is going down."};
  return {};
}

EngineReport EngineCore::report() const {
  EngineReport report;
  report.sessions = seats_.lent();
  report.seats = seats_.slots();
  report.sessions_refused = refused_.load(std::memory_order_relaxed);
  report.turns = media_.turns();
  report.tick_lateness = media_.tick_lateness();
  report.media = media_.counts();
  report.voice_windows = {static_cast<int>(voice_activity_.waiting()),
                          static_cast<int>(voice_activity_.windows_max()), voice_activity_.refused()};
  report.compute_tasks = {executor_.tasks_in_flight(), executor_.tasks_max(), executor_.refused()};
  report.language_model = batcher_.counts();
  report.language_model_requests = {batcher_.requests_in_flight(), batcher_.requests_max(),
                                    report.language_model.refused};
  report.compute = executor_.report();
  return report;
}

}  // namespace antiphon::pipeline

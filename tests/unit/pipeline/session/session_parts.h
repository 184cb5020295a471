// What the parts of a session need around them: lanes that run when a test says so, fake networks, a client
// that keeps what it is told.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/session/client_channel.h"
#include "pipeline/session/session_context.h"
#include "pipeline/session/session_tasks.h"
#include "tests/support/fakes/fake_networks.h"

namespace antiphon::pipeline {

class SessionParts {
 public:
  explicit SessionParts(int tasks_max = 16)
      : networks_(fakes_.networks()),
        inbox_(256, 4, &bell_),
        batcher_(networks_.language_model, {.requests_max = 4}),
        executor_({.lanes = 1, .tasks_max = tasks_max}),
        voice_activity_(networks_.voice_activity, {.windows_max = 8}) {
    batcher_.attach(&executor_);
    context_.networks = &networks_;
    context_.voice_activity = &voice_activity_;
    context_.executor = &executor_;
    context_.batcher = &batcher_;
    context_.inbox = &inbox_;
    context_.observer = &observer_;
    context_.limits = &limits_;
    context_.id = SessionId{1};
  }

  const SessionContext& context() const { return context_; }
  const Networks& networks() const { return networks_; }
  LaneInbox& inbox() { return inbox_; }
  ComputeExecutor& executor() { return executor_; }
  VoiceActivityQueue& voice_activity() { return voice_activity_; }
  fakes::FakeLanguageModel& language_model() { return fakes_.language_model(); }
  fakes::FaultList& faults() { return faults_; }

  // Runs at most `steps` of what the lanes have to do.
  void run_lanes(Time now, int steps = 1000) {
    for (int step = 0; step < steps; ++step) {
      auto work = executor_.take(now);
      if (!work) return;
      ComputeExecutor::run(*work);
      executor_.finish(*work, 0, now);
    }
  }
  // The next result of this kind; those before it are lost.
  template <class Result>
  std::optional<Result> next() {
    LaneResult result;
    while (inbox_.pop(result)) {
      if (auto* found = std::get_if<Result>(&result)) return std::move(*found);
    }
    return std::nullopt;
  }

 private:
  struct Observer final : TurnObserver {
    void on_turn(const TurnTrace&) noexcept override {}
  };

  fakes::FaultList faults_;
  fakes::FakeNetworks fakes_{2, 400, &faults_};
  const Networks networks_;
  Doorbell bell_;
  LaneInbox inbox_;  // the executor's last tasks end in it
  Observer observer_;
  SessionLimits limits_;
  LanguageModelBatcher batcher_;
  ComputeExecutor executor_;
  VoiceActivityQueue voice_activity_;
  SessionContext context_;
};

// Keeps the events of a session.
class ToldEvents {
 public:
  std::unique_ptr<EventSink> sink() { return std::make_unique<Sink>(this); }
  template <class Event>
  int count() const {
    int found = 0;
    for (const ServerEvent& event : all) found += std::holds_alternative<Event>(event) ? 1 : 0;
    return found;
  }
  template <class Event>
  const Event* last() const {
    for (auto event = all.rbegin(); event != all.rend(); ++event) {
      if (const auto* found = std::get_if<Event>(&*event)) return found;
    }
    return nullptr;
  }

  std::vector<ServerEvent> all;

 private:
  struct Sink final : EventSink {
    explicit Sink(ToldEvents* told_in) : told(told_in) {}
    bool deliver(ServerEvent&& event) override {
      told->all.push_back(std::move(event));
      return true;
    }
    AudioBytes audio_buffer() override { return {}; }
    void end(SessionEnd) override {}
    ToldEvents* told;
  };
};

inline ConversationItem spoken(const char* id, Role role, const std::string& transcript) {
  ContentPart part;
  part.kind = role == Role::kUser ? ContentPart::Kind::kInputAudio : ContentPart::Kind::kOutputAudio;
  part.transcript = transcript;
  return {WireId(id), ItemStatus::kCompleted, Message{role, {std::move(part)}}};
}

}  // namespace antiphon::pipeline

#include "tests/simulation/virtual_client.h"

#include <chrono>
#include <string>
#include <utility>

namespace antiphon::simulation {

using namespace pipeline;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds kInboxPause{5};
constexpr milliseconds kLook{100};
constexpr std::chrono::seconds kPatience{60};  // from the end of the script to the end of all replies
constexpr milliseconds kGoodBye{20};

}  // namespace

class VirtualClient::Sink final : public EventSink {
 public:
  explicit Sink(VirtualClient* client) : client_(client) { client_->sink_ = this; }
  ~Sink() override {
    if (client_ != nullptr) client_->on_sink_gone();
  }
  bool deliver(ServerEvent&& event) override {
    return client_ == nullptr || client_->deliver(std::move(event));
  }
  AudioBytes audio_buffer() override { return {}; }
  void end(SessionEnd reason) override {
    if (client_ != nullptr) client_->on_session_end(reason);
  }
  void forget() { client_ = nullptr; }

 private:
  VirtualClient* client_;
};

VirtualClient::VirtualClient(ClientPlan plan, VirtualEngine* engine, FakeLanguageModel* language_model,
                             FaultList* faults)
    : plan_(std::move(plan)),
      engine_(engine),
      language_model_(language_model),
      faults_(faults),
      checker_(plan_.session, faults) {
  checker_.on_said(plan_.says);
  if (plan_.networks_fail) checker_.allow_failures();
  engine_->at(plan_.connects, [this] { connect(); });
}

VirtualClient::~VirtualClient() {
  if (sink_ != nullptr) sink_->forget();
}

void VirtualClient::connect() {
  began_ = engine_->now();
  auto opening = engine_->core().open({}, std::make_unique<Sink>(this));
  if (std::holds_alternative<SessionRefusal>(opening)) {
    refused_ = gone_ = true;
    return;
  }
  port_ = std::move(std::get<std::unique_ptr<SessionPort>>(opening));
  if (plan_.vanishes) {
    engine_->in(*plan_.vanishes, [this] {
      orderly_ = false;
      leave();
    });
  }
  send_next();
}

void VirtualClient::send_next() {
  if (gone_ || ended_) return;
  if (refused_event_) {
    if (!port_->submit(std::move(*refused_event_))) {
      return engine_->in(kInboxPause, [this] { send_next(); });
    }
    refused_event_.reset();
  }
  for (; next_ < plan_.script.size() && began_ + plan_.script[next_].at <= engine_->now(); ++next_) {
    std::optional<ClientEvent> event = plan_.script[next_].make(checker_);
    if (event && !port_->submit(std::move(*event))) {
      refused_event_ = std::move(event);
      ++next_;
      return engine_->in(kInboxPause, [this] { send_next(); });
    }
  }
  if (next_ < plan_.script.size()) {
    engine_->at(began_ + plan_.script[next_].at, [this] { send_next(); });
  } else {
    leave_when_quiet();
  }
}

void VirtualClient::leave_when_quiet() {
  if (gone_) return;
  const Duration since_script =
      engine_->now() - began_ - (plan_.script.empty() ? Duration::zero() : plan_.script.back().at);
  if (since_script > kPatience) {
    faults_->add("session " + std::to_string(plan_.session) + " never comes to rest");
    return leave();
  }
  // A little more than a look: what the last message set off has begun by then.
  const bool answered = answers_due_ == 0 && answers_.empty() && engine_->now() >= rests_from_;
  if (since_script > 3 * kLook && checker_.quiet() && answered) return leave();
  engine_->in(kLook, [this] { leave_when_quiet(); });
}

void VirtualClient::leave() {
  if (std::exchange(gone_, true)) return;
  port_.reset();
  checker_.on_end(orderly_);
  const auto status = checker_.last_status();
  if (orderly_ && plan_.last_turn_is_answered && status != ResponseStatus::kCompleted) {
    faults_->add("session " + std::to_string(plan_.session) + ": the last turn has no whole answer but " +
                 (status ? std::to_string(static_cast<int>(*status)) : "none"));
  }
}

// What the prompts may hold from now on; and the client answers some.
void VirtualClient::note_calls() {
  for (const SessionChecker::ToldCall& call : checker_.take_calls()) {
    if (!call.in_conversation) continue;
    language_model_->allow_call(plan_.session, call.name, call.arguments);
    if (calls_answered_ == plan_.calls_answered_max) continue;
    ++calls_answered_;
    ++answers_due_;
    engine_->in(plan_.answers_after, [this, id = call.call_id] { answer(id); });
  }
}

void VirtualClient::answer(const WireId& call_id) {
  --answers_due_;
  if (gone_ || ended_) return;
  const Word word{plan_.session, calls_answered_ % Word::kDigits};
  const std::string result = R"({"seen": ")" + fakes::text_of(word) + R"("})";
  answers_.push_back({"", CreateItem{{WireId(), ItemStatus::kCompleted, FunctionCallOutput{call_id, result}},
                                     std::nullopt}});
  answers_.push_back({"", RequestResponse{}});
  send_answers();
}

void VirtualClient::send_answers() {
  for (; !answers_.empty() && !gone_ && !ended_; answers_.pop_front()) {
    if (!port_->submit(std::move(answers_.front()))) {
      return engine_->in(kInboxPause, [this] { send_answers(); });
    }
    rests_from_ = engine_->now() + 3 * kLook;
  }
}

bool VirtualClient::deliver(ServerEvent&& event) {
  // What is lost, or comes after the client has gone, must be right too.
  tell_checker(event);
  for (const std::string& text : checker_.take_history()) language_model_->allow_history(plan_.session, text);
  note_calls();
  if (gone_) return true;  // the connection has let go of its queue
  if (queued_ == plan_.events_queued_max) {
    ++events_lost_;
    orderly_ = false;
    engine_->in(kGoodBye, [this] { leave(); });
    return false;
  }
  if (plan_.reads_for_each_event > Duration::zero() && queued_++ == 0) {
    engine_->in(plan_.reads_for_each_event, [this] { read_one(); });
  }
  return true;
}

void VirtualClient::tell_checker(const ServerEvent& event) {
  const auto* audio = std::get_if<OutputAudioDelta>(&event);
  if (audio != nullptr) last_audio_ = *audio;
  if (plan_.sabotage == Sabotage::kLostTerminal && std::holds_alternative<ResponseDone>(event)) return;
  if (plan_.sabotage == Sabotage::kLostArguments && std::holds_alternative<FunctionArgumentsDelta>(event)) {
    return;
  }
  checker_.on_event(event, engine_->now());
  const bool leak = plan_.sabotage == Sabotage::kStaleAudio && std::holds_alternative<SpeechStarted>(event);
  if (leak && last_audio_) checker_.on_event(*last_audio_, engine_->now());
}

void VirtualClient::read_one() {
  if (--queued_ > 0) engine_->in(plan_.reads_for_each_event, [this] { read_one(); });
}

void VirtualClient::on_session_end(SessionEnd reason) {
  ended_ = true;
  if (reason == SessionEnd::kDrained && checker_.response()) faults_->add("drained before a reply was over");
  engine_->in(kGoodBye, [this] {
    orderly_ = false;
    leave();
  });
}

void VirtualClient::on_sink_gone() {
  sink_ = nullptr;
}

}  // namespace antiphon::simulation

#include "tests/integration/server/echo_door.h"

#include <utility>

namespace antiphon::server {
namespace {

using namespace pipeline;

template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

}  // namespace

struct EchoDoor::Session {
  EchoDoor& door;
  std::unique_ptr<EventSink> sink;
  SessionSnapshot snapshot;
  std::string model = {};

  void send(ServerEvent&& event) {
    if (!sink->deliver(std::move(event))) ++door.deliveries_refused;
  }
  std::unique_ptr<const SessionSnapshot> copy() const { return std::make_unique<SessionSnapshot>(snapshot); }
};

class EchoDoor::Port final : public SessionPort {
 public:
  Port(EchoDoor& door, std::uint64_t id) : door_(door), id_(id) {}
  ~Port() override {
    door_.post(
        [&door = door_, id = id_] { door.sessions_open -= static_cast<int>(door.sessions_.erase(id)); });
  }
  bool submit(ClientEvent&& event) override {
    if (door_.submits_refused > 0) {
      --door_.submits_refused;
      return false;
    }
    auto shared = std::make_shared<ClientEvent>(std::move(event));
    door_.post([&door = door_, id = id_, shared] { door.on_event(id, std::move(*shared)); });
    return true;
  }

 private:
  EchoDoor& door_;
  const std::uint64_t id_;
};

EchoDoor::EchoDoor() : worker_([this] { work(); }) {}

EchoDoor::~EchoDoor() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  new_task_.notify_one();
  worker_.join();
}

SessionDoor::Opening EchoDoor::open(const SessionRequest& request, std::unique_ptr<EventSink> sink) {
  using Reason = SessionRefusal::Reason;
  if (!ready) return SessionRefusal{Reason::kNotReady, "The networks are warming up."};
  if (draining_) return SessionRefusal{Reason::kDraining, "The server is going down."};
  if (full) return SessionRefusal{Reason::kOverloaded, "All places are taken."};
  const std::uint64_t id = ++last_id_;
  ++sessions_open;
  auto session = std::make_shared<std::unique_ptr<Session>>(new Session{*this, std::move(sink), {}});
  (*session)->snapshot.id = WireId("sess_" + std::to_string(id));
  (*session)->snapshot.config.type = request.type;
  if (!request.model.empty()) (*session)->snapshot.config.model = request.model;
  post([this, id, session] {
    Session& opened = *sessions_.emplace(id, std::move(*session)).first->second;
    opened.send(SessionCreated{opened.copy()});
  });
  return std::make_unique<Port>(*this, id);
}

std::vector<std::string> EchoDoor::missing() const {
  if (ready) return {};
  return {"networks are warming up"};
}

void EchoDoor::drain() {
  draining_ = true;
  if (!ends_when_drained) return;
  post([this] {
    for (const auto& [id, session] : sessions_) {
      if (session->sink) session->sink->end(SessionEnd::kDrained);
    }
  });
}

void EchoDoor::on_event(std::uint64_t id, ClientEvent event) {
  ++events_received;
  const auto found = sessions_.find(id);
  if (found == sessions_.end() || !found->second->sink) return;
  Session& session = *found->second;
  std::visit(
      Overloaded{
          [&](const SessionUpdate& update) {
            session.snapshot.config = updated(session.snapshot.config, update);
            session.send(SessionUpdated{session.copy()});
          },
          [&](const AppendInputAudio& append) {
            OutputAudioDelta delta{{WireId("resp_1"), WireId("item_1")}, session.sink->audio_buffer()};
            delta.audio.assign(append.audio.begin(), append.audio.end());
            session.send(std::move(delta));
          },
          [&](CreateItem& create) { session.send(ItemAdded{std::move(create.item), {}}); },
          [&](const RequestResponse& request) {
            const Metadata& metadata = request.overrides.metadata;
            const int deltas = metadata.empty() ? 1 : std::stoi(metadata.front().second);
            for (int i = 0; i < deltas; ++i) {
              session.send(OutputTextDelta{{WireId("resp_1"), WireId("item_1")}, std::string(1000, 'x')});
            }
          },
          [&](const CommitInputAudio&) {
            session.send(ResponseDone{std::make_unique<const ResponseSnapshot>()});
          },
          [&](const CancelResponse&) { session.sink->end(SessionEnd::kExpired); },
          [&](const ClearOutputAudio&) { session.sink.reset(); },
          [&](const InvalidEvent& invalid) {
            session.send(ErrorEvent{"invalid_request_error", invalid.code, invalid.message, invalid.param,
                                    event.event_id});
          },
          [&](const auto&) { session.send(InputAudioCleared{}); },
      },
      event.body);
}

void EchoDoor::post(std::function<void()> task) {
  const std::lock_guard lock(mutex_);
  tasks_.push_back(std::move(task));
  new_task_.notify_one();
}

void EchoDoor::work() {
  std::unique_lock lock(mutex_);
  while (!stopped_ || !tasks_.empty()) {
    if (tasks_.empty()) {
      new_task_.wait(lock);
      continue;
    }
    const std::function<void()> task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    task();
    lock.lock();
  }
}

}  // namespace antiphon::server

#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "tests/simulation/script.h"
#include "tests/simulation/session_checker.h"
#include "tests/simulation/virtual_engine.h"
#include "tests/support/fakes/fake_networks.h"

namespace antiphon::simulation {

using fakes::FakeLanguageModel;

// A broken server, to see whether it is noticed.
enum class Sabotage {
  kNone,
  kStaleAudio,     // a frame of the interrupted reply slips out after speech_started
  kLostTerminal,   // response.done gets lost
  kLostArguments,  // so does a part of each call's arguments
};

struct ClientPlan {
  int session = 0;  // the digit of its words
  Time connects{};
  std::vector<ScriptedEvent> script;
  std::vector<Word> says;
  std::optional<Duration> vanishes;  // so long after it connected; nothing: when all is said
  std::size_t events_queued_max = 256;
  Duration reads_for_each_event{};  // zero: at once
  Sabotage sabotage = Sabotage::kNone;
  int calls_answered_max = 0;  // with their results, and the wish for another response
  Duration answers_after{};    // so long after the response that called
  bool networks_fail = false;
  bool last_turn_is_answered = false;  // whatever went wrong before
};

// A connection and its client: sends what the script says, reads at its pace, and leaves.
class VirtualClient {
 public:
  VirtualClient(ClientPlan plan, VirtualEngine* engine, FakeLanguageModel* language_model, FaultList* faults);
  VirtualClient(const VirtualClient&) = delete;
  VirtualClient& operator=(const VirtualClient&) = delete;
  ~VirtualClient();

  bool gone() const { return gone_; }
  bool refused() const { return refused_; }  // it was given no session
  std::uint64_t events_lost() const { return events_lost_; }
  const SessionChecker& checker() const { return checker_; }

 private:
  class Sink;
  void connect();
  void send_next();
  void leave_when_quiet();
  void leave();
  bool deliver(pipeline::ServerEvent&& event);
  void tell_checker(const pipeline::ServerEvent& event);
  void note_calls();
  void answer(const pipeline::WireId& call_id);
  void send_answers();
  void read_one();
  void on_session_end(pipeline::SessionEnd reason);
  void on_sink_gone();

  ClientPlan plan_;
  VirtualEngine* const engine_;
  FakeLanguageModel* const language_model_;
  FaultList* const faults_;
  SessionChecker checker_;
  std::unique_ptr<pipeline::SessionPort> port_;
  Sink* sink_ = nullptr;
  std::size_t next_ = 0;                                // of the script
  std::optional<pipeline::ClientEvent> refused_event_;  // the inbox was full
  std::deque<pipeline::ClientEvent> answers_;           // to calls, to be sent
  int answers_due_ = 0;
  Time rests_from_{};  // what the last answer set off has begun by then
  int calls_answered_ = 0;
  Time began_{};
  std::optional<pipeline::OutputAudioDelta> last_audio_;  // for Sabotage
  std::size_t queued_ = 0;                                // events that were not read
  bool orderly_ = true;
  bool ended_ = false;  // by the session
  bool gone_ = false;
  bool refused_ = false;
  std::uint64_t events_lost_ = 0;
};

}  // namespace antiphon::simulation

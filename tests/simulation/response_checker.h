#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/server_event.h"
#include "tests/simulation/virtual_engine.h"
#include "tests/support/fakes/fake_networks.h"

namespace antiphon::simulation {

using fakes::heard_in;
using fakes::HeardWord;
using fakes::text_of;
using fakes::Word;
using fakes::words_in;

// Watches the events of one response, and listens to it as its client's user does: each frame at once, or
// when the one before it is over.
class ResponseChecker {
 public:
  using Fault = std::function<void(const std::string&)>;
  // `may_fail`: the networks do.
  ResponseChecker(const pipeline::ResponseSnapshot& response, bool may_fail, Fault fault);

  const pipeline::WireId& id() const { return id_; }
  // The user speaks: from now on only terminals may come, and at once.
  void interrupt(Time now) { interrupted_at_ = now; }
  bool overdue(Time now) const { return interrupted_at_ && now > *interrupted_at_; }

  void on(const pipeline::OutputItemAdded& event);
  void on(const pipeline::OutputItemDone& event);
  void on(const pipeline::ContentPartAdded& event);
  void on(const pipeline::ContentPartDone& event);
  void on(const pipeline::OutputAudioDelta& event, Time now);
  void on(const pipeline::OutputAudioDone& event);
  void on(const pipeline::OutputTranscriptDelta& event);
  void on(const pipeline::OutputTranscriptDone& event);
  void on(const pipeline::OutputTextDelta& event);
  void on(const pipeline::OutputTextDone& event);
  void on(const pipeline::FunctionArgumentsDelta& event);
  void on(const pipeline::FunctionArgumentsDone& event);
  void on_done(const pipeline::ResponseSnapshot& response, Time now);

 private:
  enum class Stage { kNone, kAdded, kDone };
  struct Call {
    pipeline::ConversationItem item;  // as it was added, then as it is done
    std::string deltas;
    bool arguments_done = false;
    bool done = false;
  };
  void advance(Stage& stage, Stage from, Stage to, const char* what);
  void content(const pipeline::ContentPlace& place, const char* what);
  void decode(const pipeline::AudioBytes& audio);
  std::int64_t samples_heard(Time now) const;
  void begin_call(const pipeline::OutputItemAdded& event);
  void end_call(const pipeline::ConversationItem& item);
  Call* open_call(const pipeline::ContentPlace& place);
  void check_status(const pipeline::ResponseSnapshot& response);
  void check_output(const pipeline::ResponseSnapshot& response);
  void check_spoken(const pipeline::ResponseSnapshot& response, const std::string& transcript, Time now);

  const pipeline::WireId id_;
  const bool spoken_;
  const audio::SampleFormat format_;
  const pipeline::Metadata metadata_;
  const pipeline::WireId conversation_;
  const bool may_fail_;
  const Fault fault_;
  pipeline::WireId item_;
  Stage message_ = Stage::kNone;
  Stage part_ = Stage::kNone;
  bool audio_done_ = false;
  std::optional<std::string> final_text_;  // of transcript done or text done
  std::string deltas_;
  std::vector<Call> calls_;
  std::vector<float> samples_;
  std::optional<Time> first_audio_;
  Time heard_all_at_{};
  std::optional<Time> interrupted_at_;
};

}  // namespace antiphon::simulation

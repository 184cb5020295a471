#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "pipeline/server_event.h"
#include "tests/simulation/response_checker.h"
#include "tests/support/fakes/fault_list.h"

namespace antiphon::simulation {

using fakes::FaultList;

// Watches everything that one session tells its client, in order, and notes what may never happen:
//
//   - a response without exactly one terminal, an `added` without its `done`, events of no response
//   - any sound or text of a reply after speech_started (while it may be interrupted)
//   - a transcript that is not what the client can have heard, words of another session
//   - committed speech without its words, words that nobody said or that were heard before
class SessionChecker {
 public:
  // `session`: the digit of its words.
  SessionChecker(int session, FaultList* faults) : session_(session), faults_(faults) {}

  // What the client's user says, in order.
  void on_said(std::vector<Word> words) { said_ = std::move(words); }
  // The networks do, for a while: responses and transcripts may fail, and tell it.
  void allow_failures() { may_fail_ = true; }
  void on_event(const pipeline::ServerEvent& event, Time now);
  // Nothing more comes. `orderly`: nobody broke it off, so nothing may be open.
  void on_end(bool orderly);

  // Nothing is open that the session has to end.
  bool quiet() const {
    return !response_ && side_responses_.empty() && !speaking_ && open_items_.empty() && words_missing() == 0;
  }

  // For a client that wants to name them.
  const std::vector<pipeline::WireId>& items() const { return items_; }
  std::optional<pipeline::WireId> response() const;
  // Of those outside the conversation, the one that began last of all that are active.
  std::optional<pipeline::WireId> side_response() const;
  // What assistant messages may say in a prompt from here on; emptied.
  std::vector<std::string> take_history() { return std::exchange(history_, {}); }

  struct ToldCall {
    pipeline::WireId call_id;
    std::string name;
    std::string arguments;
    bool in_conversation = true;
  };
  // The calls of functions that were told as whole ones; emptied.
  std::vector<ToldCall> take_calls() { return std::exchange(calls_, {}); }
  // How the last response of the conversation ended.
  std::optional<pipeline::ResponseStatus> last_status() const { return last_status_; }

  int responses() const { return responses_; }
  int side_responses() const { return side_begun_; }
  int failures() const { return failures_; }
  int calls() const { return calls_told_; }
  int interruptions() const { return interruptions_; }

 private:
  void handle(const pipeline::SessionCreated& event);
  void handle(const pipeline::SessionUpdated& event);
  void handle(const pipeline::SpeechStarted& event);
  void handle(const pipeline::SpeechStopped& event);
  void handle(const pipeline::InputAudioCommitted& event);
  void handle(const pipeline::InputTranscriptDelta& event);
  void handle(const pipeline::InputTranscriptCompleted& event);
  void handle(const pipeline::InputTranscriptFailed& event);
  void handle(const pipeline::ItemAdded& event);
  void handle(const pipeline::ItemDone& event);
  void handle(const pipeline::ItemDeleted& event);
  void handle(const pipeline::ItemRetrieved& event);
  void handle(const pipeline::ItemTruncated& event);
  void handle(const pipeline::ResponseCreated& event);
  void handle(const pipeline::ResponseDone& event);
  void handle(const pipeline::ErrorEvent& event);
  void handle(const pipeline::OutputAudioDelta& event);
  template <class Event>
  void handle(const Event& event);  // of a response: its own checker has it
  ResponseChecker* response_of(const pipeline::WireId& id);
  void begin_response(const pipeline::ResponseSnapshot& response, Time now);
  void end_response(const pipeline::ResponseSnapshot& response, Time now);
  void add_item(const pipeline::ConversationItem& item, const pipeline::WireId& previous);
  void end_item(const pipeline::ConversationItem& item);
  void remember(const pipeline::ConversationItem& item);
  void check_words(std::string_view text);
  void check_user_words();
  std::size_t words_missing() const;
  void fault(const std::string& what);

  const int session_;
  FaultList* const faults_;
  Time now_{};
  bool created_ = false;
  pipeline::SessionConfig config_;
  bool transcribes_ = false;  // from the beginning of the audio on

  std::optional<ResponseChecker> response_;                // that writes to the conversation
  std::map<std::string, ResponseChecker> side_responses_;  // that do not
  std::set<std::string> ended_responses_;
  std::vector<ToldCall> calls_;
  std::optional<pipeline::ResponseStatus> last_status_;
  bool may_fail_ = false;
  int responses_ = 0;
  int side_begun_ = 0;
  int failures_ = 0;
  int calls_told_ = 0;
  int interruptions_ = 0;

  bool speaking_ = false;
  pipeline::WireId speech_item_;
  std::vector<pipeline::WireId> items_;  // of the conversation, in order
  std::set<std::string> open_items_;
  std::map<std::string, std::string> texts_;  // of assistant messages, by item
  struct Turn {
    pipeline::WireId item;
    std::optional<std::string> transcript;  // nothing: it has not come
  };
  std::vector<Turn> turns_;  // committed, in order
  std::vector<Word> said_;
  std::vector<std::string> history_;
};

}  // namespace antiphon::simulation

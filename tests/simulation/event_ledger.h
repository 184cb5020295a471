#pragma once

#include <map>
#include <set>
#include <string>

#include "pipeline/server_event.h"
#include "tests/support/fakes/fault_list.h"

namespace antiphon::simulation {

// Keeps account of what a session's events begin and end, whatever was said, and notes what never may be:
//
//   - a response without exactly one terminal, two at once that write to the conversation
//   - an item or a content part that is added and not done, or done and not added, or done after its response
//   - deltas of what is not open
class EventLedger {
 public:
  explicit EventLedger(fakes::FaultList* faults) : faults_(faults) {}

  void on_event(const pipeline::ServerEvent& event);
  // Nothing is open that the session has to end by itself.
  bool quiet() const { return responses_.empty() && items_.empty(); }
  // Nothing more comes, and nobody broke it off.
  void on_end();

 private:
  struct Response {
    bool in_conversation = true;
    std::set<std::string> items;  // open
    std::set<std::string> parts;  // open, by item
  };

  void handle(const pipeline::ResponseCreated& event);
  void handle(const pipeline::ResponseDone& event);
  void handle(const pipeline::OutputItemAdded& event);
  void handle(const pipeline::OutputItemDone& event);
  void handle(const pipeline::ContentPartAdded& event);
  void handle(const pipeline::ContentPartDone& event);
  void handle(const pipeline::ItemAdded& event);
  void handle(const pipeline::ItemDone& event);
  void handle(const pipeline::FunctionArgumentsDone& event);
  template <class Event>
  void handle(const Event& event);
  void expect_open_part(const pipeline::ContentPlace& place);
  Response* response(const pipeline::WireId& id);

  fakes::FaultList* const faults_;
  std::map<std::string, Response> responses_;  // open
  std::set<std::string> ended_;                // responses
  std::set<std::string> items_;                // of the conversation, open
};

}  // namespace antiphon::simulation

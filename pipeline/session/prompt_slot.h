#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "pipeline/session/session_context.h"
#include "pipeline/session/slot_tokens.h"

namespace antiphon::pipeline {

// What a slot of the language model is to do next.
struct PromptRequest {
  enum class Purpose {
    kWarm,   // read the prompt ahead of time; gives way to everything else
    kCue,    // ask whether the user's message ends here
    kReply,  // write
  };
  Purpose purpose = Purpose::kWarm;
  Generation generation{};
  std::vector<models::Token> prompt;  // all of it, not empty
  int tokens_max = 0;
  std::unique_ptr<TokenPicker> picker;  // null only with tokens_max 0
  Deadline deadline = Deadline::never();
  Duration token_interval{};
};

// One slot of the language model, which serves one request at a time: the others wait in order.
//
// Owner:  one session, on its media worker.
// Cancel: a request whose generation is dropped is never heard of again; the slot serves the next one as soon
//         as the lanes have let go of it.
// Errors: a prompt that does not fit the context ends with TokenEnd::kContextFull.
class PromptSlot {
 public:
  using Purpose = PromptRequest::Purpose;

  PromptSlot(const SessionContext& context, models::Slot slot) : context_(context), slot_(slot) {}

  void ask(PromptRequest request);
  // Drops every request of this generation.
  void drop(Generation generation);
  // Drops everything.
  void drop_all();
  // Says again what was refused; call it now and then.
  void pump();

  struct Heard {
    Purpose purpose = Purpose::kWarm;
    Generation generation{};
    std::optional<TokenEnd> end;  // nothing: a token
    models::Token token = 0;
    int prompt_tokens = 0;
    int cached_tokens = 0;  // of the prompt, what the slot had already
  };
  // The lanes' word on this slot; nothing: of a request that was dropped.
  std::optional<Heard> on_event(const TokenEvent& event);

  bool idle() const { return !in_flight_ && waiting_.empty(); }
  bool busy() const { return in_flight_.has_value(); }  // the lanes use the slot

 private:
  struct InFlight {
    Purpose purpose = Purpose::kWarm;
    Generation generation{};
    int prompt_tokens = 0;
    int cached_tokens = 0;
    bool dropped = false;
    bool cancel_said = false;
  };
  void drop_in_flight();
  void start_next();

  const SessionContext& context_;
  const models::Slot slot_;
  SlotTokens tokens_;
  std::optional<InFlight> in_flight_;
  std::deque<PromptRequest> waiting_;
};

}  // namespace antiphon::pipeline

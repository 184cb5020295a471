// What a session asks of the language model, and what comes back.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "models/slot.h"
#include "models/token.h"
#include "pipeline/runtime/ids.h"
#include "pipeline/runtime/time.h"

namespace antiphon::pipeline {

// Chooses each next token of one request, and when to stop.
//
// Owner: the request; runs on a compute lane, one at a time.
// Time:  about 0.1 ms; it is called between two passes.
class TokenPicker {
 public:
  virtual ~TokenPicker() = default;

  // `logits`: a score for each token of the vocabulary, valid during the call. Nothing: the text ends here.
  virtual std::optional<models::Token> pick(std::span<const float> logits) = 0;
};

enum class TokenEnd : std::uint8_t {
  kPrefilled,    // tokens_max was 0: all of `append` is in the slot, and its logits are kept
  kStopped,      // the picker ended the text
  kTokenLimit,   // tokens_max tokens were produced
  kContextFull,  // the slot has no room for the next token, or had none for `append`
  kCancelled,
  kFailed,  // the model threw; the slot is as long as slot_length says
};

// One token, or the end of the request, for the session's inbox.
struct TokenEvent {
  SessionId session{};
  Generation generation{};
  std::optional<TokenEnd> end;  // nothing: a token
  models::Token token = 0;
  int slot_length = 0;  // with an end: how many tokens the slot holds, and nothing changes it any more
};

// A session's inbox, seen from the lanes.
class TokenSink {
 public:
  virtual ~TokenSink() = default;

  // Never blocks. Calls come from one lane or another, each after the one before: receivers keep that order.
  // The receiver has room by its own limits: a request makes at most tokens_max + 1 events.
  virtual void deliver(const TokenEvent& event) noexcept = 0;
};

struct TokenRequest {
  SessionId session{};
  Generation generation{};
  models::Slot slot{};
  // The slot is first cut to this many tokens, then `append` is added.
  int start_length = 0;
  // Empty: go on from the logits that the slot has (REQUIRES: nothing was cut), or with tokens_max 0 just
  // cut.
  std::vector<models::Token> append;
  int tokens_max = 0;  // 0: prefill only
  // The first token is due at `deadline` (with tokens_max 0, the end of the prefill), each later one
  // token_interval after the one before.
  Deadline deadline = Deadline::never();
  Duration token_interval{};
  std::unique_ptr<TokenPicker> picker;  // not null if tokens_max > 0
  TokenSink* sink = nullptr;            // outlives the request's end
};

}  // namespace antiphon::pipeline

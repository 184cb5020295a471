#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

#include "models/decoding/sampler.h"
#include "models/language_model.h"
#include "models/text/assistant_prompt.h"
#include "models/text/chat_template.h"
#include "models/text/prompt_window.h"
#include "models/text/tokenizer.h"

namespace antiphon::server {

// A written conversation with a language model.
//
// Slot 0 of the model keeps what every conversation begins with, slot 1 this one: the beginning is read once
// and copied. After that the prompt only grows, so each turn reads only its own tokens, until the context is
// full: then the oldest turns are dropped and the rest is read again.
//
// Owner: one thread. The model (two slots), the tokenizer, the template and the helpers must outlive it.
class Conversation {
 public:
  struct Options {
    models::SamplingOptions sampling{.temperature = 0};
    std::uint64_t seed = 0;
    int reply_tokens_max = 300;
    int history_tokens_max = std::numeric_limits<int>::max();  // of messages; the newest always stays
    models::WorkSharing* sharing = nullptr;                    // helpers of the model's steps
  };
  struct Reply {
    enum class End : std::uint8_t {
      kDone,
      kTokenLimit,
      kStopped,         // by the caller; the conversation goes on after what was said
      kMessageTooLong,  // for the context; nothing was said, the conversation is as before
    };
    End end = End::kDone;
    int prompt_tokens = 0;  // that this turn had to read
    int reply_tokens = 0;
    std::size_t turns_dropped = 0;
    std::chrono::duration<double> first_token{};
    std::chrono::duration<double> generation{};  // of the tokens after the first
  };
  struct Hooks {
    std::function<void(std::string_view)> on_text;
    std::function<bool()> stopped;  // asked between two steps
  };

  Conversation(models::LanguageModel& model, const models::text::Tokenizer& tokenizer,
               const models::text::ChatTemplate& chat_template, const models::text::AssistantPrompt& prompt,
               const Options& options);

  // Answers what the user says.
  Reply reply(std::string_view message, const Hooks& hooks);
  // As if nothing had been said.
  void reset();

 private:
  models::Stepped<void> forward(models::Slot slot, std::span<const models::Token> tokens);
  bool make_room(Reply* reply);
  bool read_prompt(const Hooks& hooks, Reply* reply);
  void generate(const Hooks& hooks, Reply* reply);
  void take_back_turn();

  models::LanguageModel& model_;
  const models::text::Tokenizer& tokenizer_;
  const models::text::ChatTemplate& template_;
  const Options options_;
  models::Sampler sampler_;
  int opening_tokens_ = 0;
  std::vector<models::Token> tokens_;               // all that was said after the opening
  std::vector<models::text::HistoryItem> history_;  // how tokens_ is parted into messages
  std::size_t read_ = 0;                            // tokens_ that the slot holds
};

}  // namespace antiphon::server

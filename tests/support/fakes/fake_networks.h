// Networks that understand the spoken code. They keep their interfaces' contracts, and say so in the
// FaultList when their caller does not.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "models/decoding/token_constraint.h"
#include "models/language_model.h"
#include "models/stand_ins/hearing.h"
#include "models/stand_ins/speaking.h"
#include "models/stand_ins/spoken_code.h"
#include "models/stand_ins/word_tokenizer.h"
#include "models/text/assistant_prompt.h"
#include "models/text/chat_template.h"
#include "models/text/message_end_cue.h"
#include "models/turn_detector.h"
#include "pipeline/engine/networks.h"
#include "tests/support/fakes/fault_list.h"

namespace antiphon::fakes {

using models::stand_ins::append_sound;
using models::stand_ins::heard_in;
using models::stand_ins::HeardWord;
using models::stand_ins::kWordMilliseconds;
using models::stand_ins::text_of;
using models::stand_ins::Word;
using models::stand_ins::words_in;
using models::stand_ins::WordTokenizer;

// Half of all pauses sound complete: it depends on how much was heard.
class FakeTurnDetector final : public models::TurnDetector {
 public:
  explicit FakeTurnDetector(int slots) : heard_(static_cast<std::size_t>(slots)) {}
  int slots() const override { return static_cast<int>(heard_.size()); }
  void append(models::Slot slot, std::span<const float> audio) override;
  void reset(models::Slot slot) override;
  models::Stepped<float> probability(models::Slot slot) const override;
  void warm_up() const override {}

 private:
  std::vector<std::size_t> heard_;  // samples of the turn
};

// Answers with words that it finds in the user's messages, how many and which depends on the whole prompt.
// Where the prompt announces a function "look", half of its replies end with a call of it about such a word.
class FakeLanguageModel final : public models::LanguageModel {
 public:
  FakeLanguageModel(const WordTokenizer* tokenizer, int slots, int context_tokens_max, FaultList* faults);

  const Info& info() const override { return info_; }
  int slots() const override { return static_cast<int>(slots_.size()); }
  int context_tokens_max() const override { return context_tokens_max_; }
  int passes_max() const override { return 2; }
  models::Stepped<void> forward(std::vector<models::TokenRow> rows) override;
  std::span<const float> logits(models::Slot slot) const override { return at(slot).logits; }
  int length(models::Slot slot) const override { return static_cast<int>(at(slot).tokens.size()); }
  void truncate(models::Slot slot, int length) override;
  models::Stepped<void> copy_prefix(models::Slot from, models::Slot to, int length) override;
  void reset(models::Slot slot) override { at(slot) = {}; }
  models::Stepped<void> warm_up() override { co_return; }

  // Says this instead, whatever the prompt.
  void always_say(const std::string& text) { fixed_reply_ = text; }
  // An assistant's message that the prompts of a session may hold: what its client knows to have been heard.
  void allow_history(int session, const std::string& text) { heard_[session].insert(text); }
  // And a call of a function that its client was told of.
  void allow_call(int session, const std::string& name, const std::string& arguments) {
    calls_[session].insert(name + arguments);
  }

 private:
  struct State {
    std::vector<models::Token> tokens;
    std::vector<float> logits;
    std::vector<models::Token> reply;  // that it is writing, its end too
    bool in_pass = false;
  };
  struct Message {
    std::string role;
    std::string text;
    bool open = false;
  };
  class Pass;

  void append(const models::TokenRow& row);
  void score_next(State& state);
  void end_call_soon(State& state) const;
  void score_other(State& state, const std::string& written);
  std::vector<Message> messages_of(const std::vector<models::Token>& tokens) const;
  std::vector<models::Token> reply_to(const std::vector<models::Token>& prompt);
  void check(const std::vector<Message>& messages);
  void check_own_words(int session, const std::string& text);
  State& at(models::Slot slot) { return slots_.at(static_cast<std::size_t>(models::index(slot))); }
  const State& at(models::Slot slot) const {
    return slots_.at(static_cast<std::size_t>(models::index(slot)));
  }

  const WordTokenizer* const tokenizer_;
  const int context_tokens_max_;
  FaultList* const faults_;
  const Info info_{};
  std::vector<State> slots_;
  std::optional<std::string> fixed_reply_;
  std::map<int, std::set<std::string>> heard_;  // by session
  std::map<int, std::set<std::string>> calls_;  // by session
};

// All of them.
class FakeNetworks {
 public:
  FakeNetworks(int slots, int context_tokens_max, FaultList* faults);
  pipeline::Networks networks();
  FakeLanguageModel& language_model() { return language_model_; }
  const WordTokenizer& tokenizer() const { return tokenizer_; }
  // What suits the language model; a call takes a token for each of its bytes.
  void set_reply_tokens_max(int tokens) { assistant_.reply_tokens_max = tokens; }

 private:
  WordTokenizer tokenizer_;
  models::text::ChatTemplate chat_;
  models::ConstraintVocabulary tool_vocabulary_;
  models::text::MessageEndCue message_end_;
  models::text::AssistantPrompt assistant_;
  models::stand_ins::LoudnessDetector voice_activity_;
  FakeTurnDetector turn_;
  models::stand_ins::CodeRecognizer recognizer_;
  FakeLanguageModel language_model_;
  models::stand_ins::CodePronunciation pronunciation_;
  models::stand_ins::CodeSynthesizer synthesizer_;
};

}  // namespace antiphon::fakes

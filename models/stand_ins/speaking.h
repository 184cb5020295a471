// Stand-ins for the networks that answer.
#pragma once

#include <vector>

#include "models/language_model.h"
#include "models/speech_synthesizer.h"
#include "models/stand_ins/step_times.h"
#include "models/stand_ins/word_tokenizer.h"
#include "models/text/pronunciation.h"

namespace antiphon::models::stand_ins {

// Says the words of the user's last message again and again, kReplyWords of them; a message without any is
// answered with silence. Every message is complete for it.
//
// Memory: a slot holds its tokens only.
class EchoLanguageModel final : public LanguageModel {
 public:
  static constexpr int kReplyWords = 10;  // 2.4 s

  // `tokenizer` outlives it.
  EchoLanguageModel(const WordTokenizer* tokenizer, int slots, int context_tokens_max,
                    const StepTimes& times = {});

  const Info& info() const override { return info_; }
  int slots() const override { return static_cast<int>(slots_.size()); }
  int context_tokens_max() const override { return context_tokens_max_; }
  int passes_max() const override { return 2; }
  Stepped<void> forward(std::vector<TokenRow> rows) override;
  std::span<const float> logits(Slot slot) const override { return at(slot).logits; }
  int length(Slot slot) const override { return static_cast<int>(at(slot).tokens.size()); }
  void truncate(Slot slot, int length) override;
  Stepped<void> copy_prefix(Slot from, Slot to, int length) override;
  void reset(Slot slot) override { at(slot) = {}; }
  Stepped<void> warm_up() override { co_return; }

 private:
  struct State {
    std::vector<Token> tokens;
    std::vector<float> logits;
  };

  void append(const TokenRow& row);
  Token next_token(const std::vector<Token>& tokens) const;
  State& at(Slot slot) { return slots_.at(static_cast<std::size_t>(index(slot))); }
  const State& at(Slot slot) const { return slots_.at(static_cast<std::size_t>(index(slot))); }

  const WordTokenizer* const tokenizer_;
  const int context_tokens_max_;
  const StepTimes times_;
  const Token user_, assistant_;  // the roles
  Info info_;
  std::vector<State> slots_;
};

class CodePronunciation final : public text::Pronunciation {
 public:
  text::PhonemePhrase pronounce(std::string_view text) const override;
};

// Says the words of the spoken code; others have no sound.
class CodeSynthesizer final : public SpeechSynthesizer {
 public:
  explicit CodeSynthesizer(const StepTimes& times = {}) : times_(times) {}
  SynthesisStart begin(const text::PhonemePhrase& phrase, const SynthesisOptions& options) const override;
  void warm_up() const override {}

 private:
  const StepTimes times_;
};

}  // namespace antiphon::models::stand_ins

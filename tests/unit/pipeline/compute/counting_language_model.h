#pragma once

#include <cassert>
#include <stdexcept>
#include <utility>
#include <vector>

#include "models/language_model.h"

namespace antiphon::pipeline {

// A language model over 16 tokens whose next token depends on all that its slot holds, and which notes the
// rows of each pass. It keeps LanguageModel's contract, also about dropped passes, and fails a test that
// breaks it.
class CountingLanguageModel final : public models::LanguageModel {
 public:
  static constexpr int kVocabulary = 16;

  CountingLanguageModel(int slots, int context_tokens_max, int steps_per_pass)
      : context_tokens_max_(context_tokens_max),
        steps_per_pass_(steps_per_pass),
        slots_(static_cast<std::size_t>(slots)) {}

  const Info& info() const override { return info_; }
  int slots() const override { return static_cast<int>(slots_.size()); }
  int context_tokens_max() const override { return context_tokens_max_; }
  int passes_max() const override { return 1; }

  models::Stepped<void> forward(std::vector<models::TokenRow> rows) override {
    assert(!rows.empty());
    rows_of_passes.push_back(static_cast<int>(rows.size()));
    return run(Pass(this, std::move(rows)));
  }
  std::span<const float> logits(models::Slot slot) const override { return at(slot).logits; }
  int length(models::Slot slot) const override { return static_cast<int>(at(slot).tokens.size()); }
  void truncate(models::Slot slot, int length) override {
    assert(!at(slot).in_pass && length >= 0 && length <= this->length(slot));
    at(slot).tokens.resize(static_cast<std::size_t>(length));
  }
  models::Stepped<void> copy_prefix(models::Slot from, models::Slot to, int length) override {
    at(to).tokens.assign(at(from).tokens.begin(), at(from).tokens.begin() + length);
    co_return;
  }
  void reset(models::Slot slot) override {
    assert(!at(slot).in_pass);
    at(slot) = {};
  }
  models::Stepped<void> warm_up() override { co_return; }

  const std::vector<models::Token>& tokens(models::Slot slot) const { return at(slot).tokens; }

  // What follows `tokens`, for a picker that takes the likeliest.
  static models::Token next_of(const std::vector<models::Token>& tokens) {
    unsigned mix = 7;
    for (const models::Token token : tokens) mix = mix * 31 + static_cast<unsigned>(token);
    return static_cast<models::Token>(mix / 8 % kVocabulary);
  }

  std::vector<int> rows_of_passes;
  bool next_pass_throws = false;

 private:
  struct State {
    std::vector<models::Token> tokens;
    std::vector<float> logits;
    bool in_pass = false;
  };
  // Gives its slots free when the pass ends or is dropped.
  struct Pass {
    Pass(CountingLanguageModel* model_in, std::vector<models::TokenRow> rows_in)
        : model(model_in), rows(std::move(rows_in)) {
      for (const models::TokenRow& row : rows) {
        assert(model->context_tokens_max_ > model->length(row.slot));
        model->at(row.slot).in_pass = true;
      }
    }
    Pass(Pass&& other) noexcept : model(other.model), rows(std::exchange(other.rows, {})) {}
    ~Pass() {
      for (const models::TokenRow& row : rows) model->at(row.slot).in_pass = false;
    }
    CountingLanguageModel* model;
    std::vector<models::TokenRow> rows;
  };

  models::Stepped<void> run(Pass pass) {
    for (int step = 1; step < steps_per_pass_; ++step) co_await models::kNextStep;
    if (std::exchange(next_pass_throws, false)) throw std::runtime_error("no memory");
    for (const models::TokenRow& row : pass.rows) {
      State& state = at(row.slot);
      state.tokens.push_back(row.token);
      if (!row.wants_logits) continue;
      state.logits.assign(kVocabulary, 0.0f);
      state.logits[static_cast<std::size_t>(next_of(state.tokens))] = 1.0f;
    }
  }

  State& at(models::Slot slot) { return slots_.at(static_cast<std::size_t>(models::index(slot))); }
  const State& at(models::Slot slot) const {
    return slots_.at(static_cast<std::size_t>(models::index(slot)));
  }

  const Info info_{};
  const int context_tokens_max_;
  const int steps_per_pass_;
  std::vector<State> slots_;
};

}  // namespace antiphon::pipeline

#include <algorithm>
#include <iterator>
#include <string>

#include "server/commands/bench/network_benchmarks.h"

namespace antiphon::server::bench {
namespace {

using models::Job;
using models::LanguageModel;
using models::Slot;
using models::Token;

// Any tokens do: the time does not depend on them.
std::vector<Token> some_tokens(const LanguageModel& model, int count) {
  std::vector<Token> tokens;
  for (int i = 0; i < count; ++i) tokens.push_back((1000 + 37 * i) % model.info().vocabulary);
  return tokens;
}

void measure_prefill(LanguageModel& model, int tokens, int rounds, BenchReport& report) {
  const std::vector<Token> prompt = some_tokens(model, tokens);
  std::vector<double> rates;
  for (int i = 0; i < rounds; ++i) {
    const Clock::time_point begin = Clock::now();
    report.run(Job::kLanguageModel, model.forward(models::rows_of(Slot{0}, prompt)));
    rates.push_back(tokens * 1e3 / ms_since(begin));
    model.reset(Slot{0});
  }
  report.add(Job::kLanguageModel, "prefill " + std::to_string(tokens), rates, "tokens/s");
}

Token likeliest(std::span<const float> logits) {
  return static_cast<Token>(std::distance(logits.begin(), std::ranges::max_element(logits)));
}

// All slots together, behind a prompt of 128 tokens; the choice of the next token belongs to the work.
void measure_decode(LanguageModel& model, int batch, int rounds, BenchReport& report) {
  constexpr int kPromptTokens = 128, kTokensEachRound = 24;
  std::vector<double> rates;
  for (int i = 0; i < rounds; ++i) {
    for (int slot = 0; slot < batch; ++slot) {
      model.forward(models::rows_of(Slot{slot}, some_tokens(model, kPromptTokens))).run_to_end();
    }
    const Clock::time_point begin = Clock::now();
    for (int token = 0; token < kTokensEachRound; ++token) {
      std::vector<models::TokenRow> rows;
      for (int slot = 0; slot < batch; ++slot) {
        rows.push_back({Slot{slot}, likeliest(model.logits(Slot{slot})), true});
      }
      report.run(Job::kLanguageModel, model.forward(std::move(rows)));
    }
    rates.push_back(batch * kTokensEachRound * 1e3 / ms_since(begin));
    for (int slot = 0; slot < batch; ++slot) model.reset(Slot{slot});
  }
  report.add(Job::kLanguageModel, "decode, batch " + std::to_string(batch), rates, "tokens/s");
}

}  // namespace

void measure_language_model(LoadedModels& models, int rounds, BenchReport& report) {
  for (const int tokens : {128, 512}) measure_prefill(*models.language_model, tokens, rounds, report);
  for (const int batch : {1, 4, 8}) measure_decode(*models.language_model, batch, rounds, report);
}

void measure_embedding(LoadedModels& models, int rounds, BenchReport& report) {
  const std::string sentence = "The train to the coast leaves at half past nine from platform four.";
  std::vector<double> ms;
  for (int i = 0; i < 4 * rounds; ++i) {
    const Clock::time_point begin = Clock::now();
    report.run(Job::kEmbedding, models.embedder->embed({sentence}));
    ms.push_back(ms_since(begin));
  }
  report.add(Job::kEmbedding, "one sentence", ms, "ms");
}

}  // namespace antiphon::server::bench

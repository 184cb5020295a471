// How fast a language model reads and writes, on one thread or with helpers:
//   language_model_bench MODEL [--seconds S] [--helpers N]
// MODEL is a GGUF file or a folder with model.gguf. Tokens are arbitrary: speed does not depend on them.
// Prints load time, resident memory, prefill tokens/s, decode tokens/s at several batch sizes (all slots
// together) behind a prompt of 128 tokens, and the time of the steps of each.
//
// How much the rounding of activations to 8 bits changes what a model says:
//   language_model_bench MODEL --compare TEXT
// prints, of the first tokens of a text file, the perplexity in quantised arithmetic and in f32, how often
// the likeliest next token is the same, and the error of the logits.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "models/kernels/processor.h"
#include "models/kernels/vector_ops.h"
#include "models/native/decoder_language_model.h"
#include "models/native/gguf_decoder_source.h"
#include "models/text/gguf_tokenizer.h"
#include "pipeline/compute/helper_threads.h"

namespace {

using namespace antiphon::models;
using Clock = std::chrono::steady_clock;

constexpr int kSlots = 16;
constexpr int kContextTokensMax = 1024;

struct Arguments {
  std::filesystem::path model;
  std::filesystem::path text;
  double seconds = 4;
  int compared_tokens = 512;
  int helpers = 0;
};

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

double resident_mib() {
  std::ifstream status("/proc/self/statm");
  long pages = 0;
  long resident = 0;
  status >> pages >> resident;
  return static_cast<double>(resident) * 4096 / (1 << 20);
}

std::filesystem::path file_of(const std::filesystem::path& model) {
  return std::filesystem::is_directory(model) ? model / "model.gguf" : model;
}

std::unique_ptr<DecoderLanguageModel> load(const Arguments& arguments, Arithmetic arithmetic) {
  return std::make_unique<DecoderLanguageModel>(
      std::make_unique<GgufDecoderSource>(std::make_unique<GgufFile>(file_of(arguments.model))),
      DecoderLanguageModel::Options{.slots = kSlots,
                                    .context_tokens_max = kContextTokensMax,
                                    .passes_max = 1,
                                    .arithmetic = arithmetic});
}

// Milliseconds of each step of some work.
class StepTimes {
 public:
  void run(Stepped<void> work) {
    while (!work.done()) {
      const auto begin = Clock::now();
      work.step();
      ms_.push_back(seconds_since(begin) * 1e3);
    }
  }
  std::string summary() {
    std::ranges::sort(ms_);
    const auto at = [&](double share) {
      return ms_[static_cast<std::size_t>(share * static_cast<double>(ms_.size() - 1))];
    };
    char line[80];
    std::snprintf(line, sizeof line, "steps %4.1f / %4.1f / %4.1f ms", at(0.5), at(0.99), at(1));
    return line;
  }

 private:
  std::vector<double> ms_;
};

std::vector<Token> some_tokens(const LanguageModel& model, int count) {
  std::vector<Token> tokens;
  for (int i = 0; i < count; ++i) tokens.push_back((1000 + 37 * i) % model.info().vocabulary);
  return tokens;
}

void measure_prefill(LanguageModel& model, WorkSharing& sharing, int tokens, double seconds) {
  const auto prompt = some_tokens(model, tokens);
  StepTimes steps;
  std::vector<double> rates;
  const auto begin = Clock::now();
  while (rates.size() < 3 || seconds_since(begin) < seconds) {
    const auto pass = Clock::now();
    steps.run(model.forward_shared(rows_of(Slot{0}, prompt), &sharing));
    rates.push_back(tokens / seconds_since(pass));
    model.reset(Slot{0});
  }
  std::ranges::sort(rates);
  std::printf("prefill %4d tokens  %8.1f tokens/s  %s\n", tokens, rates[rates.size() / 2],
              steps.summary().c_str());
}

void measure_decode(LanguageModel& model, WorkSharing& sharing, int batch, double seconds) {
  const auto prompt = some_tokens(model, 128);
  for (int i = 0; i < batch; ++i) model.forward(rows_of(Slot{i}, prompt)).run_to_end();
  StepTimes steps;
  std::vector<double> rates;
  const auto begin = Clock::now();
  while (rates.size() < 3 || (seconds_since(begin) < seconds && rates.size() < 512)) {
    std::vector<TokenRow> rows;
    for (int i = 0; i < batch; ++i) {
      rows.push_back({Slot{i}, antiphon::models::kernels::argmax(model.logits(Slot{i})), true});
    }
    const auto pass = Clock::now();
    steps.run(model.forward_shared(std::move(rows), &sharing));
    rates.push_back(batch / seconds_since(pass));
  }
  std::ranges::sort(rates);
  std::printf("decode  batch %4d   %8.1f tokens/s  %s\n", batch, rates[rates.size() / 2],
              steps.summary().c_str());
  for (int i = 0; i < batch; ++i) model.reset(Slot{i});
}

void measure_speed(const Arguments& arguments) {
  const auto begin = Clock::now();
  const auto model = load(arguments, Arithmetic::kQuantised);
  const double load_seconds = seconds_since(begin);
  model->warm_up().run_to_end();
  std::printf("%s, kernels %s\n", model->info().name.c_str(),
              std::string(kernels::name_of(kernels::active_variant())).c_str());
  std::printf("load %.2f s, with warm-up %.2f s, resident %.0f MiB, weights %.0f MiB\n", load_seconds,
              seconds_since(begin), resident_mib(),
              static_cast<double>(model->info().weight_bytes) / (1 << 20));
  antiphon::pipeline::HelperThreads helpers(arguments.helpers);
  WorkSharing& sharing = helpers.sharing();
  for (const int tokens : {128, 512}) measure_prefill(*model, sharing, tokens, arguments.seconds);
  for (const int batch : {1, 2, 4, 8, 16}) measure_decode(*model, sharing, batch, arguments.seconds);
}

// The logits after each token of several windows of a text, one window in each slot.
class Reading {
 public:
  Reading(LanguageModel& model, std::span<const Token> text) : model_(model) {
    const std::size_t window = text.size() / kSlots;
    for (std::size_t i = 0; i < kSlots; ++i) windows_.push_back(text.subspan(i * window, window));
  }

  std::size_t positions() const { return windows_[0].size() - 1; }
  void advance(std::size_t position) {
    std::vector<TokenRow> rows;
    for (int i = 0; i < kSlots; ++i)
      rows.push_back({Slot{i}, windows_[static_cast<std::size_t>(i)][position], true});
    model_.forward(std::move(rows)).run_to_end();
  }
  std::span<const float> logits(int window) const { return model_.logits(Slot{window}); }
  Token next(int window, std::size_t position) const {
    return windows_[static_cast<std::size_t>(window)][position + 1];
  }

 private:
  LanguageModel& model_;
  std::vector<std::span<const Token>> windows_;
};

double surprise(std::span<const float> logits, Token token) {
  const double most = *std::ranges::max_element(logits);
  double total = 0;
  for (const float logit : logits) total += std::exp(logit - most);
  return most + std::log(total) - static_cast<double>(logits[static_cast<std::size_t>(token)]);
}

void compare(const Arguments& arguments) {
  std::ifstream in(arguments.text);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const auto tokenizer = text::tokenizer_from_gguf(GgufFile(file_of(arguments.model)));
  std::vector<Token> tokens = tokenizer->encode(text);
  tokens.resize(std::min<std::size_t>(tokens.size(), static_cast<std::size_t>(arguments.compared_tokens)));
  const auto quantised = load(arguments, Arithmetic::kQuantised);
  const auto exact = load(arguments, Arithmetic::kF32);
  Reading fast(*quantised, tokens), slow(*exact, tokens);
  double surprise_fast = 0, surprise_slow = 0, squares = 0;
  int same = 0, count = 0;
  for (std::size_t position = 0; position < fast.positions(); ++position) {
    fast.advance(position);
    slow.advance(position);
    for (int window = 0; window < kSlots; ++window, ++count) {
      const auto a = fast.logits(window), b = slow.logits(window);
      surprise_fast += surprise(a, fast.next(window, position));
      surprise_slow += surprise(b, fast.next(window, position));
      same += kernels::argmax(a) == kernels::argmax(b);
      for (std::size_t i = 0; i < a.size(); ++i)
        squares += std::pow(static_cast<double>(a[i] - b[i]), 2) / static_cast<double>(a.size());
    }
  }
  std::printf("%d tokens: perplexity %.3f quantised, %.3f f32, ratio %.4f\n", count,
              std::exp(surprise_fast / count), std::exp(surprise_slow / count),
              std::exp((surprise_fast - surprise_slow) / count));
  std::printf("likeliest token the same %.1f %%, root mean square error of logits %.3f\n",
              100.0 * same / count, std::sqrt(squares / count));
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Speed and fidelity of a language model");
  Arguments arguments;
  app.add_option("model", arguments.model, "GGUF file, or a folder with model.gguf")->required();
  app.add_option("--compare", arguments.text, "Text file to compare the arithmetics over");
  app.add_option("--tokens", arguments.compared_tokens, "Tokens to compare over")->check(CLI::PositiveNumber);
  app.add_option("--helpers", arguments.helpers, "Threads beside the first")->check(CLI::NonNegativeNumber);
  app.add_option("--seconds", arguments.seconds, "Time of each measurement")->check(CLI::PositiveNumber);
  CLI11_PARSE(app, argc, argv);
  try {
    arguments.text.empty() ? measure_speed(arguments) : compare(arguments);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}

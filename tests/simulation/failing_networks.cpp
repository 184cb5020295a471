#include "tests/simulation/failing_networks.h"

#include <stdexcept>
#include <type_traits>
#include <utility>
#include <vector>

namespace antiphon::simulation {
namespace {

using namespace models;

using Fails = std::function<bool()>;

void fail_now(const Fails& fails) {
  if (fails()) throw std::runtime_error("the network has failed");
}

template <class Result>
Stepped<Result> failing(const Fails* fails, Stepped<Result> work) {
  fail_now(*fails);
  if constexpr (std::is_void_v<Result>) {
    co_await std::move(work);
    fail_now(*fails);
  } else {
    Result result = co_await std::move(work);
    fail_now(*fails);
    co_return result;
  }
}

class FailingTurnDetector final : public TurnDetector {
 public:
  FailingTurnDetector(TurnDetector* inner, const Fails* fails) : inner_(inner), fails_(fails) {}
  int slots() const override { return inner_->slots(); }
  void append(Slot slot, std::span<const float> audio) override { inner_->append(slot, audio); }
  void reset(Slot slot) override { inner_->reset(slot); }
  Stepped<float> probability(Slot slot) const override { return failing(fails_, inner_->probability(slot)); }
  void warm_up() const override {}

 private:
  TurnDetector* const inner_;
  const Fails* const fails_;
};

class FailingRecognizer final : public SpeechRecognizer {
 public:
  FailingRecognizer(const SpeechRecognizer* inner, const Fails* fails) : inner_(inner), fails_(fails) {}
  Stepped<EncodedSpeech> encode(std::vector<float> audio) const override {
    return failing(fails_, inner_->encode(std::move(audio)));
  }
  Stepped<Transcript> decode(EncodedSpeech speech, TranscribeOptions options) const override {
    return failing(fails_, inner_->decode(std::move(speech), std::move(options)));
  }
  void warm_up() const override {}

 private:
  const SpeechRecognizer* const inner_;
  const Fails* const fails_;
};

class FailingLanguageModel final : public LanguageModel {
 public:
  FailingLanguageModel(LanguageModel* inner, const Fails* fails) : inner_(inner), fails_(fails) {}
  const Info& info() const override { return inner_->info(); }
  int slots() const override { return inner_->slots(); }
  int context_tokens_max() const override { return inner_->context_tokens_max(); }
  int passes_max() const override { return inner_->passes_max(); }
  Stepped<void> forward(std::vector<TokenRow> rows) override {
    return failing(fails_, inner_->forward(std::move(rows)));
  }
  std::span<const float> logits(Slot slot) const override { return inner_->logits(slot); }
  int length(Slot slot) const override { return inner_->length(slot); }
  void truncate(Slot slot, int length) override { inner_->truncate(slot, length); }
  Stepped<void> copy_prefix(Slot from, Slot to, int length) override {
    return failing(fails_, inner_->copy_prefix(from, to, length));
  }
  void reset(Slot slot) override { inner_->reset(slot); }
  Stepped<void> warm_up() override { return inner_->warm_up(); }

 private:
  LanguageModel* const inner_;
  const Fails* const fails_;
};

class FailingStream final : public SynthesisStream {
 public:
  FailingStream(std::unique_ptr<SynthesisStream> inner, const Fails* fails)
      : inner_(std::move(inner)), fails_(fails) {}
  Stepped<std::vector<float>> next(int hops) override { return failing(fails_, inner_->next(hops)); }
  bool finished() const override { return inner_->finished(); }
  std::optional<std::int64_t> samples_total() const override { return inner_->samples_total(); }
  std::span<const WordTime> words() const override { return inner_->words(); }
  int unknown_symbols() const override { return inner_->unknown_symbols(); }

 private:
  const std::unique_ptr<SynthesisStream> inner_;
  const Fails* const fails_;
};

class FailingSynthesizer final : public SpeechSynthesizer {
 public:
  FailingSynthesizer(const SpeechSynthesizer* inner, const Fails* fails) : inner_(inner), fails_(fails) {}
  SynthesisStart begin(const text::PhonemePhrase& phrase, const SynthesisOptions& options) const override {
    SynthesisStart start = inner_->begin(phrase, options);
    if (start.stream) start.stream = std::make_unique<FailingStream>(std::move(start.stream), fails_);
    return start;
  }
  void warm_up() const override {}

 private:
  const SpeechSynthesizer* const inner_;
  const Fails* const fails_;
};

}  // namespace

struct FailingNetworks::Parts {
  Parts(const pipeline::Networks& networks, const Fails* fails)
      : turn(networks.turn, fails),
        recognizer(networks.recognizer, fails),
        language_model(networks.language_model, fails),
        synthesizer(networks.synthesizer, fails) {}
  FailingTurnDetector turn;
  FailingRecognizer recognizer;
  FailingLanguageModel language_model;
  FailingSynthesizer synthesizer;
};

FailingNetworks::FailingNetworks(const pipeline::Networks& networks, const Fails* fails)
    : networks_(networks), parts_(std::make_unique<Parts>(networks, fails)) {}

FailingNetworks::~FailingNetworks() = default;

pipeline::Networks FailingNetworks::networks() const {
  pipeline::Networks networks = networks_;
  networks.turn = &parts_->turn;
  networks.recognizer = &parts_->recognizer;
  networks.language_model = &parts_->language_model;
  networks.synthesizer = &parts_->synthesizer;
  return networks;
}

}  // namespace antiphon::simulation

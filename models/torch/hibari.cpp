#include "models/torch/hibari.h"

#include <utility>

#include "models/torch/hibari_config.h"
#include "models/torch/hibari_decoder.h"
#include "models/torch/hibari_features.h"
#include "models/torch/hibari_prosody.h"
#include "models/torch/hibari_stream.h"
#include "models/torch/hibari_weights.h"

namespace antiphon::models::torch {
namespace {

std::vector<float> copy(std::span<const float> values) {
  return {values.begin(), values.end()};
}

class Hibari final : public HibariSynthesizer {
 public:
  explicit Hibari(const std::filesystem::path& folder)
      : config_(read_hibari_config(folder / "hibari.json")),
        weights_(load_hibari_weights(folder / "hibari.safetensors", config_)) {}

  SynthesisStart begin(const text::PhonemePhrase& phrase, const SynthesisOptions& options) const override {
    if (!(options.speed >= kSpeedMin && options.speed <= kSpeedMax)) {
      return {nullptr, SynthesisRefusal::kSpeedOutOfRange};
    }
    HibariInput input = read_symbols(config_, phrase.symbols);
    if (input.last_sound == 0) return {nullptr, SynthesisRefusal::kNothingToSay};
    if (input.ids.size() > std::size_t(kSymbolsMax) + 2) return {nullptr, SynthesisRefusal::kTooLong};
    return {std::make_unique<HibariStream>(config_, weights_, std::move(input), phrase, options),
            SynthesisRefusal::kNone};
  }

  void warm_up() const override {
    text::PhonemePhrase phrase;
    phrase.symbols = U"h\u0259l\u02c8O \u00f0\u02c8\u025b\u0279.";
    const SynthesisStart start = begin(phrase, {});
    if (!start.stream) return;  // a voice with another alphabet
    while (!start.stream->finished()) start.stream->next(24).run_to_end();
  }

  HibariTrace trace(const text::PhonemePhrase& phrase, const SynthesisOptions& options) const override {
    HibariTrace trace;
    trace.ids = read_symbols(config_, phrase.symbols).ids;
    const HibariFeatures features = make_features(config_, weights_, trace.ids, options.speed).run_to_end();
    HibariProsody prosody(config_, weights_, features);
    while (!prosody.advance_to(features.hops())) {
    }
    HibariDecoder decoder(weights_, features, 0);
    trace.durations = features.durations;
    trace.curves = copy(decoder.advance_to(features.hops(), prosody));
    trace.curves_row = decoder.row_size();
    trace.pitch = copy(prosody.pitch());
    trace.energy = copy(prosody.energy());
    return trace;
  }

 private:
  HibariConfig config_;
  HibariWeights weights_;
};

}  // namespace

std::unique_ptr<HibariSynthesizer> load_hibari(const std::filesystem::path& folder) {
  return std::make_unique<Hibari>(folder);
}

}  // namespace antiphon::models::torch

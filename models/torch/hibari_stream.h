#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "models/speech_synthesizer.h"
#include "models/synthesis/silence_gate.h"
#include "models/torch/hibari_config.h"
#include "models/torch/hibari_decoder.h"
#include "models/torch/hibari_features.h"
#include "models/torch/hibari_prosody.h"
#include "models/torch/hibari_waveform.h"
#include "models/torch/hibari_weights.h"

namespace antiphon::models::torch {

// A phrase as the network takes it.
struct HibariInput {
  std::vector<int> ids;            // with the pad at both ends
  std::vector<std::size_t> id_of;  // for each symbol of the phrase its place in ids; 0 if it was left out
  std::size_t last_sound = 0;      // place in ids of the last symbol that makes a sound; 0 if none does

  int unknown() const { return static_cast<int>(id_of.size() + 2 - ids.size()); }
};

HibariInput read_symbols(const HibariConfig& config, std::u32string_view symbols);

// One phrase being spoken by hibari.
class HibariStream final : public SynthesisStream {
 public:
  // config and weights must outlive the stream.
  HibariStream(const HibariConfig& config, const HibariWeights& weights, HibariInput input,
               const text::PhonemePhrase& phrase, const SynthesisOptions& options);

  Stepped<std::vector<float>> next(int hops) override;
  bool finished() const override { return complete_ && ready_.empty(); }
  std::optional<std::int64_t> samples_total() const override;
  std::span<const WordTime> words() const override { return words_; }
  int unknown_symbols() const override { return input_.unknown(); }

 private:
  // What exists once the features are known; its members refer to each other.
  struct Speech {
    Speech(const HibariStream& stream, HibariFeatures made);

    HibariFeatures features;
    std::int64_t first_hop;  // the first hop of samples that is wanted
    HibariProsody prosody;
    HibariDecoder decoder;
    HibariWaveform waveform;
    synthesis::SilenceGate gate;
    std::int64_t next_sample_hop;  // the next hop of samples that the waveform gives
  };

  synthesis::SilenceGate::Config gate_config(const HibariFeatures& features) const;
  std::int64_t decode_until(int hops) const;
  void decode(std::int64_t until);
  void take_samples(std::span<const float> samples);
  void complete();
  void place_words(std::int64_t origin);
  std::vector<float> take_ready(int hops);

  const HibariConfig& config_;
  const HibariWeights& weights_;
  HibariInput input_;
  std::vector<text::PhonemeWord> phrase_words_;
  text::PhraseEnd end_;
  SynthesisOptions options_;
  std::unique_ptr<Speech> speech_;  // null before the first next()
  std::vector<float> ready_;        // samples not given out yet
  std::int64_t given_ = 0;          // samples given out
  bool complete_ = false;           // no more samples will become ready
  std::vector<WordTime> words_;
};

}  // namespace antiphon::models::torch

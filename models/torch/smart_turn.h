#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "models/native/turn_features.h"
#include "models/torch/precision.h"
#include "models/turn_detector.h"

namespace antiphon::models {

// Smart Turn v3.2 (network: https://github.com/pipecat-ai/smart-turn, BSD-2-Clause): the encoder of Whisper
// tiny over the log-mel columns, attention pooling, a small classifier.
// With kInt8 answers differ from those of f32 by up to 0.02; the published graph rounds more of it.
// About 9 MB of weights (32 MB with kF32) and 0.2 MB a slot.
class SmartTurn final : public TurnDetector {
 public:
  struct Config {
    std::filesystem::path weights;
    int slots = 1;
    // What the network looks at, in columns of 10 ms: even, 2 to 798. The published 8 s window is no better
    // on our recordings than 2 s at four times the work.
    int window_columns = 200;
    torch::Precision precision = torch::Precision::kInt8;
  };

  // Throws std::runtime_error that names the file and tensor, or the field of the config, that is wrong.
  explicit SmartTurn(const Config& config);
  ~SmartTurn() override;

  int slots() const override;
  void append(Slot slot, std::span<const float> audio) override;
  void reset(Slot slot) override;
  Stepped<float> probability(Slot slot) const override;
  void warm_up() const override;

  // The network alone. features: [80, columns] as TurnFeatures makes them, columns even, 2 to 800.
  Stepped<float> logit(std::vector<float> features) const;

 private:
  struct Network;

  std::unique_ptr<const Network> network_;
  std::vector<TurnFeatures> features_;  // [slots]
};

}  // namespace antiphon::models

// Stand-ins for the networks that listen. They understand the spoken code.
#pragma once

#include "models/speech_recognizer.h"
#include "models/stand_ins/step_times.h"
#include "models/turn_detector.h"
#include "models/voice_activity_detector.h"

namespace antiphon::models::stand_ins {

// Voice is what is loud.
class LoudnessDetector final : public VoiceActivityDetector {
 public:
  explicit LoudnessDetector(int slots, const StepTimes& times = {}) : slots_(slots), times_(times) {}
  int slots() const override { return slots_; }
  void step(std::span<const Window> batch, std::span<float> probabilities) override;
  void reset(Slot) override {}
  void warm_up() override {}

 private:
  const int slots_;
  const StepTimes times_;
};

// Every pause ends the turn.
class SureTurnDetector final : public TurnDetector {
 public:
  explicit SureTurnDetector(int slots, const StepTimes& times = {}) : slots_(slots), times_(times) {}
  int slots() const override { return slots_; }
  void append(Slot, std::span<const float>) override {}
  void reset(Slot) override {}
  Stepped<float> probability(Slot slot) const override;
  void warm_up() const override {}

 private:
  const int slots_;
  const StepTimes times_;
};

// Hears the words of the spoken code and nothing else.
class CodeRecognizer final : public SpeechRecognizer {
 public:
  explicit CodeRecognizer(const StepTimes& times = {}) : times_(times) {}
  Stepped<EncodedSpeech> encode(std::vector<float> audio) const override;
  Stepped<Transcript> decode(EncodedSpeech speech, TranscribeOptions options) const override;
  void warm_up() const override {}

 private:
  const StepTimes times_;
};

}  // namespace antiphon::models::stand_ins

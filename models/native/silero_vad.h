#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "models/kernels/f32_matrix.h"
#include "models/voice_activity_detector.h"

namespace antiphon::models {

// Silero VAD 6.2 at 16 kHz on our own f32 kernels (network: https://github.com/snakers4/silero-vad, MIT).
// About 1 MB of weights and 1.3 kB a slot.
class SileroVad final : public VoiceActivityDetector {
 public:
  // Throws std::runtime_error if the file lacks a tensor, has another shape, or another filter bank than the
  // windowed Fourier transform that step() computes.
  SileroVad(const std::filesystem::path& weights, int slots,
            const kernels::F32Kernels& kernels = kernels::f32_kernels());
  ~SileroVad() override;

  int slots() const override;
  void step(std::span<const Window> batch, std::span<float> probabilities) override;
  void reset(Slot slot) override;
  void warm_up() override;

  // The recurrent state of a slot, [128] each; valid until the slot's next step.
  std::span<const float> hidden(Slot slot) const { return state(slot).hidden; }
  std::span<const float> cell(Slot slot) const { return state(slot).cell; }

 private:
  static constexpr int kContext = 64;  // samples kept from the window before
  static constexpr int kHidden = 128;
  struct Weights;
  struct State {
    std::array<float, kContext> context{};
    std::array<float, kHidden> hidden{};
    std::array<float, kHidden> cell{};
  };
  struct Workspace;

  const State& state(Slot slot) const { return states_.at(static_cast<std::size_t>(index(slot))); }
  void step_tile(std::span<const Window> tile, std::span<State*> states, float* probabilities);
  void spectrum(const Window& window, State& state, int row);

  const kernels::F32Kernels* kernels_;
  std::unique_ptr<const Weights> weights_;
  std::unique_ptr<Workspace> work_;
  std::vector<State> states_;           // [slots]
  std::vector<std::uint64_t> step_of_;  // [slots]: the last step that a slot took part in
  std::uint64_t steps_ = 0;
};

}  // namespace antiphon::models

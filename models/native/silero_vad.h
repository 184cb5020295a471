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
//
// In digital silence (a muted microphone) only the recurrent part is computed, a third of the work: what it
// is given is the same for all such windows.
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
    bool silent = false;  // the last window was digital silence, so that the context is
  };
  // One window of a step.
  struct Row {
    const Window* window = nullptr;
    State* state = nullptr;
    float* probability = nullptr;
  };
  class Tile;
  struct Workspace;

  const State& state(Slot slot) const { return states_.at(static_cast<std::size_t>(index(slot))); }
  void step_tile(std::span<const Row> tile);
  void step_silent_tile(std::span<const Row> tile);
  void spectrum(const Window& window, State& state, int row);
  // Of the windows of the first rows, into the work space.
  void make_features(std::span<const Row> tile);
  // From the features on.
  void recur(std::span<const Row> tile);
  // The first `count` rows.
  void multiply(const kernels::F32Matrix& matrix, const std::vector<const float*>& in, std::size_t count,
                const std::vector<float*>& out, kernels::Activation activation) const;

  const kernels::F32Kernels* kernels_;
  std::unique_ptr<const Weights> weights_;
  std::unique_ptr<Workspace> work_;
  std::array<float, kHidden> features_of_silence_{};
  std::vector<State> states_;           // [slots]
  std::vector<std::uint64_t> step_of_;  // [slots]: the last step that a slot took part in
  std::uint64_t steps_ = 0;
};

}  // namespace antiphon::models

// What the rooms above mean by a frame, and the two sample rates inside the server.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <tuple>

namespace antiphon::audio {

inline constexpr std::chrono::milliseconds kFrameDuration{20};
inline constexpr int kCaptureRateHz = 16000;  // what the networks hear
inline constexpr int kRenderRateHz = 24000;   // what the synthesiser makes

// REQUIRES: rate_hz is a multiple of 50.
constexpr std::size_t frame_samples(int rate_hz) {
  return static_cast<std::size_t>(rate_hz * kFrameDuration.count() / 1000);
}

// 20 ms of mono PCM, full scale [-1, 1).
template <int kRateHz>
using Frame = std::array<float, frame_samples(kRateHz)>;
using CaptureFrame = Frame<kCaptureRateHz>;  // 320 samples
using RenderFrame = Frame<kRenderRateHz>;    // 480 samples

static_assert(std::tuple_size_v<CaptureFrame> == 320 && std::tuple_size_v<RenderFrame> == 480);

}  // namespace antiphon::audio

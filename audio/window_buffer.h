#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace antiphon::audio {

// Makes windows of one fixed size out of pieces of any size (voice activity: 512 samples at 16 kHz).
//
//   while (!piece.empty()) {
//     piece = piece.subspan(windows.push(piece));
//     if (windows.full()) { use(windows.samples()); windows.clear(); }
//   }
//
// Owner:    one object; not thread-safe.
// Memory:   one window, in the constructor.
// Overload: a full window takes nothing until it is cleared.
class WindowBuffer {
 public:
  // REQUIRES: window_samples > 0.
  explicit WindowBuffer(std::size_t window_samples);

  // Takes samples up to the window's end; returns how many.
  std::size_t push(std::span<const float> samples);

  bool full() const { return filled_ == window_.size(); }
  // The samples so far; valid until the next push() or clear().
  std::span<const float> samples() const { return std::span(window_).first(filled_); }
  void clear() { filled_ = 0; }

 private:
  std::vector<float> window_;
  std::size_t filled_ = 0;
};

}  // namespace antiphon::audio

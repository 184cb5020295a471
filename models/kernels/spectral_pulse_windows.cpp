#include "models/kernels/spectral_pulse_windows.h"

#include <algorithm>
#include <cassert>
#include <cstddef>

namespace antiphon::models::kernels {

static_assert(kSpectralHop == PulseTrain::kHop && kSpectralWindow == 4 * kSpectralHop);

bool PulseWindows::next(std::span<const float> pitch, std::span<float, kSpectralWindow> out) {
  assert(next_ < hops_);
  const bool at_start = made_ == 0;
  while (made_ < next_ + 2) make_hop(pitch);
  if (at_start && next_ < 2) mirror_start();
  ++next_;
  const auto silent = [](const Hop& hop) {
    return std::ranges::all_of(hop, [](float sample) { return sample == 0.0f; });
  };
  if (std::ranges::all_of(last_, silent)) return false;
  const auto& window = spectral_window();
  for (std::size_t h = 0; h < last_.size(); ++h) {
    for (int i = 0; i < kSpectralHop; ++i) {
      const std::size_t at = h * kSpectralHop + static_cast<std::size_t>(i);
      out[at] = last_[h][static_cast<std::size_t>(i)] * window[at];
    }
  }
  return true;
}

void PulseWindows::make_hop(std::span<const float> pitch) {
  std::rotate(last_.begin(), last_.begin() + 1, last_.end());
  if (made_ < hops_) {
    const auto at = [&](std::int64_t hop) {
      return pitch[static_cast<std::size_t>(std::clamp<std::int64_t>(hop, 0, hops_ - 1))];
    };
    train_.next_hop(at(made_ - 1), at(made_), at(made_ + 1), last_[3]);
  } else {  // the hop after the last one: sample N + i is sample N - 2 - i
    std::reverse_copy(last_[2].begin(), last_[2].end() - 1, last_[3].begin());
    last_[3].back() = last_[1].back();
  }
  ++made_;
}

// Sample -i is sample i. Of the hop two before the start only the window's zero would meet sample 600.
void PulseWindows::mirror_start() {
  const std::size_t zero = static_cast<std::size_t>(2 - next_);  // where hop 0 is in last_
  const auto mirror = [&](std::size_t to, const Hop& from, float beyond) {
    std::reverse_copy(from.begin() + 1, from.end(), last_[to].begin() + 1);
    last_[to].front() = beyond;
  };
  mirror(zero - 1, last_[zero], last_[zero + 1].front());
  if (zero == 2) mirror(0, last_[3], 0.0f);
}

}  // namespace antiphon::models::kernels

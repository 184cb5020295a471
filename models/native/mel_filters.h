#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace antiphon::models {

// Triangular filters on the Slaney mel scale, each of unit area (Slaney, "Auditory Toolbox", 1998): linear
// below 1000 Hz, logarithmic above.
//
// Owner: any thread; immutable after construction.
class MelFilters {
 public:
  // Band edges spread evenly over [0, sample_rate / 2]; bins 0..transform / 2.
  MelFilters(int bands, int transform, int sample_rate);

  struct Band {
    int first_bin;
    std::span<const double> weights;  // of the bins from first_bin on
  };
  int bands() const { return static_cast<int>(first_.size()); }
  Band band(int index) const;
  double weight(int band, int bin) const;  // 0 outside the band's triangle

 private:
  std::vector<int> first_;                    // [bands]
  std::vector<std::vector<double>> weights_;  // [bands, bins of that band]
};

}  // namespace antiphon::models

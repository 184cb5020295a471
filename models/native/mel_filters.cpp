#include "models/native/mel_filters.h"

#include <algorithm>
#include <cmath>

namespace antiphon::models {
namespace {

constexpr double kHertzPerMel = 200.0 / 3;  // in the linear part
constexpr double kKneeHertz = 1000;
constexpr double kKneeMel = kKneeHertz / kHertzPerMel;
const double kMelPerLog = 27 / std::log(6.4);  // in the logarithmic part

double mel(double hertz) {
  return hertz < kKneeHertz ? hertz / kHertzPerMel : kKneeMel + std::log(hertz / kKneeHertz) * kMelPerLog;
}

double hertz(double mel) {
  return mel < kKneeMel ? mel * kHertzPerMel : kKneeHertz * std::exp((mel - kKneeMel) / kMelPerLog);
}

}  // namespace

MelFilters::MelFilters(int bands, int transform, int sample_rate) {
  std::vector<double> edges;
  const double top = mel(sample_rate / 2.0);
  for (int i = 0; i < bands + 2; ++i) edges.push_back(hertz(top * i / (bands + 1)));
  for (std::size_t band = 0; band < static_cast<std::size_t>(bands); ++band) {
    const double low = edges[band], centre = edges[band + 1], high = edges[band + 2];
    first_.push_back(0);
    weights_.emplace_back();
    for (int bin = 0; bin <= transform / 2; ++bin) {
      const double frequency = static_cast<double>(bin) * sample_rate / transform;
      const double height =
          std::min((frequency - low) / (centre - low), (high - frequency) / (high - centre));
      if (height <= 0) continue;
      if (weights_.back().empty()) first_.back() = bin;
      weights_.back().push_back(height * 2 / (high - low));
    }
  }
}

MelFilters::Band MelFilters::band(int index) const {
  const auto i = static_cast<std::size_t>(index);
  return {first_.at(i), weights_[i]};
}

double MelFilters::weight(int index, int bin) const {
  const Band found = band(index);
  const int offset = bin - found.first_bin;
  if (offset < 0 || offset >= static_cast<int>(found.weights.size())) return 0;
  return found.weights[static_cast<std::size_t>(offset)];
}

}  // namespace antiphon::models

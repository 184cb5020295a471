#include "models/native/silero_vad.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numbers>
#include <stdexcept>
#include <string>
#include <utility>

#include "models/native/real_fourier.h"
#include "models/native/safe_sample.h"
#include "models/weights/safetensors.h"

namespace antiphon::models {
namespace {

using kernels::Activation;
using kernels::F32Matrix;

constexpr int kTransform = 256;
constexpr int kHop = 128;
constexpr int kTimes = 4;  // transforms in a window
constexpr int kBins = kTransform / 2 + 1;
constexpr int kWide = 128;    // channels of the first and fourth convolution
constexpr int kNarrow = 64;   // channels of the second and third
constexpr int kTileMax = 32;  // rows computed together; their work space fits the second cache

// The taps [first, first + taps) of a convolution [out, in, 3] as a product: [out, taps * in], rows of `in`
// in the order of time.
F32Matrix convolution(const SafetensorsFile& file, const std::string& name, int out, int in, int first,
                      int taps) {
  const auto weight = file.f32(name + ".weight", {out, in, 3});
  std::vector<float> rows;
  rows.reserve(static_cast<std::size_t>(out * taps * in));
  for (int o = 0; o < out; ++o) {
    for (int tap = first; tap < first + taps; ++tap) {
      for (int i = 0; i < in; ++i) rows.push_back(weight[static_cast<std::size_t>((o * in + i) * 3 + tap)]);
    }
  }
  return F32Matrix(rows, file.f32(name + ".bias", {out}), out, taps * in);
}

// Both products of the cell as one: rows [input weights | hidden weights], the sum of both biases.
F32Matrix lstm(const SafetensorsFile& file, int hidden) {
  const int gates = 4 * hidden;
  const auto of_input = file.f32("lstm_cell.weight_ih", {gates, hidden});
  const auto of_hidden = file.f32("lstm_cell.weight_hh", {gates, hidden});
  const auto input_bias = file.f32("lstm_cell.bias_ih", {gates});
  const auto hidden_bias = file.f32("lstm_cell.bias_hh", {gates});
  std::vector<float> rows, bias;
  for (std::size_t n = 0; n < input_bias.size(); ++n) {
    const auto row = static_cast<std::size_t>(hidden);
    rows.insert(rows.end(), &of_input[n * row], &of_input[n * row] + row);
    rows.insert(rows.end(), &of_hidden[n * row], &of_hidden[n * row] + row);
    bias.push_back(input_bias[n] + hidden_bias[n]);
  }
  return F32Matrix(rows, bias, gates, 2 * hidden);
}

bool is_digital_silence(std::span<const float> samples) {
  return std::ranges::all_of(samples, [](float sample) { return sample == 0; });
}

float hann(int n) {
  return static_cast<float>(0.5 - 0.5 * std::cos(2 * std::numbers::pi * n / kTransform));
}

// The published filter bank is a Fourier transform under a Hann window; step() relies on it.
void check_filter_bank(const SafetensorsFile& file) {
  const auto bank = file.f32("stft_conv.weight", {2 * kBins, 1, kTransform});
  for (int k = 0; k < kBins; ++k) {
    for (int n = 0; n < kTransform; ++n) {
      const double angle = 2 * std::numbers::pi * (k * n % kTransform) / kTransform;
      const double re = bank[static_cast<std::size_t>(k * kTransform + n)];
      const double im = bank[static_cast<std::size_t>((kBins + k) * kTransform + n)];
      if (!(std::abs(re - hann(n) * std::cos(angle)) < 1e-6 &&
            std::abs(im + hann(n) * std::sin(angle)) < 1e-6)) {
        throw std::runtime_error(
            "'" + file.path().string() +
            "': tensor 'stft_conv.weight' is not a Fourier transform under a Hann window");
      }
    }
  }
}

}  // namespace

struct SileroVad::Weights {
  explicit Weights(const SafetensorsFile& file)
      : convolution1(convolution(file, "conv1", kWide, kBins, 0, 3)),
        convolution2(convolution(file, "conv2", kNarrow, kWide, 0, 3)),
        convolution3(convolution(file, "conv3", kNarrow, kNarrow, 1, 2)),  // the first tap meets only padding
        convolution4(convolution(file, "conv4", kWide, kNarrow, 1, 1)),    // the outer taps meet only padding
        gates(lstm(file, kHidden)) {
    check_filter_bank(file);
    std::ranges::copy(file.f32("final_conv.weight", {1, kHidden, 1}), output.begin());
    output_bias = file.f32("final_conv.bias", {1})[0];
    for (int n = 0; n < kTransform; ++n) window[static_cast<std::size_t>(n)] = hann(n);
  }

  std::array<float, kTransform> window;
  F32Matrix convolution1, convolution2, convolution3, convolution4, gates;
  std::array<float, kHidden> output;
  float output_bias;
};

// The values between the layers of one tile, and pointers to each product's rows. Rows of padding stay zero.
struct SileroVad::Workspace {
  struct Row {
    std::array<std::array<float, kBins>, 1 + kTimes + 1> magnitudes{};  // padding, 4 times, padding
    std::array<std::array<float, kWide>, 1 + kTimes> wide{};            // padding, 4 times
    std::array<std::array<float, kNarrow>, 2> narrow{};
    std::array<float, kNarrow> last{};
    std::array<float, 2 * kHidden> lstm_input{};  // [features | hidden]
    std::array<float, 4 * kHidden> gates{};
  };

  Workspace() : rows(kTileMax) {
    for (Row& row : rows) {
      for (std::size_t t = 0; t < kTimes; ++t) {
        magnitudes_in.push_back(row.magnitudes[t].data());
        wide_out.push_back(row.wide[1 + t].data());
      }
      for (std::size_t t = 0; t < 2; ++t) {
        wide_in.push_back(row.wide[2 * t].data());
        narrow_out.push_back(row.narrow[t].data());
      }
      narrow_in.push_back(row.narrow[0].data());
      last_out.push_back(row.last.data());
      last_in.push_back(row.last.data());
      features_out.push_back(row.lstm_input.data());
      features_in.push_back(row.lstm_input.data());
      gates_out.push_back(row.gates.data());
    }
  }

  RealFourier<FloatLanes, kTransform> fourier;
  std::array<float, kContext + kWindowSamples + kContext> signal;
  std::array<FloatLanes, kTransform> windowed;
  std::array<ComplexLanes<FloatLanes>, kBins> bins;
  std::vector<Row> rows;
  std::vector<const float*> magnitudes_in, wide_in, narrow_in, last_in, features_in;
  std::vector<float*> wide_out, narrow_out, last_out, features_out, gates_out;
};

SileroVad::SileroVad(const std::filesystem::path& weights, int slots, const kernels::F32Kernels& kernels)
    : kernels_(&kernels),
      weights_(std::make_unique<Weights>(SafetensorsFile(weights))),
      work_(std::make_unique<Workspace>()),
      states_(static_cast<std::size_t>(slots)),
      step_of_(static_cast<std::size_t>(slots)) {
  State scratch;
  const std::array<float, kWindowSamples> silence{};
  const Window window{Slot{0}, silence};
  const Row row{&window, &scratch, nullptr};
  make_features({&row, 1});
  std::copy_n(work_->rows[0].lstm_input.begin(), kHidden, features_of_silence_.begin());
}

SileroVad::~SileroVad() = default;

int SileroVad::slots() const {
  return static_cast<int>(states_.size());
}

void SileroVad::reset(Slot slot) {
  states_.at(static_cast<std::size_t>(index(slot))) = State{};
}

// Rows that wait for each other, to be computed together.
class SileroVad::Tile {
 public:
  // True: it is full.
  bool add(const Row& row) {
    rows_[size_++] = row;
    return size_ == kTileMax;
  }
  // Empties it.
  std::span<const Row> take() { return std::span(rows_).first(std::exchange(size_, 0)); }

 private:
  std::array<Row, kTileMax> rows_;
  std::size_t size_ = 0;
};

void SileroVad::step(std::span<const Window> batch, std::span<float> probabilities) {
  assert(batch.size() == probabilities.size());
  ++steps_;
  Tile sounding, silent;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const auto slot = static_cast<std::size_t>(index(batch[i].slot));
    assert(slot < states_.size() && step_of_[slot] != steps_);
    step_of_[slot] = steps_;
    const Row row{&batch[i], &states_[slot], &probabilities[i]};
    const bool was_silent = std::exchange(row.state->silent, is_digital_silence(batch[i].samples));
    if (was_silent && row.state->silent) {
      if (silent.add(row)) step_silent_tile(silent.take());
    } else {
      if (sounding.add(row)) step_tile(sounding.take());
    }
  }
  step_tile(sounding.take());
  step_silent_tile(silent.take());
}

void SileroVad::warm_up() {
  std::array<State, kTileMax> scratch;
  std::array<Row, kTileMax> tile;
  std::array<float, kTileMax> probabilities;
  const std::array<float, kWindowSamples> silence{};
  const Window window{Slot{0}, silence};
  for (std::size_t row = 0; row < kTileMax; ++row) {
    tile[row] = {&window, &scratch[row], &probabilities[row]};
  }
  step_tile(tile);
}

// Magnitudes of the window's four transforms into row `row` of the tile; moves the context on.
void SileroVad::spectrum(const Window& window, State& state, int row) {
  auto& signal = work_->signal;  // context, window, and the reflection of its end without the last sample
  std::ranges::copy(state.context, signal.begin());
  std::ranges::transform(window.samples, signal.begin() + kContext, safe_sample);
  constexpr std::size_t kEnd = kContext + kWindowSamples;
  for (std::size_t n = 0; n < kContext; ++n) signal[kEnd + n] = signal[kEnd - 2 - n];
  std::copy_n(signal.begin() + kEnd - kContext, kContext, state.context.begin());

  for (std::size_t n = 0; n < kTransform; ++n) {
    const FloatLanes samples{signal[n], signal[kHop + n], signal[2 * kHop + n], signal[3 * kHop + n]};
    work_->windowed[n] = samples * weights_->window[n];
  }
  work_->fourier.transform(work_->windowed, work_->bins);
  auto& magnitudes = work_->rows[static_cast<std::size_t>(row)].magnitudes;
  for (std::size_t k = 0; k < kBins; ++k) {
    const auto& bin = work_->bins[k];
    const FloatLanes power = bin.re * bin.re + bin.im * bin.im;
    for (std::size_t t = 0; t < kTimes; ++t) magnitudes[1 + t][k] = std::sqrt(power[t]);
  }
}

void SileroVad::step_tile(std::span<const Row> tile) {
  make_features(tile);
  recur(tile);
}

void SileroVad::step_silent_tile(std::span<const Row> tile) {
  for (std::size_t row = 0; row < tile.size(); ++row) {
    std::ranges::copy(features_of_silence_, work_->rows[row].lstm_input.begin());
  }
  recur(tile);
}

void SileroVad::make_features(std::span<const Row> tile) {
  const auto rows = tile.size();
  Workspace& w = *work_;
  for (std::size_t row = 0; row < rows; ++row) {
    spectrum(*tile[row].window, *tile[row].state, static_cast<int>(row));  // [4, 129]
  }
  multiply(weights_->convolution1, w.magnitudes_in, 4 * rows, w.wide_out, Activation::kRelu);  // [4, 128]
  multiply(weights_->convolution2, w.wide_in, 2 * rows, w.narrow_out, Activation::kRelu);      // [2, 64]
  multiply(weights_->convolution3, w.narrow_in, rows, w.last_out, Activation::kRelu);          // [64]
  multiply(weights_->convolution4, w.last_in, rows, w.features_out, Activation::kRelu);        // [128]
}

void SileroVad::recur(std::span<const Row> tile) {
  Workspace& w = *work_;
  for (std::size_t row = 0; row < tile.size(); ++row) {
    std::ranges::copy(tile[row].state->hidden, w.rows[row].lstm_input.begin() + kHidden);
  }
  multiply(weights_->gates, w.features_in, tile.size(), w.gates_out, Activation::kNone);  // [512]
  for (std::size_t row = 0; row < tile.size(); ++row) {
    State& state = *tile[row].state;
    kernels_->lstm({.gates = w.rows[row].gates.data(),
                    .cell = state.cell.data(),
                    .hidden = state.hidden.data(),
                    .width = kHidden});
    float logit = weights_->output_bias;
    for (std::size_t n = 0; n < kHidden; ++n) logit += std::max(state.hidden[n], 0.0f) * weights_->output[n];
    *tile[row].probability = 1.0f / (1.0f + std::exp(-logit));
  }
}

void SileroVad::multiply(const F32Matrix& matrix, const std::vector<const float*>& in, std::size_t count,
                         const std::vector<float*>& out, Activation activation) const {
  if (count > 0) matrix.multiply(std::span(in).first(count), out.data(), activation, *kernels_);
}

}  // namespace antiphon::models

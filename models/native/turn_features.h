// The log-mel picture that the end-of-turn network looks at, kept up to date as audio comes.
//
// The network was trained on the last 8 s of the turn (zeros before its beginning), normalised as a whole to
// mean 0 and variance 1, then a Whisper log-mel spectrogram of 800 columns 10 ms apart, then a floor 8 below
// its largest value. Mean and variance are known only when the question is asked, but the transform is
// linear: with the constant 1 under the window having the transform W,
//     power of a normalised column = |X - mean W|^2 / (variance + 1e-7)
// and under a periodic Hann window W is zero except in bins 0 (in no band) and 1. So a column keeps its bands
// of the raw audio and, for the lowest two bands, bin 1 apart; the answer costs microseconds.
//
// The buffer's ends are mirrored, which concerns columns 0, 1 and 799. Columns 0 and 1 are computed for every
// hop that may become the beginning of the 8 s, and kept as what the floor needs; 799 when asked.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace antiphon::models {

// Owner:  one thread at a time.
// Memory: about 100 kB + 0.3 kB a column, allocated by the constructor; append(), reset() and write() never
//         allocate.
// Errors: none; samples that are no numbers or beyond +-64 count as zero.
class TurnFeatures {
 public:
  static constexpr int kHopSamples = 160;  // at 16 kHz
  static constexpr int kBands = 80;
  static constexpr int kBufferColumns = 800;              // 8 s
  static constexpr int kColumnsMax = kBufferColumns - 2;  // columns 0 and 1 are not kept whole

  // The last `columns` (1 to kColumnsMax) are what write() gives.
  explicit TurnFeatures(int columns);

  // Any number of samples, 16 kHz mono; about 5 us for each 10 ms. Samples take part in write() once their
  // hop of 160 is full.
  void append(std::span<const float> audio);

  // As after construction: a turn begins.
  void reset();

  int columns() const { return columns_; }

  // features: [kBands, columns()]
  void write(std::span<float> features) const;

 private:
  static constexpr int kLowBands = 2;  // the bands that bin 1 is part of
  static constexpr int kHistoryHops = 4;
  static constexpr int kWindowSamples = 400;

  // One column of the raw audio, with bin 1 apart so that a mean can be taken out later.
  struct Summary {
    std::array<double, kLowBands> rest;  // power in bands 0 and 1 without bin 1
    double re, im;                       // bin 1
    double loudest;                      // the largest power in the other bands
  };
  using UpperBands = std::array<float, kBands - kLowBands>;  // power, or its log10
  struct Column {
    Summary summary;
    UpperBands power;
  };
  struct Moments {
    double sum;
    double squares;
  };
  struct Normalisation {
    double mean;
    double power_scale;  // 1 / (variance + 1e-7)
  };
  struct Tables;

  static const Tables& tables();
  // Two windows at once, [kWindowSamples] each.
  static std::array<Column, 2> transform(const float* first, const float* second);
  static double low_power(const Summary& summary, std::size_t band, const Normalisation& normalisation);
  static double loudest(const Summary& summary, const Normalisation& normalisation);
  static UpperBands logs(const UpperBands& power);

  void finish_hop();
  Normalisation normalisation() const;
  Column last_column() const;
  double floor(const Column& last, const Normalisation& normalisation) const;
  void write_column(const Summary& summary, const UpperBands& upper_logs, const Normalisation& normalisation,
                    double floor, int column, std::span<float> features) const;

  int columns_;
  std::int64_t hops_ = 0;                                    // full hops since the turn began
  std::array<float, kHistoryHops * kHopSamples> history_{};  // the last full hops, the newest at the end
  std::array<float, kHopSamples> pending_{};
  std::size_t pending_samples_ = 0;

  // Rings over hops. Column "of hop h" has its middle at the beginning of hop h.
  std::vector<Moments> moments_;        // [800]
  std::vector<Summary> inner_;          // [800]: the column of hop h
  std::vector<Summary> first_;          // [800]: the same where the buffer begins with hop h
  std::vector<Summary> second_;         // [800]: the column of hop h + 1 where the buffer begins with hop h
  std::vector<UpperBands> upper_logs_;  // [columns]: the column of hop h
};

}  // namespace antiphon::models

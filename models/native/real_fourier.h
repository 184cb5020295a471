#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <span>
#include <type_traits>
#include <utility>

namespace antiphon::models {

// One value of each of four or two independent signals, computed side by side.
using FloatLanes = float __attribute__((vector_size(16)));
using DoubleLanes = double __attribute__((vector_size(16)));

template <class Lanes>
struct ComplexLanes {
  Lanes re;
  Lanes im;
};

// The discrete Fourier transform of a few real signals at once, for sizes 2 * 2^a * 5^b.
//
// The even and odd samples are one complex signal of half the size; that is transformed by decimation in
// frequency with self-sorting stages of radix 4, 2 and 5 (Stockham; Van Loan, "Computational Frameworks for
// the Fast Fourier Transform", 1992, sections 1.7 and 2.4) and split by symmetry.
//
// Owner:  any thread; immutable after construction.
// Memory: no allocation; transform() uses 2 * kSize lanes of the stack.
template <class Lanes, int kSize>
class RealFourier {
 public:
  using Complex = ComplexLanes<Lanes>;
  using Real = std::remove_cvref_t<decltype(std::declval<Lanes&>()[0])>;
  static constexpr int kLanes = sizeof(Lanes) / sizeof(Real);
  static constexpr int kBins = kSize / 2 + 1;

  RealFourier() {
    for (int k = 0; k < kSize; ++k) turns_[at(k)] = unit(-k, kSize);
  }

  void transform(std::span<const Lanes, kSize> samples, std::span<Complex, kBins> spectrum) const {
    Half from, to;
    for (int n = 0; n < kHalf; ++n) from[at(n)] = {samples[at(2 * n)], samples[at(2 * n + 1)]};
    stages<kHalf>(from, to, spectrum);
  }

 private:
  static constexpr int kHalf = kSize / 2;
  static_assert(kSize > 0 && kSize % 2 == 0);
  using Half = std::array<Complex, kHalf>;
  struct Scalar {
    Real re;
    Real im;
  };
  static constexpr std::size_t at(int n) { return static_cast<std::size_t>(n); }
  static Scalar unit(int k, int n) {
    const double angle = 2 * std::numbers::pi * k / n;
    return {static_cast<Real>(std::cos(angle)), static_cast<Real>(std::sin(angle))};
  }
  static Complex add(const Complex& a, const Complex& b) { return {a.re + b.re, a.im + b.im}; }
  static Complex subtract(const Complex& a, const Complex& b) { return {a.re - b.re, a.im - b.im}; }
  static Complex times(const Complex& a, const Scalar& w) {
    return {a.re * w.re - a.im * w.im, a.re * w.im + a.im * w.re};
  }

  static void butterfly(Complex (&x)[2]) {
    const Complex a = x[0];
    x[0] = add(a, x[1]);
    x[1] = subtract(a, x[1]);
  }
  static void butterfly(Complex (&x)[4]) {
    const Complex a = add(x[0], x[2]), b = subtract(x[0], x[2]);
    const Complex c = add(x[1], x[3]), d = subtract(x[1], x[3]);
    x[0] = add(a, c);
    x[1] = {b.re + d.im, b.im - d.re};
    x[2] = subtract(a, c);
    x[3] = {b.re - d.im, b.im + d.re};
  }
  static void butterfly(Complex (&x)[5]) {
    static const Scalar kFirst = unit(1, 5), kSecond = unit(2, 5);
    const Complex a = add(x[1], x[4]), b = subtract(x[1], x[4]);
    const Complex c = add(x[2], x[3]), d = subtract(x[2], x[3]);
    const Complex p{x[0].re + kFirst.re * a.re + kSecond.re * c.re,
                    x[0].im + kFirst.re * a.im + kSecond.re * c.im};
    const Complex q{x[0].re + kSecond.re * a.re + kFirst.re * c.re,
                    x[0].im + kSecond.re * a.im + kFirst.re * c.im};
    const Complex r{kFirst.im * b.re + kSecond.im * d.re, kFirst.im * b.im + kSecond.im * d.im};
    const Complex s{kSecond.im * b.re - kFirst.im * d.re, kSecond.im * b.im - kFirst.im * d.im};
    x[0] = add(x[0], add(a, c));
    x[1] = {p.re + r.im, p.im - r.re};
    x[2] = {q.re + s.im, q.im - s.re};
    x[3] = {q.re - s.im, q.im + s.re};
    x[4] = {p.re - r.im, p.im + r.re};
  }

  // kHalf / kLength interleaved transforms of kLength are left to do in `from`.
  template <int kLength>
  void stages(Half& from, Half& to, std::span<Complex, kBins> spectrum) const {
    if constexpr (kLength == 1) {
      split(from, spectrum);
    } else {
      constexpr int kRadix = kLength % 4 == 0 ? 4 : kLength % 2 == 0 ? 2 : 5;
      static_assert(kLength % kRadix == 0);
      constexpr int kPart = kLength / kRadix;
      constexpr int kStride = kHalf / kLength;
      for (int q = 0; q < kPart; ++q) {
        for (int j = 0; j < kStride; ++j) {
          Complex x[kRadix];
          for (int r = 0; r < kRadix; ++r) x[r] = from[at(j + kStride * (q + r * kPart))];
          butterfly(x);
          Complex* out = &to[at(j + kStride * kRadix * q)];
          out[0] = x[0];
          // e^(-2 pi i q r / kLength)
          for (int r = 1; r < kRadix; ++r) out[kStride * r] = times(x[r], turns_[at(2 * kStride * q * r)]);
        }
      }
      stages<kPart>(to, from, spectrum);
    }
  }

  // From the transform Z of even + i odd: X[k] = (Z[k] + Z*[-k]) / 2 - i w^k (Z[k] - Z*[-k]) / 2
  void split(const Half& z, std::span<Complex, kBins> spectrum) const {
    const Real one_half = Real{1} / 2;
    for (int k = 0; k <= kHalf; ++k) {
      const Complex& here = z[at(k % kHalf)];
      const Complex& mirror = z[at((kHalf - k) % kHalf)];
      const Complex even{(here.re + mirror.re) * one_half, (here.im - mirror.im) * one_half};
      const Complex odd{(here.im + mirror.im) * one_half, (mirror.re - here.re) * one_half};
      spectrum[at(k)] = add(even, times(odd, turns_[at(k)]));
    }
  }

  std::array<Scalar, kSize> turns_;  // e^(-2 pi i k / kSize)
};

}  // namespace antiphon::models

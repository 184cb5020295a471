// vector_ops.h, written once over a vector type V; included only by the units that are compiled for one
// processor, whose V has internal linkage, so that nothing of it is shared between them.
//
// V::Type is kLanes floats; load_part and store_part touch only the first n (0 < n < kLanes), and the rest
// loads as zero.
#pragma once

#include <cstddef>
#include <cstdint>

namespace antiphon::models::kernels {

inline constexpr float kInfinity = __builtin_inff();

// e^x: x = n ln 2 + r with |r| <= ln 2 / 2, then the series of e^r. Two factors make 2^n, so that subnormal
// results and infinity come out by themselves.
template <class V>
typename V::Type exp_of(typename V::Type x) {
  using T = typename V::Type;
  x = V::min(V::max(x, V::set(-104.0f)), V::set(89.0f));
  const T n = V::round(V::mul(x, V::set(1.44269504f)));
  T r = V::fma(n, V::set(-0.693359375f), x);
  r = V::fma(n, V::set(2.12194440e-4f), r);
  constexpr float kTerms[] = {1.0f / 720, 1.0f / 120, 1.0f / 24, 1.0f / 6, 0.5f, 1.0f, 1.0f};
  T sum = V::set(1.0f / 5040);
  for (const float term : kTerms) sum = V::fma(sum, r, V::set(term));
  const T half = V::round(V::mul(n, V::set(0.5f)));
  return V::mul(V::mul(sum, V::power_of_two(half)), V::power_of_two(V::sub(n, half)));
}

// max(x, 0) - |x| erfc(|x| / sqrt 2) / 2, erfc by Abramowitz and Stegun, 7.1.26: absolute error 1.5e-7.
template <class V>
typename V::Type gelu_of(typename V::Type x) {
  using T = typename V::Type;
  constexpr float kTerms[] = {-1.453152027f, 1.421413741f, -0.284496736f, 0.254829592f};
  const T one = V::set(1);
  const T z = V::mul(V::abs(x), V::set(0.70710678f));
  const T t = V::div(one, V::fma(z, V::set(0.3275911f), one));
  T tail = V::set(1.061405429f);
  for (const float term : kTerms) tail = V::fma(tail, t, V::set(term));
  tail = V::mul(V::mul(tail, t), exp_of<V>(V::sub(V::set(0), V::mul(z, z))));
  const T loss = V::mul(V::mul(V::abs(x), V::set(0.5f)), tail);
  return V::sub(V::max(x, V::set(0)), loss);
}

// x (1/2 + c P(c^2)), c = x held to [-4, 4]; P by least largest error: 4e-5 (1 + |x|).
template <class V>
typename V::Type coarse_gelu_of(typename V::Type x) {
  using T = typename V::Type;
  constexpr float kTerms[] = {1.04196261e-07f, -3.65713836e-06f, 7.48551186e-05f, -1.00649093e-03f,
                              9.50540037e-03f, -6.58878468e-02f, 3.98673396e-01f};
  const T held = V::min(V::max(x, V::set(-4.0f)), V::set(4.0f));
  const T square = V::mul(held, held);
  T sum = V::set(-1.30129792e-09f);
  for (const float term : kTerms) sum = V::fma(sum, square, V::set(term));
  return V::mul(x, V::fma(sum, held, V::set(0.5f)));
}

// Calls body(load of x[i..], index, lanes) and stores what it returns into y.
template <class V, class Body>
void map_vectors(int n, const float* x, float* y, Body body) {
  int i = 0;
  for (; i + V::kLanes <= n; i += V::kLanes) V::store(y + i, body(V::load(x + i), i, V::kLanes));
  if (i < n) V::store_part(y + i, body(V::load_part(x + i, n - i), i, n - i), n - i);
}

template <class V>
typename V::Type load_some(const float* x, int lanes) {
  return lanes == V::kLanes ? V::load(x) : V::load_part(x, lanes);
}

template <class V>
struct VectorOps {
  using T = typename V::Type;

  static float dot(const float* a, const float* b, int n) {
    T sums[4] = {V::set(0), V::set(0), V::set(0), V::set(0)};
    int i = 0;
    for (; i + 4 * V::kLanes <= n; i += 4 * V::kLanes)
      for (int k = 0; k < 4; ++k)
        sums[k] = V::fma(V::load(a + i + k * V::kLanes), V::load(b + i + k * V::kLanes), sums[k]);
    for (; i + V::kLanes <= n; i += V::kLanes) sums[0] = V::fma(V::load(a + i), V::load(b + i), sums[0]);
    if (i < n) sums[1] = V::fma(V::load_part(a + i, n - i), V::load_part(b + i, n - i), sums[1]);
    return V::sum(V::add(V::add(sums[0], sums[1]), V::add(sums[2], sums[3])));
  }

  static float sum(const float* x, int n) {
    T total = V::set(0);
    int i = 0;
    for (; i + V::kLanes <= n; i += V::kLanes) total = V::add(total, V::load(x + i));
    if (i < n) total = V::add(total, V::load_part(x + i, n - i));
    return V::sum(total);
  }

  static void rms_norm(const float* x, const float* weight, float epsilon, float* y, int n) {
    const float mean_square = dot(x, x, n) / static_cast<float>(n);
    const T factor = V::set(1.0f / __builtin_sqrtf(mean_square + epsilon));
    map_vectors<V>(n, x, y, [&](T v, int i, int lanes) {
      return V::mul(V::mul(v, factor), load_some<V>(weight + i, lanes));
    });
  }

  static void layer_norm(const float* x, const float* weight, const float* bias, float epsilon, float* y,
                         int n) {
    const float mean = sum(x, n) / static_cast<float>(n);
    const T shift = V::set(-mean);
    // A second pass over centred values: no cancellation.
    T squares = V::set(0);
    int i = 0;
    for (; i + V::kLanes <= n; i += V::kLanes) {
      const T centred = V::add(V::load(x + i), shift);
      squares = V::fma(centred, centred, squares);
    }
    float square_sum = V::sum(squares);
    for (; i < n; ++i) square_sum += (x[i] - mean) * (x[i] - mean);
    const T factor = V::set(1.0f / __builtin_sqrtf(square_sum / static_cast<float>(n) + epsilon));
    map_vectors<V>(n, x, y, [&](T v, int at, int lanes) {
      const T scaled = V::mul(V::add(v, shift), factor);
      const T base = bias == nullptr ? V::set(0) : load_some<V>(bias + at, lanes);
      return V::fma(scaled, load_some<V>(weight + at, lanes), base);
    });
  }

  static void silu_multiply(const float* gate, const float* up, float* y, int n) {
    const T one = V::set(1);
    map_vectors<V>(n, gate, y, [&](T g, int i, int lanes) {
      const T sigmoid = V::div(one, V::add(one, exp_of<V>(V::sub(V::set(0), g))));
      return V::mul(V::mul(g, sigmoid), load_some<V>(up + i, lanes));
    });
  }

  static void gelu(const float* x, float* y, int n) {
    map_vectors<V>(n, x, y, [](T v, int, int) { return gelu_of<V>(v); });
  }

  static void exponential(const float* x, float* y, int n) {
    map_vectors<V>(n, x, y, [](T v, int, int) { return exp_of<V>(v); });
  }

  static float largest(const float* x, int n) {
    T most = V::set(-kInfinity);
    int i = 0;
    for (; i + V::kLanes <= n; i += V::kLanes) most = V::max(V::load(x + i), most);
    float result = V::largest(most);
    for (; i < n; ++i) result = x[i] > result ? x[i] : result;
    return result;
  }

  static void softmax(float* x, int n) {
    const T shift = V::set(-largest(x, n));
    map_vectors<V>(n, x, x, [&](T v, int, int) { return exp_of<V>(V::add(v, shift)); });
    const T factor = V::set(1.0f / sum(x, n));
    map_vectors<V>(n, x, x, [&](T v, int, int) { return V::mul(v, factor); });
  }

  static void add(const float* x, float* y, int n) {
    map_vectors<V>(n, x, y, [&](T v, int i, int lanes) { return V::add(load_some<V>(y + i, lanes), v); });
  }

  static void add_scaled(float scale, const float* x, float* y, int n) {
    const T factor = V::set(scale);
    map_vectors<V>(n, x, y,
                   [&](T v, int i, int lanes) { return V::fma(factor, v, load_some<V>(y + i, lanes)); });
  }

  static void rotate_pairs(float* x, const float* cosines, const float* sines, int pairs) {
    for (int i = 0; i < pairs; ++i) {
      const float a = x[2 * i], b = x[2 * i + 1];
      x[2 * i] = a * cosines[i] - b * sines[i];
      x[2 * i + 1] = b * cosines[i] + a * sines[i];
    }
  }

  static void rotate_halves(float* x, const float* cosines, const float* sines, int pairs) {
    for (int i = 0; i < pairs; ++i) {
      const float a = x[i], b = x[i + pairs];
      x[i] = a * cosines[i] - b * sines[i];
      x[i + pairs] = b * cosines[i] + a * sines[i];
    }
  }

  static int argmax(const float* x, int n) {
    const float most = largest(x, n);
    for (int i = 0; i < n; ++i)
      if (x[i] == most) return i;
    return 0;  // nothing but not-a-number
  }

  static void widen(const std::uint16_t* x, float* y, int n) {
    int i = 0;
    for (; i + V::kLanes <= n; i += V::kLanes) V::store(y + i, V::load(x + i));
    if (i < n) V::store_part(y + i, V::load_part(x + i, n - i), n - i);
  }

  static void narrow(const float* x, std::uint16_t* y, int n) {
    int i = 0;
    for (; i + V::kLanes <= n; i += V::kLanes) V::store_half(y + i, V::load(x + i));
    if (i < n) {
      std::uint16_t last[V::kLanes];
      V::store_half(last, V::load_part(x + i, n - i));
      for (int k = 0; i + k < n; ++k) y[i + k] = last[k];
    }
  }
};

}  // namespace antiphon::models::kernels

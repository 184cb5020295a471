// The kernels for AVX-512 with VNNI: a tile's 16 outputs are one vector.
#if defined(__x86_64__)
#if defined(__GNUC__) && !defined(__clang__)
// GCC 12 finds its own AVX-512 headers uninitialised.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif
#include <immintrin.h>

#include "models/kernels/make_kernel_table.h"
#include "models/kernels/tile_prefetch.h"

namespace antiphon::models::kernels {
namespace {

struct V {
  static constexpr int kLanes = 16;
  static constexpr int kSums = 12;  // of a tile of Pointwise
  using Type = __m512;

  static __mmask16 first(int n) { return static_cast<__mmask16>((1u << n) - 1); }
  static Type set(float x) { return _mm512_set1_ps(x); }
  static Type load(const float* x) { return _mm512_loadu_ps(x); }
  static Type load(const std::uint16_t* x) {
    return _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(x)));
  }
  static Type load(const std::int8_t* x) {
    return _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(x))));
  }
  static Type load(const std::int32_t* x) { return _mm512_cvtepi32_ps(_mm512_loadu_si512(x)); }
  static Type load_part(const float* x, int n) { return _mm512_maskz_loadu_ps(first(n), x); }
  static Type load_part(const std::uint16_t* x, int n) {
    return _mm512_cvtph_ps(_mm256_maskz_loadu_epi16(first(n), x));
  }
  static void store(float* y, Type v) { _mm512_storeu_ps(y, v); }
  static void store_part(float* y, Type v, int n) { _mm512_mask_storeu_ps(y, first(n), v); }
  static void store_half(std::uint16_t* y, Type v) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(y),
                        _mm512_cvtps_ph(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
  }
  static Type add(Type a, Type b) { return _mm512_add_ps(a, b); }
  static Type sub(Type a, Type b) { return _mm512_sub_ps(a, b); }
  static Type mul(Type a, Type b) { return _mm512_mul_ps(a, b); }
  static Type div(Type a, Type b) { return _mm512_div_ps(a, b); }
  static Type fma(Type a, Type b, Type c) { return _mm512_fmadd_ps(a, b, c); }
  static Type max(Type a, Type b) { return _mm512_max_ps(a, b); }
  static Type min(Type a, Type b) { return _mm512_min_ps(a, b); }
  static Type abs(Type a) { return _mm512_abs_ps(a); }
  static Type round(Type a) { return _mm512_roundscale_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
  static Type power_of_two(Type exponent) { return _mm512_scalef_ps(_mm512_set1_ps(1), exponent); }
  static float sum(Type a) { return _mm512_reduce_add_ps(a); }
  static float largest(Type a) { return _mm512_reduce_max_ps(a); }
  static __m256 halves_added(Type a) {
    return _mm256_add_ps(_mm512_castps512_ps256(a), _mm512_extractf32x8_ps(a, 1));
  }
  static void sum_four(const Type* four, float* out) {
    const __m256 ab = _mm256_hadd_ps(halves_added(four[0]), halves_added(four[1]));
    const __m256 cd = _mm256_hadd_ps(halves_added(four[2]), halves_added(four[3]));
    const __m256 all = _mm256_hadd_ps(ab, cd);
    _mm_storeu_ps(out, _mm_add_ps(_mm256_castps256_ps128(all), _mm256_extractf128_ps(all, 1)));
  }
};

using Bytes = const std::uint8_t*;

// How many rows share the unpacked weights of a group: their sums and the 8 vectors of weights fill the
// registers.
constexpr int kRowsMax = 8;

__m512 load_halves(Bytes halves) {
  return V::load(reinterpret_cast<const std::uint16_t*>(halves));
}

__m512 load_unsigned(Bytes bytes) {
  return _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes))));
}

__m512 load_signed(Bytes bytes) {
  return V::load(reinterpret_cast<const std::int8_t*>(bytes));
}

// (shifted & mask) | rest; 0xea is the truth table.
__m512i masked_or(__m512i shifted, __m512i mask, __m512i rest) {
  return _mm512_ternarylogic_epi64(shifted, mask, rest, 0xea);
}

// The 8 quads of a group as unsigned bytes; 8-bit codes come out 128 larger.
template <int kBits>
void unpack(Bytes codes, __m512i* quads) {
  if constexpr (kBits == 8) {
    const __m512i flip = _mm512_set1_epi8(-128);
    for (int q = 0; q < kQuads; ++q)
      quads[q] = _mm512_xor_si512(_mm512_loadu_si512(codes + q * kVectorBytes), flip);
    return;
  }
  const __m512i nibble = _mm512_set1_epi8(15);
  for (int j = 0; j < 4; ++j) {
    const __m512i both = _mm512_loadu_si512(codes + j * kVectorBytes);
    quads[j] = _mm512_and_si512(both, nibble);
    quads[j + 4] = _mm512_and_si512(_mm512_srli_epi16(both, 4), nibble);
  }
  Bytes high = codes + 4 * kVectorBytes;
  if constexpr (kBits == 5) {
    const __m512i bits = _mm512_loadu_si512(high);
    const __m512i fifth = _mm512_set1_epi8(16);
    for (int q = 0; q < 5; ++q) quads[q] = masked_or(_mm512_slli_epi16(bits, 4 - q), fifth, quads[q]);
    for (int q = 5; q < 8; ++q) quads[q] = masked_or(_mm512_srli_epi16(bits, q - 4), fifth, quads[q]);
  }
  if constexpr (kBits == 6) {
    const __m512i top = _mm512_set1_epi8(0x30);
    for (int half = 0; half < 2; ++half) {
      const __m512i bits = _mm512_loadu_si512(high + half * kVectorBytes);
      __m512i* to = quads + 4 * half;
      to[0] = masked_or(_mm512_slli_epi16(bits, 4), top, to[0]);
      to[1] = masked_or(_mm512_slli_epi16(bits, 2), top, to[1]);
      to[2] = masked_or(bits, top, to[2]);
      to[3] = masked_or(_mm512_srli_epi16(bits, 2), top, to[3]);
    }
  }
}

constexpr bool is_super(TileFormat format) {
  return format == TileFormat::kU4Super || format == TileFormat::kU5Super;
}
constexpr bool has_min(TileFormat format) {
  return format == TileFormat::kU4ScaleMin || format == TileFormat::kU5ScaleMin || is_super(format);
}
// What is taken off a code, as unpack() gives it.
constexpr int middle_of(TileFormat format) {
  switch (format) {
    case TileFormat::kU4Scale:
      return 8;
    case TileFormat::kU5Scale:
      return 16;
    case TileFormat::kU6Super:
      return 32;
    case TileFormat::kS8Scale:
      return 128;
    default:
      return 0;
  }
}

// Of one group: value = scale * (code - middle) + min. kU6Super has a scale for each half, the second in
// `min`.
struct Scales {
  __m512 scale;
  __m512 min;
};

template <TileFormat kFormat>
Scales load_scales(Bytes header, int group, __m512 chunk_scale, __m512 chunk_min) {
  if constexpr (is_super(kFormat)) {
    Bytes pairs = header + 64 + group * 32;
    return {_mm512_mul_ps(chunk_scale, load_unsigned(pairs)),
            _mm512_mul_ps(chunk_min, load_unsigned(pairs + 16))};
  } else if constexpr (kFormat == TileFormat::kU6Super) {
    Bytes pairs = header + 64 + group * 32;
    return {_mm512_mul_ps(chunk_scale, load_signed(pairs)),
            _mm512_mul_ps(chunk_scale, load_signed(pairs + 16))};
  } else if constexpr (has_min(kFormat)) {
    return {load_halves(header), load_halves(header + 32)};
  } else {
    return {load_halves(header + group * 32), chunk_min};
  }
}

template <int kCount>
__m512i dot_quads(__m512i sum, const __m512i* quads, const std::int8_t* x) {
  for (int q = 0; q < kCount; ++q) {
    std::int32_t four;
    __builtin_memcpy(&four, x + 4 * q, sizeof four);
    sum = _mm512_dpbusd_epi32(sum, quads[q], _mm512_set1_epi32(four));
  }
  return sum;
}

// Adds one group of one row of activations.
template <TileFormat kFormat>
__m512 add_group(__m512 sum, const __m512i* quads, const Scales& scales, const ActivationView& x,
                 std::ptrdiff_t at) {
  const std::int8_t* codes = x.codes + at * kGroup;
  const __m512 x_scale = _mm512_set1_ps(x.scales[at]);
  const std::int16_t* half_sums = x.half_sums + 2 * at;
  constexpr int kMiddle = middle_of(kFormat);
  if constexpr (kFormat == TileFormat::kU6Super) {
    const __m512i first = dot_quads<4>(_mm512_set1_epi32(-kMiddle * half_sums[0]), quads, codes);
    const __m512i second = dot_quads<4>(_mm512_set1_epi32(-kMiddle * half_sums[1]), quads + 4, codes + 16);
    const __m512 part = _mm512_mul_ps(_mm512_cvtepi32_ps(second), scales.min);
    return _mm512_fmadd_ps(_mm512_fmadd_ps(_mm512_cvtepi32_ps(first), scales.scale, part), x_scale, sum);
  } else {
    const __m512i start =
        kMiddle == 0 ? _mm512_setzero_si512() : _mm512_set1_epi32(-kMiddle * (half_sums[0] + half_sums[1]));
    const __m512 dots = _mm512_cvtepi32_ps(dot_quads<8>(start, quads, codes));
    sum = _mm512_fmadd_ps(_mm512_mul_ps(dots, x_scale), scales.scale, sum);
    if constexpr (has_min(kFormat)) sum = _mm512_fmadd_ps(scales.min, _mm512_set1_ps(x.sums[at]), sum);
    return sum;
  }
}

// kRows rows of activations, from row `first` on, times one tile.
template <TileFormat kFormat, int kRows>
void multiply_tile(const TileCall& call, Bytes tile, int first, float* y, __mmask16 lanes) {
  constexpr TileGeometry kGeometry = geometry_of(kFormat);
  const ActivationView& x = call.activations;
  __m512 sums[kRows];
  for (int r = 0; r < kRows; ++r) sums[r] = _mm512_setzero_ps();
  for (int group = 0; group < x.groups;) {
    Bytes header = tile;
    tile += kGeometry.header_bytes;
    __m512 chunk_scale = _mm512_setzero_ps(), chunk_min = _mm512_setzero_ps();
    if constexpr (is_super(kFormat) || kFormat == TileFormat::kU6Super) chunk_scale = load_halves(header);
    if constexpr (is_super(kFormat)) chunk_min = _mm512_sub_ps(chunk_min, load_halves(header + 32));
    for (int g = 0; g < kGeometry.groups_per_chunk && group < x.groups; ++g, ++group) {
      const Scales scales = load_scales<kFormat>(header, g, chunk_scale, chunk_min);
      __m512i quads[kQuads];
      unpack<kGeometry.bits>(tile, quads);
      prefetch_weights<kRows>(tile, kGeometry.group_bytes);
      tile += kGeometry.group_bytes;
      for (int r = 0; r < kRows; ++r)
        sums[r] = add_group<kFormat>(sums[r], quads, scales, x,
                                     static_cast<std::ptrdiff_t>(first + r) * x.groups + group);
    }
  }
  for (int r = 0; r < kRows; ++r) {
    _mm512_mask_storeu_ps(y + (first + r) * call.y_stride, lanes, sums[r]);
  }
}

// The rows that are left when fewer than kRowsMax are.
template <TileFormat kFormat, int kRows>
void multiply_rest(const TileCall& call, Bytes tile, int first, float* y, __mmask16 lanes) {
  if constexpr (kRows > 0) {
    if (call.activations.rows - first == kRows)
      return multiply_tile<kFormat, kRows>(call, tile, first, y, lanes);
    multiply_rest<kFormat, kRows - 1>(call, tile, first, y, lanes);
  }
}

template <TileFormat kFormat>
void multiply_as(const TileCall& call) {
  const std::size_t tile_bytes = bytes_of_tile(kFormat, call.activations.groups);
  Bytes tile = call.tiles;
  for (int output = 0; output < call.outputs; output += kTileOutputs, tile += tile_bytes) {
    const int left = call.outputs - output;
    const __mmask16 lanes = left < kTileOutputs ? V::first(left) : static_cast<__mmask16>(0xffff);
    int row = 0;
    for (; row + kRowsMax <= call.activations.rows; row += kRowsMax)
      multiply_tile<kFormat, kRowsMax>(call, tile, row, call.y + output, lanes);
    multiply_rest<kFormat, kRowsMax - 1>(call, tile, row, call.y + output, lanes);
  }
}

void multiply(const TileCall& call) {
  with_format(call.format, [&call](auto format) { multiply_as<format.value>(call); });
}

void quantise(const QuantiseCall& call) {
  for (int g = 0; g * kGroup < call.columns; ++g) {
    const int left = call.columns - g * kGroup;
    const auto mask = left >= kGroup ? 0xffffffffu : (1u << left) - 1;
    const float* x = call.x + g * kGroup;
    const __m512 a = _mm512_maskz_loadu_ps(static_cast<__mmask16>(mask), x);
    const __m512 b = _mm512_maskz_loadu_ps(static_cast<__mmask16>(mask >> 16), x + 16);
    const float most = _mm512_reduce_max_ps(_mm512_max_ps(_mm512_abs_ps(a), _mm512_abs_ps(b)));
    const __m512 inverse = _mm512_set1_ps(most < kSmallestMagnitude ? 0 : 127 / most);
    const __m512i qa = _mm512_cvtps_epi32(_mm512_mul_ps(a, inverse));
    const __m512i qb = _mm512_cvtps_epi32(_mm512_mul_ps(b, inverse));
    auto* codes = reinterpret_cast<__m128i*>(call.codes + g * kGroup);
    _mm_storeu_si128(codes, _mm512_cvtsepi32_epi8(qa));
    _mm_storeu_si128(codes + 1, _mm512_cvtsepi32_epi8(qb));
    const std::int32_t sum_a = _mm512_reduce_add_epi32(qa), sum_b = _mm512_reduce_add_epi32(qb);
    call.half_sums[2 * g] = static_cast<std::int16_t>(sum_a);
    call.half_sums[2 * g + 1] = static_cast<std::int16_t>(sum_b);
    call.scales[g] = most / 127;
    call.sums[g] = call.scales[g] * static_cast<float>(sum_a + sum_b);
  }
}

}  // namespace

constinit const KernelTable kAvx512Kernels = make_kernel_table<V>(multiply, quantise);

}  // namespace antiphon::models::kernels
#endif

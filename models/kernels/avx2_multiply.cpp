// A tile's 16 outputs are two vectors, its halves. Both are made together: an input that has been broadcast
// serves both, and the weights are read once, from end to end.
#if defined(__x86_64__)
#include "models/kernels/avx2_multiply.h"

#include <immintrin.h>

#include <type_traits>
#include <utility>

#include "models/kernels/row_tiles.h"
#include "models/kernels/tile_prefetch.h"

namespace antiphon::models::kernels {
namespace {

using Bytes = const std::uint8_t*;

constexpr int kHalves = 2;
constexpr int kHalf = kTileOutputs / kHalves;
constexpr int kHalfBytes = kVectorBytes / kHalves;  // of a quad
constexpr int kRowsMax = 5;  // rows that share unpacked weights: what 16 registers allow

__m256i load_vector(Bytes bytes) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes));
}
__m128i load_eight_bytes(Bytes bytes) {
  return _mm_loadl_epi64(reinterpret_cast<const __m128i*>(bytes));
}
__m256 load_unsigned(Bytes bytes) {
  return _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(load_eight_bytes(bytes)));
}
__m256 load_halves(Bytes halves) {
  return _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(halves)));
}
// Signed bytes, each twice as 16 bits.
__m256i load_twice(Bytes bytes) {
  const __m256i wide = _mm256_cvtepi8_epi32(load_eight_bytes(bytes));
  return _mm256_blend_epi16(wide, _mm256_slli_epi32(wide, 16), 0xaa);
}
__m256i broadcast_four_bytes(const void* from) {
  std::int32_t four;
  __builtin_memcpy(&four, from, sizeof four);
  return _mm256_set1_epi32(four);
}

constexpr int bits_of(TileFormat format) {
  return geometry_of(format).bits;
}
constexpr bool is_super(TileFormat format) {
  return format == TileFormat::kU4Super || format == TileFormat::kU5Super;
}
// The middle of the codes' range is taken off as a min, but for kU6Super, which does it in integers.
constexpr bool has_min(TileFormat format) {
  return bits_of(format) < 6;
}

template <int kLeft>
__m256i high_bits(Bytes from, char mask) {
  __m256i bits = load_vector(from);
  if constexpr (kLeft > 0) bits = _mm256_slli_epi16(bits, kLeft);
  if constexpr (kLeft < 0) bits = _mm256_srli_epi16(bits, -kLeft);
  return _mm256_and_si256(bits, _mm256_set1_epi8(mask));
}

// A quad of half a tile as unsigned bytes, for 8 bits as two's complement. `codes`: the half's of the group.
template <int kBits, int kQuad>
__m256i unpack_quad(Bytes codes) {
  if constexpr (kBits == 8) return load_vector(codes + kQuad * kVectorBytes);
  constexpr int kVector = kQuad % 4;
  __m256i low = load_vector(codes + kVector * kVectorBytes);
  if constexpr (kQuad >= 4) low = _mm256_srli_epi16(low, 4);
  low = _mm256_and_si256(low, _mm256_set1_epi8(15));
  Bytes more = codes + 4 * kVectorBytes;
  if constexpr (kBits == 5) return _mm256_or_si256(low, high_bits<4 - kQuad>(more, 0x10));
  if constexpr (kBits == 6)
    return _mm256_or_si256(low, high_bits<4 - 2 * kVector>(more + kQuad / 4 * kVectorBytes, 0x30));
  return low;
}

// Of one group, for each half of the tile: value = scale * code + min.
struct FloatScales {
  __m256 scale[kHalves];
  __m256 min[kHalves];
};

// Of one group: value = scale * s * (code - 32), with another s for each 16 inputs.
struct IntegerScales {
  __m256 scale[kHalves];
  __m256i s[2][kHalves];    // [16 inputs]: twice for each output, as 16 bits
  __m256i middle[kHalves];  // 32 s of the first and of the second 16 inputs, as 16 bits
};

template <TileFormat kFormat>
using Scales = std::conditional_t<kFormat == TileFormat::kU6Super, IntegerScales, FloatScales>;

template <TileFormat kFormat>
void load_half_scales(Bytes header, int group, int half, Scales<kFormat>& to) {
  Bytes floats = header + half * 16;
  Bytes pairs = header + kVectorBytes + group * 32 + half * kHalf;
  if constexpr (kFormat == TileFormat::kU6Super) {
    to.scale[half] = load_halves(floats);
    to.s[0][half] = load_twice(pairs);
    to.s[1][half] = load_twice(pairs + 16);
    to.middle[half] = _mm256_slli_epi16(_mm256_blend_epi16(to.s[0][half], to.s[1][half], 0xaa), 5);
  } else if constexpr (is_super(kFormat)) {
    const __m256 minus_min = _mm256_mul_ps(load_halves(floats + 32), load_unsigned(pairs + 16));
    to.scale[half] = _mm256_mul_ps(load_halves(floats), load_unsigned(pairs));
    to.min[half] = _mm256_sub_ps(_mm256_setzero_ps(), minus_min);
  } else if constexpr (kFormat == TileFormat::kU4ScaleMin || kFormat == TileFormat::kU5ScaleMin) {
    to.scale[half] = load_halves(floats);
    to.min[half] = load_halves(floats + 32);
  } else {
    constexpr float kMiddle = kFormat == TileFormat::kU4Scale ? 8 : 16;
    to.scale[half] = load_halves(floats + group * 32);
    if constexpr (has_min(kFormat)) to.min[half] = _mm256_mul_ps(to.scale[half], _mm256_set1_ps(-kMiddle));
  }
}

template <int kRows>
struct Dots {
  __m256i of[kRows][kHalves];
};
template <int kRows>
struct Sums {
  __m256 of[kRows][kHalves];
};

// Makes the compiler finish `sums` here. g++ would otherwise make all products of a group first and spill
// them.
void finish(__m256i& sums) {
  asm("" : "+x"(sums));
}

// Sums of pairs of products with four inputs, in 16 bits.
template <int kBits>
__m256i products(__m256i weights, __m256i inputs) {
  if constexpr (kBits < 8) return _mm256_maddubs_epi16(weights, inputs);
  return _mm256_maddubs_epi16(_mm256_abs_epi8(weights), _mm256_sign_epi8(inputs, weights));
}

// A run is as many quads as 16 bits hold the products of: 8 of u4 (8 * 2 * 15 * 127), 4 of u5, 2 of u6
// (2 * 2 * 63 * 127), and one of two with magnitudes up to 128.
constexpr int quads_of_run(TileFormat format) {
  switch (bits_of(format)) {
    case 4:
      return 8;
    case 5:
      return 4;
    case 6:
      return 2;
    default:
      return 1;
  }
}

// kRows rows of activations in 8 bits, `stride` apart, from a group's first input on.
struct RowCodes {
  const std::int8_t* first;
  std::ptrdiff_t stride;
};

// (Everything that holds sums is inlined: they have to stay in registers.)
template <int kBits, int kQuad, bool kFirstOfRun, int kRows>
[[gnu::always_inline]] inline void add_quad(Bytes codes, RowCodes x, Dots<kRows>& sums) {
  const __m256i left = unpack_quad<kBits, kQuad>(codes);
  const __m256i right = unpack_quad<kBits, kQuad>(codes + kHalfBytes);
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
    const __m256i inputs = broadcast_four_bytes(x.first + r * x.stride + 4 * kQuad);
    const __m256i parts[kHalves] = {products<kBits>(left, inputs), products<kBits>(right, inputs)};
#pragma GCC unroll 2
    for (int half = 0; half < kHalves; ++half) {
      __m256i& sum = sums.of[r][half];
      sum = kFirstOfRun ? parts[half] : _mm256_add_epi16(sum, parts[half]);
      finish(sum);
    }
  }
}

// What a run's sums are multiplied with when they are widened to 32 bits.
template <int kQuad>
__m256i factor(const FloatScales& /*scales*/, int /*half*/) {
  return _mm256_set1_epi16(1);
}
template <int kQuad>
__m256i factor(const IntegerScales& scales, int half) {
  return scales.s[kQuad / 4][half];
}

template <TileFormat kFormat, int kFirstQuad, int kRows, std::size_t... kAt>
[[gnu::always_inline]] inline void add_run(Bytes codes, RowCodes x, const Scales<kFormat>& scales,
                                           Dots<kRows>& dots,
                                           std::index_sequence<kAt...> /*quads of the run*/) {
  Dots<kRows> sums;
  (add_quad<bits_of(kFormat), kFirstQuad + static_cast<int>(kAt), (kAt == 0)>(codes, x, sums), ...);
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 2
    for (int half = 0; half < kHalves; ++half) {
      __m256i& dot = dots.of[r][half];
      const __m256i wide = _mm256_madd_epi16(sums.of[r][half], factor<kFirstQuad>(scales, half));
      dot = kFirstQuad == 0 ? wide : _mm256_add_epi32(dot, wide);
      finish(dot);
    }
  }
}

// The products of a group, summed in 32 bits.
template <TileFormat kFormat, int kRows, std::size_t... kRun>
[[gnu::always_inline]] inline void dot_group(Bytes codes, RowCodes x, const Scales<kFormat>& scales,
                                             Dots<kRows>& dots, std::index_sequence<kRun...> /*runs*/) {
  constexpr int kLength = quads_of_run(kFormat);
  (add_run<kFormat, static_cast<int>(kRun) * kLength>(codes, x, scales, dots,
                                                      std::make_index_sequence<kLength>{}),
   ...);
}

// Adds group `at` of a row to the sum of half a tile.
template <TileFormat kFormat>
__m256 add_dot(__m256 sum, __m256i dot, const Scales<kFormat>& scales, int half, const ActivationView& x,
               std::ptrdiff_t at) {
  if constexpr (kFormat == TileFormat::kU6Super) {
    const __m256i half_sums = broadcast_four_bytes(x.half_sums + 2 * at);
    dot = _mm256_sub_epi32(dot, _mm256_madd_epi16(scales.middle[half], half_sums));
  }
  const __m256 part = _mm256_mul_ps(_mm256_cvtepi32_ps(dot), _mm256_set1_ps(x.scales[at]));
  sum = _mm256_fmadd_ps(part, scales.scale[half], sum);
  if constexpr (has_min(kFormat)) sum = _mm256_fmadd_ps(scales.min[half], _mm256_set1_ps(x.sums[at]), sum);
  return sum;
}

// Adds a group of kRows rows, the first of them group `at`, times a tile.
template <TileFormat kFormat, int kRows>
[[gnu::always_inline]] inline void add_group(Bytes codes, const Scales<kFormat>& scales,
                                             const ActivationView& x, std::ptrdiff_t at, Sums<kRows>& sums) {
  constexpr int kRuns = kQuads / quads_of_run(kFormat);
  const RowCodes row_codes{x.codes + at * kGroup, static_cast<std::ptrdiff_t>(x.groups) * kGroup};
  Dots<kRows> dots;
  dot_group<kFormat>(codes, row_codes, scales, dots, std::make_index_sequence<kRuns>{});
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r, at += x.groups) {
#pragma GCC unroll 2
    for (int half = 0; half < kHalves; ++half)
      sums.of[r][half] = add_dot<kFormat>(sums.of[r][half], dots.of[r][half], scales, half, x, at);
  }
}

// kRows rows of activations, from row `first` on, times a tile, of which `lanes` outputs are wanted.
template <TileFormat kFormat, int kRows>
void multiply_tile(const TileCall& call, Bytes tile, int first, float* y, int lanes) {
  constexpr TileGeometry kGeometry = geometry_of(kFormat);
  const ActivationView& x = call.activations;
  Sums<kRows> sums;
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) sums.of[r][0] = sums.of[r][1] = _mm256_setzero_ps();
  for (int group = 0; group < x.groups;) {
    Bytes header = tile;
    tile += kGeometry.header_bytes;
    for (int g = 0; g < kGeometry.groups_per_chunk && group < x.groups; ++g, ++group) {
      prefetch_weights<kRows>(tile, kGeometry.group_bytes);
      Scales<kFormat> scales;
      load_half_scales<kFormat>(header, g, 0, scales);
      load_half_scales<kFormat>(header, g, 1, scales);
      add_group<kFormat>(tile, scales, x, static_cast<std::ptrdiff_t>(first) * x.groups + group, sums);
      tile += kGeometry.group_bytes;
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
    float all[kTileOutputs];
    _mm256_storeu_ps(all, sums.of[r][0]);
    _mm256_storeu_ps(all + kHalf, sums.of[r][1]);
    __builtin_memcpy(y + (first + r) * call.y_stride, all, static_cast<std::size_t>(lanes) * sizeof(float));
  }
}

// The first `rows` of kRows or fewer.
template <TileFormat kFormat, int kRows>
void multiply_rows(const TileCall& call, Bytes tile, int first, int rows, float* y, int lanes) {
  if constexpr (kRows > 1) {
    if (rows < kRows) return multiply_rows<kFormat, kRows - 1>(call, tile, first, rows, y, lanes);
  }
  multiply_tile<kFormat, kRows>(call, tile, first, y, lanes);
}

template <TileFormat kFormat>
void multiply_as(const TileCall& call) {
  const int all_rows = call.activations.rows;
  const std::size_t tile_bytes = bytes_of_tile(kFormat, call.activations.groups);
  Bytes tile = call.tiles;
  for (int output = 0; output < call.outputs; output += kTileOutputs, tile += tile_bytes) {
    const int left = call.outputs - output;
    const int lanes = left < kTileOutputs ? left : kTileOutputs;
    for (int row = 0; row < all_rows;) {
      const int rows = rows_of_tile(all_rows - row, kRowsMax);
      multiply_rows<kFormat, kRowsMax>(call, tile, row, rows, call.y + output, lanes);
      row += rows;
    }
  }
}

}  // namespace

void multiply_avx2(const TileCall& call) {
  with_format(call.format, [&call](auto format) { multiply_as<format.value>(call); });
}

}  // namespace antiphon::models::kernels
#endif

// The kernels for AVX2, FMA and F16C: a tile's 16 outputs are two vectors, made one after the other.
#if defined(__x86_64__)
#include <immintrin.h>

#include "models/kernels/make_kernel_table.h"

namespace antiphon::models::kernels {
namespace {

struct V {
  static constexpr int kLanes = 8;
  static constexpr int kSums = 12;  // of a tile of Pointwise
  using Type = __m256;

  static __m256i first(int n) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
  }
  static Type set(float x) { return _mm256_set1_ps(x); }
  static Type load(const float* x) { return _mm256_loadu_ps(x); }
  static Type load(const std::uint16_t* x) {
    return _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(x)));
  }
  static Type load(const std::int8_t* x) {
    return _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(x))));
  }
  static Type load(const std::int32_t* x) {
    return _mm256_cvtepi32_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(x)));
  }
  static Type load_part(const float* x, int n) { return _mm256_maskload_ps(x, first(n)); }
  static Type load_part(const std::uint16_t* x, int n) {
    std::uint16_t all[kLanes] = {};
    for (int i = 0; i < n; ++i) all[i] = x[i];
    return load(all);
  }
  static void store(float* y, Type v) { _mm256_storeu_ps(y, v); }
  static void store_part(float* y, Type v, int n) { _mm256_maskstore_ps(y, first(n), v); }
  static void store_half(std::uint16_t* y, Type v) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(y),
                     _mm256_cvtps_ph(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
  }
  static Type add(Type a, Type b) { return _mm256_add_ps(a, b); }
  static Type sub(Type a, Type b) { return _mm256_sub_ps(a, b); }
  static Type mul(Type a, Type b) { return _mm256_mul_ps(a, b); }
  static Type div(Type a, Type b) { return _mm256_div_ps(a, b); }
  static Type fma(Type a, Type b, Type c) { return _mm256_fmadd_ps(a, b, c); }
  static Type max(Type a, Type b) { return _mm256_max_ps(a, b); }
  static Type min(Type a, Type b) { return _mm256_min_ps(a, b); }
  static Type abs(Type a) { return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), a); }
  static Type round(Type a) { return _mm256_round_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
  static Type power_of_two(Type exponent) {
    const __m256i biased = _mm256_add_epi32(_mm256_cvtps_epi32(exponent), _mm256_set1_epi32(127));
    return _mm256_castsi256_ps(_mm256_slli_epi32(biased, 23));
  }
  static float sum(Type a) {
    __m128 half = _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
    half = _mm_add_ps(half, _mm_movehl_ps(half, half));
    return _mm_cvtss_f32(_mm_add_ss(half, _mm_movehdup_ps(half)));
  }
  static float largest(Type a) {
    __m128 half = _mm_max_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
    half = _mm_max_ps(half, _mm_movehl_ps(half, half));
    return _mm_cvtss_f32(_mm_max_ss(half, _mm_movehdup_ps(half)));
  }
  static void sum_four(const Type* four, float* out) {
    const __m256 all = _mm256_hadd_ps(_mm256_hadd_ps(four[0], four[1]), _mm256_hadd_ps(four[2], four[3]));
    _mm_storeu_ps(out, _mm_add_ps(_mm256_castps256_ps128(all), _mm256_extractf128_ps(all, 1)));
  }
};

using Bytes = const std::uint8_t*;

constexpr int kHalf = V::kLanes;  // outputs of half a tile
constexpr int kRowsMax = 4;       // rows that share unpacked weights: what 16 registers allow

__m256 load_halves(Bytes halves) {
  return V::load(reinterpret_cast<const std::uint16_t*>(halves));
}
__m256i load_bytes(Bytes bytes) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes));
}

__m256 load_unsigned(Bytes bytes) {
  return _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(bytes))));
}
__m256 load_signed(Bytes bytes) {
  return _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(bytes))));
}

constexpr bool is_super(TileFormat format) {
  return format == TileFormat::kU4Super || format == TileFormat::kU5Super;
}
// With AVX2 the middle of the codes' range is taken off as a min.
constexpr bool has_min(TileFormat format) {
  return geometry_of(format).bits < 6;
}

// Quads j and j + 4 of half a tile's group: unsigned bytes, for 8 bits two's complement.
template <int kBits, int kPair>
void unpack_pair(Bytes codes, __m256i& low, __m256i& high) {
  if constexpr (kBits == 8) {
    low = load_bytes(codes + kPair * kVectorBytes);
    high = load_bytes(codes + (kPair + 4) * kVectorBytes);
    return;
  }
  const __m256i nibble = _mm256_set1_epi8(15);
  const __m256i both = load_bytes(codes + kPair * kVectorBytes);
  low = _mm256_and_si256(both, nibble);
  high = _mm256_and_si256(_mm256_srli_epi16(both, 4), nibble);
  Bytes more = codes + 4 * kVectorBytes;
  if constexpr (kBits == 5) {
    const __m256i fifth = _mm256_set1_epi8(16);
    const __m256i bits = load_bytes(more);
    low = _mm256_or_si256(low, _mm256_and_si256(_mm256_slli_epi16(bits, 4 - kPair), fifth));
    high = _mm256_or_si256(high, _mm256_and_si256(_mm256_srli_epi16(bits, kPair), fifth));
  }
  if constexpr (kBits == 6) {
    const __m256i top = _mm256_set1_epi8(0x30);
    __m256i bits[2] = {load_bytes(more), load_bytes(more + kVectorBytes)};
    for (__m256i& b : bits) {
      if constexpr (kPair < 2) b = _mm256_slli_epi16(b, 4 - 2 * kPair);
      if constexpr (kPair > 2) b = _mm256_srli_epi16(b, 2 * kPair - 4);
    }
    low = _mm256_or_si256(low, _mm256_and_si256(bits[0], top));
    high = _mm256_or_si256(high, _mm256_and_si256(bits[1], top));
  }
}

__m256i four_codes(const std::int8_t* x) {
  std::int32_t four;
  __builtin_memcpy(&four, x, sizeof four);
  return _mm256_set1_epi32(four);
}

__m256i widen(__m256i sums) {
  return _mm256_madd_epi16(sums, _mm256_set1_epi16(1));
}

// Sums of pairs of products of half a tile with four inputs of a row, in 16 bits. These hold 8 products of
// two u4 (8 * 2 * 15 * 127), 4 of two u5, 2 of two u6 (2 * 2 * 63 * 127), and one of two with magnitudes up
// to 128.
template <int kBits>
__m256i products(__m256i weights, const std::int8_t* x) {
  const __m256i four = four_codes(x);
  if constexpr (kBits < 8) return _mm256_maddubs_epi16(weights, four);
  return _mm256_maddubs_epi16(_mm256_abs_epi8(weights), _mm256_sign_epi8(four, weights));
}

// Of one row's group: u4 all inputs in `low`, 16 bits wide; u5 inputs 0..15 and 16..31, 16 bits; u6 the same
// in 32 bits; 8 bits all in `low`, 32 bits.
struct Dots {
  __m256i low;
  __m256i high;
};

// Makes the compiler finish `sums` here. g++ would otherwise make all products of a group first and spill
// them (20 % slower for four rows).
void finish(__m256i& sums) {
  asm("" : "+x"(sums));
}

// Adds quads 2 kStep, 2 kStep + 1 and those 4 later to the sums of kRows rows, whose group begins at x[r].
template <int kBits, int kStep, int kRows>
void add_quads(Bytes codes, const std::int8_t* x, std::ptrdiff_t x_stride, Dots* dots) {
  __m256i a, b, c, d;
  unpack_pair<kBits, 2 * kStep>(codes, a, c);
  unpack_pair<kBits, 2 * kStep + 1>(codes, b, d);
  for (int r = 0; r < kRows; ++r, x += x_stride) {
    const std::int8_t* from = x + 8 * kStep;
    const __m256i pa = products<kBits>(a, from), pb = products<kBits>(b, from + 4);
    const __m256i pc = products<kBits>(c, from + 16), pd = products<kBits>(d, from + 20);
    if constexpr (kBits == 4) {
      const __m256i sum = _mm256_add_epi16(_mm256_add_epi16(pa, pb), _mm256_add_epi16(pc, pd));
      dots[r].low = kStep == 0 ? sum : _mm256_add_epi16(dots[r].low, sum);
      finish(dots[r].low);
    } else if constexpr (kBits == 5) {
      const __m256i low = _mm256_add_epi16(pa, pb), high = _mm256_add_epi16(pc, pd);
      dots[r].low = kStep == 0 ? low : _mm256_add_epi16(dots[r].low, low);
      dots[r].high = kStep == 0 ? high : _mm256_add_epi16(dots[r].high, high);
    } else if constexpr (kBits == 6) {
      const __m256i low = widen(_mm256_add_epi16(pa, pb)), high = widen(_mm256_add_epi16(pc, pd));
      dots[r].low = kStep == 0 ? low : _mm256_add_epi32(dots[r].low, low);
      dots[r].high = kStep == 0 ? high : _mm256_add_epi32(dots[r].high, high);
      finish(dots[r].low);
      finish(dots[r].high);
    } else {
      const __m256i sum =
          _mm256_add_epi32(_mm256_add_epi32(widen(pa), widen(pb)), _mm256_add_epi32(widen(pc), widen(pd)));
      dots[r].low = kStep == 0 ? sum : _mm256_add_epi32(dots[r].low, sum);
      finish(dots[r].low);
    }
  }
}

template <int kBits>
__m256 total(const Dots& dots) {
  if constexpr (kBits == 4) return _mm256_cvtepi32_ps(widen(dots.low));
  if constexpr (kBits == 5) return _mm256_cvtepi32_ps(_mm256_add_epi32(widen(dots.low), widen(dots.high)));
  return _mm256_cvtepi32_ps(dots.low);
}

// Of one group: value = scale * code + min, but kU6Super: value = (scale or, in the second half, min) *
// (code - 32).
struct Scales {
  __m256 scale;
  __m256 min;
};

// `header` and the chunk's own scales are those of this half of the tile.
template <TileFormat kFormat>
Scales load_scales(Bytes header, int half, int group, const Scales& chunk) {
  Bytes pairs = header + 64 + group * 32 + half * kHalf;
  if constexpr (is_super(kFormat)) {
    return {_mm256_mul_ps(chunk.scale, load_unsigned(pairs)),
            _mm256_mul_ps(chunk.min, load_unsigned(pairs + 16))};
  } else if constexpr (kFormat == TileFormat::kU6Super) {
    return {_mm256_mul_ps(chunk.scale, load_signed(pairs)),
            _mm256_mul_ps(chunk.scale, load_signed(pairs + 16))};
  } else if constexpr (kFormat == TileFormat::kU4ScaleMin || kFormat == TileFormat::kU5ScaleMin) {
    return {load_halves(header + half * 16), load_halves(header + 32 + half * 16)};
  } else {
    const __m256 scale = load_halves(header + group * 32 + half * 16);
    const float middle = kFormat == TileFormat::kU4Scale ? 8 : 16;
    return {scale, _mm256_mul_ps(scale, _mm256_set1_ps(-middle))};
  }
}

template <TileFormat kFormat>
Scales load_chunk_scales(Bytes header, int half) {
  Scales scales{_mm256_setzero_ps(), _mm256_setzero_ps()};
  if constexpr (is_super(kFormat) || kFormat == TileFormat::kU6Super)
    scales.scale = load_halves(header + half * 16);
  if constexpr (is_super(kFormat))
    scales.min = _mm256_sub_ps(scales.min, load_halves(header + 32 + half * 16));
  return scales;
}

template <TileFormat kFormat>
__m256 add_dots(__m256 sum, const Dots& dots, const Scales& scales, const ActivationView& x,
                std::ptrdiff_t at) {
  constexpr int kBits = geometry_of(kFormat).bits;
  const __m256 x_scale = _mm256_set1_ps(x.scales[at]);
  if constexpr (kFormat == TileFormat::kU6Super) {
    const std::int32_t* half_sums = x.half_sums + 2 * at;
    const __m256i first = _mm256_sub_epi32(dots.low, _mm256_set1_epi32(32 * half_sums[0]));
    const __m256i second = _mm256_sub_epi32(dots.high, _mm256_set1_epi32(32 * half_sums[1]));
    const __m256 part = _mm256_mul_ps(_mm256_cvtepi32_ps(second), scales.min);
    return _mm256_fmadd_ps(_mm256_fmadd_ps(_mm256_cvtepi32_ps(first), scales.scale, part), x_scale, sum);
  } else {
    sum = _mm256_fmadd_ps(_mm256_mul_ps(total<kBits>(dots), x_scale), scales.scale, sum);
    if constexpr (has_min(kFormat)) sum = _mm256_fmadd_ps(scales.min, _mm256_set1_ps(x.sums[at]), sum);
    return sum;
  }
}

// kRows rows of activations, from row `first` on, times half a tile.
template <TileFormat kFormat, int kRows>
void multiply_half(const TileCall& call, Bytes tile, int half, int first, __m256* sums) {
  constexpr TileGeometry kGeometry = geometry_of(kFormat);
  const ActivationView& x = call.activations;
  for (int r = 0; r < kRows; ++r) sums[r] = _mm256_setzero_ps();
  for (int group = 0; group < x.groups;) {
    Bytes header = tile;
    tile += kGeometry.header_bytes;
    const Scales chunk = load_chunk_scales<kFormat>(header, half);
    for (int g = 0; g < kGeometry.groups_per_chunk && group < x.groups; ++g, ++group) {
      const std::ptrdiff_t at = static_cast<std::ptrdiff_t>(first) * x.groups + group;
      const std::ptrdiff_t stride = static_cast<std::ptrdiff_t>(x.groups) * kGroup;
      Bytes codes = tile + half * (kVectorBytes / 2);
      Dots dots[kRows];
      add_quads<kGeometry.bits, 0, kRows>(codes, x.codes + at * kGroup, stride, dots);
      add_quads<kGeometry.bits, 1, kRows>(codes, x.codes + at * kGroup, stride, dots);
      tile += kGeometry.group_bytes;
      const Scales scales = load_scales<kFormat>(header, half, g, chunk);
      for (int r = 0; r < kRows; ++r)
        sums[r] =
            add_dots<kFormat>(sums[r], dots[r], scales, x, at + static_cast<std::ptrdiff_t>(r) * x.groups);
    }
  }
}

// ... times a tile, of which `lanes` outputs are wanted.
template <TileFormat kFormat, int kRows>
void multiply_tile(const TileCall& call, Bytes tile, int first, float* y, int lanes) {
  for (int half = 0; half < 2 && half * kHalf < lanes; ++half) {
    __m256 sums[kRows];
    multiply_half<kFormat, kRows>(call, tile, half, first, sums);
    const int wanted = lanes - half * kHalf;
    for (int r = 0; r < kRows; ++r) {
      float* to = y + (first + r) * call.y_stride + half * kHalf;
      if (wanted >= kHalf) {
        V::store(to, sums[r]);
      } else {
        V::store_part(to, sums[r], wanted);
      }
    }
  }
}

// The rows that are left when fewer than kRowsMax are.
template <TileFormat kFormat, int kRows>
void multiply_rest(const TileCall& call, Bytes tile, int first, float* y, int lanes) {
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
    const int lanes = left < kTileOutputs ? left : kTileOutputs;
    int row = 0;
    for (; row + kRowsMax <= call.activations.rows; row += kRowsMax)
      multiply_tile<kFormat, kRowsMax>(call, tile, row, call.y + output, lanes);
    multiply_rest<kFormat, kRowsMax - 1>(call, tile, row, call.y + output, lanes);
  }
}

void multiply(const TileCall& call) {
  switch (call.format) {
    case TileFormat::kU4Scale:
      return multiply_as<TileFormat::kU4Scale>(call);
    case TileFormat::kU4ScaleMin:
      return multiply_as<TileFormat::kU4ScaleMin>(call);
    case TileFormat::kU4Super:
      return multiply_as<TileFormat::kU4Super>(call);
    case TileFormat::kU5Scale:
      return multiply_as<TileFormat::kU5Scale>(call);
    case TileFormat::kU5ScaleMin:
      return multiply_as<TileFormat::kU5ScaleMin>(call);
    case TileFormat::kU5Super:
      return multiply_as<TileFormat::kU5Super>(call);
    case TileFormat::kU6Super:
      return multiply_as<TileFormat::kU6Super>(call);
    case TileFormat::kS8Scale:
      return multiply_as<TileFormat::kS8Scale>(call);
  }
}

std::int32_t sum_of(__m256i values) {
  __m128i half = _mm_add_epi32(_mm256_castsi256_si128(values), _mm256_extracti128_si256(values, 1));
  half = _mm_add_epi32(half, _mm_unpackhi_epi64(half, half));
  return _mm_cvtsi128_si32(_mm_add_epi32(half, _mm_shuffle_epi32(half, 1)));
}

// Rounds 16 values, returns their codes' sum.
std::int32_t quantise_half(const float* x, float inverse, std::int8_t* codes) {
  const __m256 factor = _mm256_set1_ps(inverse);
  const __m256i a = _mm256_cvtps_epi32(_mm256_mul_ps(V::load(x), factor));
  const __m256i b = _mm256_cvtps_epi32(_mm256_mul_ps(V::load(x + 8), factor));
  // Packing goes by 128-bit halves: the permutation puts a's four quarters before b's.
  const __m256i words = _mm256_permute4x64_epi64(_mm256_packs_epi32(a, b), 0xd8);
  const __m128i bytes = _mm_packs_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(codes), bytes);
  return sum_of(_mm256_add_epi32(a, b));
}

void quantise_group(const float* x, const QuantiseCall& call, int g) {
  __m256 magnitudes = _mm256_setzero_ps();
  for (int i = 0; i < kGroup; i += V::kLanes) magnitudes = V::max(V::abs(V::load(x + i)), magnitudes);
  const float most = V::largest(magnitudes);
  const float inverse = most < kSmallestMagnitude ? 0 : 127 / most;
  std::int32_t* half_sums = call.half_sums + 2 * g;
  for (int half = 0; half < 2; ++half)
    half_sums[half] = quantise_half(x + 16 * half, inverse, call.codes + g * kGroup + 16 * half);
  call.scales[g] = most / 127;
  call.sums[g] = call.scales[g] * static_cast<float>(half_sums[0] + half_sums[1]);
}

void quantise(const QuantiseCall& call) {
  int g = 0;
  for (; (g + 1) * kGroup <= call.columns; ++g) quantise_group(call.x + g * kGroup, call, g);
  if (g * kGroup == call.columns) return;
  float last[kGroup] = {};
  for (int i = 0; g * kGroup + i < call.columns; ++i) last[i] = call.x[g * kGroup + i];
  quantise_group(last, call, g);
}

}  // namespace

constinit const KernelTable kAvx2Kernels = make_kernel_table<V>(multiply, quantise);

}  // namespace antiphon::models::kernels
#endif

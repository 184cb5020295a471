// The kernels in plain C++, for processors that have nothing better, and to compare the others with.
#include <bit>
#include <cmath>
#include <cstring>

#include "models/kernels/float16.h"
#include "models/kernels/make_kernel_table.h"

namespace antiphon::models::kernels {
namespace {

struct V {
  static constexpr int kLanes = 4;
  static constexpr int kSums = 4;  // of a tile of Pointwise
  struct Type {
    float lane[kLanes];
  };

  template <class F>
  static Type make(F of_lane) {
    Type result;
    for (int i = 0; i < kLanes; ++i) result.lane[i] = of_lane(i);
    return result;
  }

  static Type set(float x) {
    return make([=](int) { return x; });
  }
  static Type load(const float* x) { return load_part(x, kLanes); }
  static Type load(const Float16* x) { return load_part(x, kLanes); }
  static Type load(const std::int8_t* x) {
    return make([=](int i) { return float(x[i]); });
  }
  static Type load(const std::int32_t* x) {
    return make([=](int i) { return float(x[i]); });
  }
  static Type load_part(const float* x, int n) {
    return make([=](int i) { return i < n ? x[i] : 0.0f; });
  }
  static Type load_part(const Float16* x, int n) {
    return make([=](int i) { return i < n ? to_float(x[i]) : 0.0f; });
  }
  static void store(float* y, Type v) { store_part(y, v, kLanes); }
  static void store_part(float* y, Type v, int n) {
    for (int i = 0; i < n; ++i) y[i] = v.lane[i];
  }
  static void store_half(Float16* y, Type v) {
    for (int i = 0; i < kLanes; ++i) y[i] = to_float16(v.lane[i]);
  }
  static Type add(Type a, Type b) {
    return make([=](int i) { return a.lane[i] + b.lane[i]; });
  }
  static Type sub(Type a, Type b) {
    return make([=](int i) { return a.lane[i] - b.lane[i]; });
  }
  static Type mul(Type a, Type b) {
    return make([=](int i) { return a.lane[i] * b.lane[i]; });
  }
  static Type div(Type a, Type b) {
    return make([=](int i) { return a.lane[i] / b.lane[i]; });
  }
  static Type fma(Type a, Type b, Type c) { return add(mul(a, b), c); }
  static Type max(Type a, Type b) {
    return make([=](int i) { return a.lane[i] > b.lane[i] ? a.lane[i] : b.lane[i]; });
  }
  static Type min(Type a, Type b) {
    return make([=](int i) { return a.lane[i] < b.lane[i] ? a.lane[i] : b.lane[i]; });
  }
  static Type abs(Type a) {
    return make([=](int i) { return std::fabs(a.lane[i]); });
  }
  static Type round(Type a) {
    return make([=](int i) { return std::nearbyint(a.lane[i]); });
  }
  static Type power_of_two(Type exponent) {
    return make([=](int i) {
      return std::bit_cast<float>((static_cast<std::int32_t>(exponent.lane[i]) + 127) << 23);
    });
  }
  static float sum(Type a) { return (a.lane[0] + a.lane[2]) + (a.lane[1] + a.lane[3]); }
  static float largest(Type a) {
    float most = a.lane[0];
    for (int i = 1; i < kLanes; ++i) most = a.lane[i] > most ? a.lane[i] : most;
    return most;
  }
  static void sum_four(const Type* four, float* out) {
    for (int k = 0; k < 4; ++k) out[k] = sum(four[k]);
  }
};

// One group of a tile: value = scale[half of the group] * code + min.
struct GroupValues {
  std::int32_t codes[kTileOutputs][kGroup];
  float scales[2][kTileOutputs];
  float mins[kTileOutputs];
};

float half_at(const std::uint8_t* bytes, int index) {
  Float16 half;
  std::memcpy(&half, bytes + 2 * index, sizeof half);
  return to_float(half);
}

// `group` counts within the chunk; the middle of the codes' range is already taken off by decode_codes().
void decode_scales(TileFormat format, const std::uint8_t* header, int group, GroupValues& values) {
  for (int o = 0; o < kTileOutputs; ++o) {
    float first = 0, second = 0, min = 0;
    switch (format) {
      case TileFormat::kU4Scale:
      case TileFormat::kU5Scale:
      case TileFormat::kS8Scale:
        first = second = half_at(header, group * kTileOutputs + o);
        break;
      case TileFormat::kU4ScaleMin:
      case TileFormat::kU5ScaleMin:
        first = second = half_at(header, o);
        min = half_at(header + 32, o);
        break;
      case TileFormat::kU4Super:
      case TileFormat::kU5Super: {
        const std::uint8_t* pairs = header + 64 + group * 32;
        first = second = half_at(header, o) * static_cast<float>(pairs[o]);
        min = -half_at(header + 32, o) * static_cast<float>(pairs[16 + o]);
        break;
      }
      case TileFormat::kU6Super: {
        const std::uint8_t* scales = header + 64 + group * 32;
        first = half_at(header, o) * static_cast<float>(static_cast<std::int8_t>(scales[o]));
        second = half_at(header, o) * static_cast<float>(static_cast<std::int8_t>(scales[16 + o]));
        break;
      }
    }
    values.scales[0][o] = first;
    values.scales[1][o] = second;
    values.mins[o] = min;
  }
}

int code_at(int bits, const std::uint8_t* codes, int quad, int byte) {
  if (bits == 8) return static_cast<std::int8_t>(codes[quad * kVectorBytes + byte]);
  int code = codes[quad % 4 * kVectorBytes + byte] >> (quad / 4 * 4) & 15;
  const std::uint8_t* high = codes + 4 * kVectorBytes;
  if (bits == 5) code |= (high[byte] >> quad & 1) << 4;
  if (bits == 6) code |= (high[quad / 4 * kVectorBytes + byte] >> (quad % 4 * 2) & 3) << 4;
  return code;
}

int middle_of(TileFormat format) {
  switch (format) {
    case TileFormat::kU4Scale:
      return 8;
    case TileFormat::kU5Scale:
      return 16;
    case TileFormat::kU6Super:
      return 32;
    default:
      return 0;
  }
}

void decode_codes(TileFormat format, const std::uint8_t* codes, GroupValues& values) {
  const int bits = geometry_of(format).bits;
  const int middle = middle_of(format);
  for (int quad = 0; quad < kQuads; ++quad)
    for (int byte = 0; byte < kVectorBytes; ++byte)
      values.codes[byte / 4][quad * 4 + byte % 4] = code_at(bits, codes, quad, byte) - middle;
}

std::int32_t dot_16(const std::int32_t* codes, const std::int8_t* x) {
  std::int32_t sum = 0;
  for (int i = 0; i < kGroup / 2; ++i) sum += codes[i] * x[i];
  return sum;
}

void add_group(const GroupValues& values, const ActivationView& x, int group, const TileCall& call, int lanes,
               float* y) {
  for (int r = 0; r < x.rows; ++r) {
    const std::ptrdiff_t at = static_cast<std::ptrdiff_t>(r) * x.groups + group;
    const std::int8_t* codes = x.codes + at * kGroup;
    for (int o = 0; o < lanes; ++o) {
      const auto first = static_cast<float>(dot_16(values.codes[o], codes));
      const auto second = static_cast<float>(dot_16(values.codes[o] + 16, codes + 16));
      y[r * call.y_stride + o] +=
          x.scales[at] * (values.scales[0][o] * first + values.scales[1][o] * second) +
          values.mins[o] * x.sums[at];
    }
  }
}

void multiply(const TileCall& call) {
  const TileGeometry geometry = geometry_of(call.format);
  const ActivationView& x = call.activations;
  const std::uint8_t* at = call.tiles;
  GroupValues values;
  for (int output = 0; output < call.outputs; output += kTileOutputs) {
    const int lanes = call.outputs - output < kTileOutputs ? call.outputs - output : kTileOutputs;
    float* y = call.y + output;
    for (int r = 0; r < x.rows; ++r)
      for (int o = 0; o < lanes; ++o) y[r * call.y_stride + o] = 0;
    const std::uint8_t* header = at;
    for (int group = 0; group < x.groups; ++group) {
      const int in_chunk = group % geometry.groups_per_chunk;
      if (in_chunk == 0) {
        header = at;
        at += geometry.header_bytes;
      }
      decode_scales(call.format, header, in_chunk, values);
      decode_codes(call.format, at, values);
      at += geometry.group_bytes;
      add_group(values, x, group, call, lanes, y);
    }
  }
}

std::int8_t code_of(float x, float inverse) {
  const float scaled = x * inverse;
  return static_cast<std::int8_t>(scaled >= 127 ? 127 : scaled > -127 ? std::nearbyint(scaled) : -127);
}

void quantise(const QuantiseCall& call) {
  const int groups = groups_of(call.columns);
  for (int g = 0; g < groups; ++g) {
    float x[kGroup] = {};
    const int count = call.columns - g * kGroup < kGroup ? call.columns - g * kGroup : kGroup;
    std::memcpy(x, call.x + g * kGroup, static_cast<std::size_t>(count) * sizeof(float));
    float most = 0;
    for (const float value : x) most = std::fabs(value) > most ? std::fabs(value) : most;
    const float inverse = most < kSmallestMagnitude ? 0 : 127 / most;
    call.scales[g] = most / 127;
    for (int half = 0; half < 2; ++half) {
      std::int32_t sum = 0;
      for (int i = half * 16; i < half * 16 + 16; ++i) {
        call.codes[g * kGroup + i] = code_of(x[i], inverse);
        sum += call.codes[g * kGroup + i];
      }
      call.half_sums[2 * g + half] = static_cast<std::int16_t>(sum);
    }
    call.sums[g] = call.scales[g] * static_cast<float>(call.half_sums[2 * g] + call.half_sums[2 * g + 1]);
  }
}

}  // namespace

constinit const KernelTable kPortableKernels = make_kernel_table<V>(multiply, quantise);

}  // namespace antiphon::models::kernels

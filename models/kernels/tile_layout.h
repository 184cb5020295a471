// How QuantisedMatrix lays weights out, in the order in which the kernels of every processor read them: one
// forward stream. Only constants and plain data, for the units that are compiled for one processor.
//
// A tile is 16 outputs. Its inputs go in groups of 32, and groups in chunks:
//   tile  = chunk, chunk, ...                      (every chunk but the last has groups_per_chunk groups)
//   chunk = header (scales), codes of each group
// A quad is 4 consecutive inputs: 8 quads a group. Unpacked, a quad is 64 bytes: byte 4 o + i is output o,
// input i. Codes of one group:
//   4 bits  4 x 64 bytes: quad j in the low halves of vector j (j < 4), quad j + 4 in its high halves
//   5 bits  as 4 bits, then 64 bytes: bit j of a byte is the fifth bit of quad j
//   6 bits  as 4 bits, then 2 x 64 bytes: bits 4 and 5 of quad j at bit 2 (j % 4) of vector j / 4
//   8 bits  8 x 64 bytes, two's complement
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace antiphon::models::kernels {

inline constexpr int kTileOutputs = 16;
inline constexpr int kGroup = 32;
inline constexpr int kQuads = 8;         // of a group
inline constexpr int kVectorBytes = 64;  // a quad of every output of a tile

// Groups that so many inputs take; the last one may be part empty.
constexpr int groups_of(int columns) {
  return (columns + kGroup - 1) / kGroup;
}

enum class TileFormat : std::uint8_t {  // value of code q        header of a chunk, f16 unless said otherwise
  kU4Scale,                             // d (q - 8)              d[2 groups][16]
  kU4ScaleMin,                          // d q + m                d[16], m[16]
  kU4Super,                             // d s q - e t            d[16], e[16], then per group u8 s[16], t[16]
  kU5Scale,                             // d (q - 16)             as kU4Scale
  kU5ScaleMin,                          // d q + m                as kU4ScaleMin
  kU5Super,                             // d s q - e t            as kU4Super
  kU6Super,  // d s (q - 32)           d[16], 32 bytes unused, i8 s[16 half groups][16]
  kS8Scale   // d q                    as kU4Scale
};

template <TileFormat kFormat>
using TileFormatConstant = std::integral_constant<TileFormat, kFormat>;

// Calls body with the constant of `format`.
template <class Body>
void with_format(TileFormat format, Body body) {
  switch (format) {
    case TileFormat::kU4Scale:
      return body(TileFormatConstant<TileFormat::kU4Scale>());
    case TileFormat::kU4ScaleMin:
      return body(TileFormatConstant<TileFormat::kU4ScaleMin>());
    case TileFormat::kU4Super:
      return body(TileFormatConstant<TileFormat::kU4Super>());
    case TileFormat::kU5Scale:
      return body(TileFormatConstant<TileFormat::kU5Scale>());
    case TileFormat::kU5ScaleMin:
      return body(TileFormatConstant<TileFormat::kU5ScaleMin>());
    case TileFormat::kU5Super:
      return body(TileFormatConstant<TileFormat::kU5Super>());
    case TileFormat::kU6Super:
      return body(TileFormatConstant<TileFormat::kU6Super>());
    case TileFormat::kS8Scale:
      return body(TileFormatConstant<TileFormat::kS8Scale>());
  }
}

struct TileGeometry {
  int bits;
  int groups_per_chunk;
  std::size_t header_bytes;
  std::size_t group_bytes;  // of codes
};

constexpr TileGeometry geometry_of(TileFormat format) {
  switch (format) {
    case TileFormat::kU4Scale:
      return {4, 2, 64, 256};
    case TileFormat::kU4ScaleMin:
      return {4, 1, 64, 256};
    case TileFormat::kU4Super:
      return {4, 8, 320, 256};
    case TileFormat::kU5Scale:
      return {5, 2, 64, 320};
    case TileFormat::kU5ScaleMin:
      return {5, 1, 64, 320};
    case TileFormat::kU5Super:
      return {5, 8, 320, 320};
    case TileFormat::kU6Super:
      return {6, 8, 320, 384};
    case TileFormat::kS8Scale:
      return {8, 2, 64, 512};
  }
  return {};
}

constexpr std::size_t bytes_of_tile(TileFormat format, int groups) {
  const TileGeometry geometry = geometry_of(format);
  const int chunks = (groups + geometry.groups_per_chunk - 1) / geometry.groups_per_chunk;
  return static_cast<std::size_t>(chunks) * geometry.header_bytes +
         static_cast<std::size_t>(groups) * geometry.group_bytes;
}

// Rows of activations in 8 bits, seen by the kernels; see QuantisedActivations. Arrays are row after row.
struct ActivationView {
  int rows;
  int groups;
  const std::int8_t* codes;       // [rows][groups][32], in [-127, 127]
  const float* scales;            // [rows][groups]: value = scale * code
  const float* sums;              // [rows][groups]: sum of the values of a group
  const std::int16_t* half_sums;  // [rows][groups][2]: sums of 16 codes
};

// Whole tiles times rows of activations.
struct TileCall {
  TileFormat format;
  const std::uint8_t* tiles;
  int outputs;  // > 0; the last tile may have fewer than 16
  ActivationView activations;
  float* y;  // [rows][outputs], rows y_stride apart
  std::ptrdiff_t y_stride;
};

// A group of activations that are all smaller becomes zeros: the inverse of its scale could overflow.
inline constexpr float kSmallestMagnitude = 1e-30f;

// Writes the arrays of an ActivationView for one row. `columns` need not fill the last group.
struct QuantiseCall {
  const float* x;
  int columns;
  std::int8_t* codes;
  float* scales;
  float* sums;
  std::int16_t* half_sums;
};

}  // namespace antiphon::models::kernels

#include "models/kernels/tile_packer.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <cstring>
#include <vector>

namespace antiphon::models::kernels {
namespace {

void put_half(std::uint8_t* bytes, int index, Float16 half) {
  std::memcpy(bytes + 2 * index, &half, sizeof half);
}

std::uint32_t quad_of(const std::uint8_t* codes, int quad) {
  std::uint32_t four;
  std::memcpy(&four, codes + 4 * quad, sizeof four);
  return four;
}

void put_quad(std::uint8_t* vector, std::uint32_t four) {
  std::memcpy(vector, &four, sizeof four);
}

// The bits of `mask` above the low four of each code of quads first .. first + count, each quad's shifted to
// follow those of the one before it.
std::uint32_t high_bits(const std::uint8_t* codes, int first, int count, int bits, std::uint32_t mask) {
  std::uint32_t all = 0;
  for (int i = 0; i < count; ++i) all |= (quad_of(codes, first + i) >> 4 & mask) << (bits * i);
  return all;
}

}  // namespace

TileFormat tile_format_of(BlockType type) {
  switch (type) {
    case BlockType::kQ4_0:
      return TileFormat::kU4Scale;
    case BlockType::kQ4_1:
      return TileFormat::kU4ScaleMin;
    case BlockType::kQ5_0:
      return TileFormat::kU5Scale;
    case BlockType::kQ5_1:
      return TileFormat::kU5ScaleMin;
    case BlockType::kQ4_K:
      return TileFormat::kU4Super;
    case BlockType::kQ5_K:
      return TileFormat::kU5Super;
    case BlockType::kQ6_K:
      return TileFormat::kU6Super;
    default:
      return TileFormat::kS8Scale;
  }
}

TilePacker::TilePacker(TileFormat format, int groups, std::uint8_t* tiles)
    : format_(format),
      geometry_(geometry_of(format)),
      tile_bytes_(bytes_of_tile(format, groups)),
      tiles_(tiles) {}

TilePacker::Place TilePacker::place_of(int row, int group) const {
  const auto per_chunk = static_cast<std::size_t>(geometry_.groups_per_chunk);
  const std::size_t in_chunk = static_cast<std::size_t>(group) % per_chunk;
  const std::size_t chunk_bytes = geometry_.header_bytes + per_chunk * geometry_.group_bytes;
  std::uint8_t* header = tiles_ + static_cast<std::size_t>(row / kTileOutputs) * tile_bytes_ +
                         static_cast<std::size_t>(group) / per_chunk * chunk_bytes;
  return {header, header + geometry_.header_bytes + in_chunk * geometry_.group_bytes,
          static_cast<int>(in_chunk)};
}

// Four codes at a time, as the bytes of a word.
void TilePacker::put_codes(int row, int group, std::span<const std::uint8_t, kGroup> group_codes) const {
  constexpr std::uint32_t kNibbles = 0x0f0f0f0f;
  const std::uint8_t* codes = group_codes.data();
  std::uint8_t* to = place_of(row, group).codes + row % kTileOutputs * 4;
  if (geometry_.bits == 8) {
    for (int quad = 0; quad < kQuads; ++quad) put_quad(to + quad * kVectorBytes, quad_of(codes, quad));
    return;
  }
  for (int quad = 0; quad < 4; ++quad) {
    put_quad(to + quad * kVectorBytes,
             (quad_of(codes, quad) & kNibbles) | (quad_of(codes, quad + 4) & kNibbles) << 4);
  }
  std::uint8_t* high = to + 4 * kVectorBytes;
  if (geometry_.bits == 5) put_quad(high, high_bits(codes, 0, 8, 1, 0x01010101));
  if (geometry_.bits == 6) {
    put_quad(high, high_bits(codes, 0, 4, 2, 0x03030303));
    put_quad(high + kVectorBytes, high_bits(codes, 4, 4, 2, 0x03030303));
  }
}

void TilePacker::put_scales(int row, int group, int group_in_block, BlockType type,
                            const DecodedBlock& block) const {
  const Place place = place_of(row, group);
  const int o = row % kTileOutputs;
  switch (type) {
    case BlockType::kQ4_1:
    case BlockType::kQ5_1:
      put_half(place.header, o, block.scale);
      put_half(place.header + 32, o, block.min);
      break;
    case BlockType::kQ4_K:
    case BlockType::kQ5_K:
      put_half(place.header, o, block.scale);
      put_half(place.header + 32, o, block.min);
      place.header[64 + place.group_in_chunk * 32 + o] =
          block.scales[static_cast<std::size_t>(group_in_block)];
      place.header[80 + place.group_in_chunk * 32 + o] = block.mins[static_cast<std::size_t>(group_in_block)];
      break;
    case BlockType::kQ6_K:
      put_half(place.header, o, block.scale);
      place.header[64 + place.group_in_chunk * 32 + o] =
          block.scales[static_cast<std::size_t>(2 * group_in_block)];
      place.header[80 + place.group_in_chunk * 32 + o] =
          block.scales[static_cast<std::size_t>(2 * group_in_block + 1)];
      break;
    default:
      put_half(place.header, place.group_in_chunk * kTileOutputs + o, block.scale);
  }
}

void TilePacker::pack_gguf_row(int row, BlockType type, int columns, std::span<const std::byte> bytes) {
  assert(tile_format_of(type) == format_);
  if (type == BlockType::kF32 || type == BlockType::kF16 || type == BlockType::kBf16) {
    std::vector<float> values(static_cast<std::size_t>(columns));
    dequantise(type, bytes, values);
    return pack_f32_row(row, values);
  }
  const int block_groups = columns_of_block(type) / kGroup;
  DecodedBlock block;
  for (int group = 0; group < columns / kGroup; ++group) {
    const int in_block = group % block_groups;
    if (in_block == 0)
      decode_block(type, bytes.data() + static_cast<std::size_t>(group / block_groups) * bytes_of_block(type),
                   block);
    put_codes(row, group,
              std::span<const std::uint8_t, kGroup>(block.codes.data() + in_block * kGroup, kGroup));
    put_scales(row, group, in_block, type, block);
  }
}

void TilePacker::pack_f32_row(int row, std::span<const float> weights) {
  assert(format_ == TileFormat::kS8Scale);
  for (std::size_t at = 0; at < weights.size(); at += kGroup) {
    const auto group = weights.subspan(at, std::min<std::size_t>(kGroup, weights.size() - at));
    float most = 0;
    for (const float w : group) most = std::max(most, std::fabs(w));
    DecodedBlock block{.codes = {}, .scale = to_float16(most / 127)};
    const float scale = to_float(block.scale);
    for (std::size_t i = 0; i < group.size(); ++i) {
      const float code = scale > 0 ? std::clamp(std::nearbyint(group[i] / scale), -127.0f, 127.0f) : 0.0f;
      block.codes[i] = static_cast<std::uint8_t>(static_cast<std::int8_t>(code));
    }
    const int index = static_cast<int>(at / kGroup);
    put_codes(row, index, std::span(block.codes).first<kGroup>());
    put_scales(row, index, 0, BlockType::kQ8_0, block);
  }
}

}  // namespace antiphon::models::kernels

#include "models/kernels/tile_packer.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstring>
#include <vector>

namespace antiphon::models::kernels {
namespace {

void put_half(std::uint8_t* bytes, int index, Float16 half) {
  std::memcpy(bytes + 2 * index, &half, sizeof half);
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

void TilePacker::put_codes(int row, int group, std::span<const std::uint8_t> codes) const {
  std::uint8_t* to = place_of(row, group).codes;
  std::uint8_t* high = to + 4 * kVectorBytes;
  for (int i = 0; i < static_cast<int>(codes.size()); ++i) {
    const int quad = i / 4;
    const int byte = row % kTileOutputs * 4 + i % 4;
    const std::uint8_t code = codes[static_cast<std::size_t>(i)];
    if (geometry_.bits == 8) {
      to[quad * kVectorBytes + byte] = code;
      continue;
    }
    to[quad % 4 * kVectorBytes + byte] |= static_cast<std::uint8_t>((code & 15) << (quad / 4 * 4));
    if (geometry_.bits == 5) high[byte] |= static_cast<std::uint8_t>(code >> 4 << quad);
    if (geometry_.bits == 6)
      high[quad / 4 * kVectorBytes + byte] |= static_cast<std::uint8_t>(code >> 4 << (quad % 4 * 2));
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
              std::span(block.codes).subspan(static_cast<std::size_t>(in_block) * kGroup, kGroup));
    put_scales(row, group, in_block, type, block);
  }
}

void TilePacker::pack_int8_row(int row, std::span<const std::int8_t> weights) {
  assert(format_ == TileFormat::kS8Tensor);
  const auto* codes = reinterpret_cast<const std::uint8_t*>(weights.data());
  for (std::size_t at = 0; at < weights.size(); at += kGroup)
    put_codes(row, static_cast<int>(at / kGroup),
              {codes + at, std::min<std::size_t>(kGroup, weights.size() - at)});
}

void TilePacker::pack_f32_row(int row, std::span<const float> weights) {
  assert(format_ == TileFormat::kS8Scale);
  DecodedBlock block;
  for (std::size_t at = 0; at < weights.size(); at += kGroup) {
    const auto group = weights.subspan(at, std::min<std::size_t>(kGroup, weights.size() - at));
    float most = 0;
    for (const float w : group) most = std::max(most, std::fabs(w));
    block.scale = to_float16(most / 127);
    const float scale = to_float(block.scale);
    for (std::size_t i = 0; i < group.size(); ++i) {
      const float code = scale > 0 ? std::clamp(std::nearbyint(group[i] / scale), -127.0f, 127.0f) : 0.0f;
      block.codes[i] = static_cast<std::uint8_t>(static_cast<std::int8_t>(code));
    }
    const int index = static_cast<int>(at / kGroup);
    put_codes(row, index, std::span(block.codes).first(group.size()));
    put_scales(row, index, 0, BlockType::kQ8_0, block);
  }
}

}  // namespace antiphon::models::kernels

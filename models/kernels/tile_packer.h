#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "models/kernels/gguf_blocks.h"
#include "models/kernels/tile_layout.h"

namespace antiphon::models::kernels {

// The tiles' format that keeps a GGUF type's values; of the float types the one they are rounded to.
TileFormat tile_format_of(BlockType type);

// Writes rows of weights into tiles (tile_layout.h), which must have been zeroed.
class TilePacker {
 public:
  TilePacker(TileFormat format, int groups, std::uint8_t* tiles);

  // REQUIRES: the format is that of the type; bytes are one row's.
  void pack_gguf_row(int row, BlockType type, int columns, std::span<const std::byte> bytes);
  void pack_f32_row(int row, std::span<const float> weights);  // kS8Scale

 private:
  struct Place {
    std::uint8_t* header;  // of the chunk
    std::uint8_t* codes;   // of the group
    int group_in_chunk;
  };
  Place place_of(int row, int group) const;
  void put_codes(int row, int group, std::span<const std::uint8_t, kGroup> group_codes) const;
  void put_scales(int row, int group, int group_in_block, BlockType type, const DecodedBlock& block) const;

  TileFormat format_;
  TileGeometry geometry_;
  std::size_t tile_bytes_;
  std::uint8_t* tiles_;
};

}  // namespace antiphon::models::kernels

#include "models/weights/weight_tensor.h"

#include <cassert>

namespace antiphon::models {

std::optional<kernels::BlockType> block_type_of(GgufType type) {
  using kernels::BlockType;
  switch (type) {
    case GgufType::kF32:
      return BlockType::kF32;
    case GgufType::kF16:
      return BlockType::kF16;
    case GgufType::kBf16:
      return BlockType::kBf16;
    case GgufType::kQ4_0:
      return BlockType::kQ4_0;
    case GgufType::kQ4_1:
      return BlockType::kQ4_1;
    case GgufType::kQ5_0:
      return BlockType::kQ5_0;
    case GgufType::kQ5_1:
      return BlockType::kQ5_1;
    case GgufType::kQ8_0:
      return BlockType::kQ8_0;
    case GgufType::kQ4K:
      return BlockType::kQ4_K;
    case GgufType::kQ5K:
      return BlockType::kQ5_K;
    case GgufType::kQ6K:
      return BlockType::kQ6_K;
    default:
      return std::nullopt;
  }
}

void read_row(const WeightTensor& tensor, std::int64_t row, std::span<float> out) {
  assert(row >= 0 && row < tensor.rows && out.size() == static_cast<std::size_t>(tensor.columns));
  const std::size_t row_bytes = kernels::bytes_of_row(tensor.type, static_cast<int>(tensor.columns));
  kernels::dequantise(tensor.type, tensor.bytes.subspan(static_cast<std::size_t>(row) * row_bytes, row_bytes),
                      out);
}

}  // namespace antiphon::models

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "models/kernels/gguf_blocks.h"
#include "models/kernels/quantised_activations.h"
#include "models/kernels/tile_buffer.h"
#include "models/kernels/tile_layout.h"

namespace antiphon::models::kernels {

// Weights W [rows = outputs, columns = inputs] in 4 to 8 bits, laid out for the kernels (tile_layout.h).
// Quantised GGUF types keep their exact values; kF32, kF16 and kBf16 are rounded like from_f32().
//
// Owner:  any thread; immutable after construction. Movable, not copyable.
// Memory: bits a weight (file's in brackets): Q4_0 4.5 (4.5), Q4_1 5 (5), Q4_K 4.625 (4.5), Q5_0 5.5 (5.5),
//         Q5_1 6 (6), Q5_K 5.625 (5.5), Q6_K 6.625 (6.5625), Q8_0 8.5 (8.5), from_f32 8.5.
//         Nothing of the bytes or weights given is kept.
// Errors: std::runtime_error if bytes, rows and columns don't belong together.
class QuantisedMatrix {
 public:
  // One tensor of several that are stacked: their outputs follow each other. Types may differ.
  struct Part {
    BlockType type;
    int rows;
    std::span<const std::byte> bytes;
  };
  static QuantisedMatrix from_gguf(std::span<const Part> parts, int columns);
  static QuantisedMatrix from_gguf(BlockType type, int rows, int columns, std::span<const std::byte> bytes);
  // Rounded to 8 bits with a scale for each 32 inputs of an output.
  static QuantisedMatrix from_f32(int rows, int columns, std::span<const float> weights);

  int rows() const { return rows_; }
  int columns() const { return columns_; }
  std::size_t bytes() const { return tiles_.size(); }

  friend void multiply(const QuantisedMatrix& matrix, const QuantisedActivations& x, float* y,
                       std::ptrdiff_t y_stride, int first_output, int outputs);

 private:
  struct Section {  // the outputs of one part
    TileFormat format;
    int first_output;
    int rows;
    std::size_t first_byte;
  };

  QuantisedMatrix(int columns, std::vector<Section> sections);
  void multiply_section(const Section& section, const QuantisedActivations& x, float* y,
                        std::ptrdiff_t y_stride, int first_row, int last_row) const;

  int rows_ = 0;
  int columns_ = 0;
  int groups_ = 0;
  std::vector<Section> sections_;
  TileBuffer tiles_;
};

// y[r * y_stride + i] = x[r] . W[first_output + i] for every row r of x and i in [0, outputs): a large matrix
// can be cut into steps. Fastest when first_output is a multiple of 16. A row's result does not depend on the
// other rows of x nor on the cut.
// REQUIRES: x.columns() == matrix.columns().
void multiply(const QuantisedMatrix& matrix, const QuantisedActivations& x, float* y, std::ptrdiff_t y_stride,
              int first_output, int outputs);

}  // namespace antiphon::models::kernels

#include "models/kernels/quantised_matrix.h"

#include <algorithm>
#include <cassert>
#include <stdexcept>
#include <string>

#include "models/kernels/processor.h"
#include "models/kernels/tile_packer.h"

namespace antiphon::models::kernels {
namespace {

std::size_t tiles_of(int rows) {
  return static_cast<std::size_t>((rows + kTileOutputs - 1) / kTileOutputs);
}

void check(bool right, const char* what) {
  if (!right) throw std::runtime_error("weights: " + std::string(what));
}

void check_sizes(int rows, int columns, std::size_t given) {
  check(rows > 0 && columns > 0, "no rows or no columns");
  check(given == static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns),
        "the number of values is not rows times columns");
}

void check_part(const QuantisedMatrix::Part& part, int columns) {
  check(part.rows > 0 && columns > 0, "no rows or no columns");
  check(columns % columns_of_block(part.type) == 0, "the columns are no whole number of blocks");
  check(part.bytes.size() == static_cast<std::size_t>(part.rows) * bytes_of_row(part.type, columns),
        "the number of bytes does not fit the rows and columns");
}

}  // namespace

QuantisedMatrix::QuantisedMatrix(int columns, std::vector<Section> sections)
    : columns_(columns), groups_(groups_of(columns)), sections_(std::move(sections)) {
  std::size_t bytes = 0;
  for (Section& section : sections_) {
    section.first_output = rows_;
    section.first_byte = bytes;
    rows_ += section.rows;
    bytes += tiles_of(section.rows) * bytes_of_tile(section.format, groups_);
  }
  tiles_ = TileBuffer(bytes);
}

QuantisedMatrix QuantisedMatrix::from_gguf(std::span<const Part> parts, int columns) {
  check(!parts.empty(), "no parts");
  std::vector<Section> sections;
  for (const Part& part : parts) {
    check_part(part, columns);
    sections.push_back(
        {.format = tile_format_of(part.type), .first_output = 0, .rows = part.rows, .first_byte = 0});
  }
  QuantisedMatrix matrix(columns, std::move(sections));
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const Section& section = matrix.sections_[i];
    TilePacker packer(section.format, matrix.groups_, matrix.tiles_.data() + section.first_byte);
    const std::size_t row_bytes = bytes_of_row(parts[i].type, columns);
    for (int r = 0; r < section.rows; ++r)
      packer.pack_gguf_row(r, parts[i].type, columns,
                           parts[i].bytes.subspan(static_cast<std::size_t>(r) * row_bytes, row_bytes));
  }
  return matrix;
}

QuantisedMatrix QuantisedMatrix::from_gguf(BlockType type, int rows, int columns,
                                           std::span<const std::byte> bytes) {
  const Part part{.type = type, .rows = rows, .bytes = bytes};
  return from_gguf({&part, 1}, columns);
}

QuantisedMatrix QuantisedMatrix::from_f32(int rows, int columns, std::span<const float> weights) {
  check_sizes(rows, columns, weights.size());
  QuantisedMatrix matrix(
      columns, {{.format = TileFormat::kS8Scale, .first_output = 0, .rows = rows, .first_byte = 0}});
  TilePacker packer(TileFormat::kS8Scale, matrix.groups_, matrix.tiles_.data());
  const auto width = static_cast<std::size_t>(columns);
  for (int r = 0; r < rows; ++r)
    packer.pack_f32_row(r, weights.subspan(static_cast<std::size_t>(r) * width, width));
  return matrix;
}

// Rows first_row .. last_row of a section, into y[r * y_stride + 0 ..]. A cut inside a tile makes that tile
// in a small buffer.
void QuantisedMatrix::multiply_section(const Section& section, const QuantisedActivations& x, float* y,
                                       std::ptrdiff_t y_stride, int first_row, int last_row) const {
  const KernelTable& kernels = active_kernels();
  const std::size_t tile_bytes = bytes_of_tile(section.format, groups_);
  const auto call_for = [&](int row) {
    return TileCall{.format = section.format,
                    .tiles = tiles_.data() + section.first_byte +
                             static_cast<std::size_t>(row / kTileOutputs) * tile_bytes,
                    .outputs = last_row - row,
                    .activations = x.view(),
                    .y = y + (row - first_row),
                    .y_stride = y_stride};
  };
  int row = first_row;
  if (const int skipped = first_row % kTileOutputs; skipped != 0) {
    row = std::min(first_row - skipped + kTileOutputs, last_row);
    TileCall call = call_for(first_row - skipped);
    call.outputs = kTileOutputs;
    for (int r = 0; r < x.rows(); ++r) {
      float one[kTileOutputs];
      call.activations = x.view(r, 1);
      call.y = one;
      kernels.multiply(call);
      std::copy(one + skipped, one + skipped + (row - first_row), y + r * y_stride);
    }
  }
  if (row < last_row) kernels.multiply(call_for(row));
}

void multiply(const QuantisedMatrix& matrix, const QuantisedActivations& x, float* y, std::ptrdiff_t y_stride,
              int first_output, int outputs) {
  assert(x.columns() == matrix.columns_ && first_output >= 0 && outputs >= 0 &&
         first_output + outputs <= matrix.rows_);
  const int last_output = first_output + outputs;
  for (const QuantisedMatrix::Section& section : matrix.sections_) {
    const int first = std::max(first_output, section.first_output);
    const int last = std::min(last_output, section.first_output + section.rows);
    if (first >= last) continue;
    matrix.multiply_section(section, x, y + (first - first_output), y_stride, first - section.first_output,
                            last - section.first_output);
  }
}

}  // namespace antiphon::models::kernels

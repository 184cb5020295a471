#pragma once

#include <cstddef>
#include <cstdint>

#include "models/kernels/pointwise_call.h"

namespace antiphon::models::kernels {

// The sums of one panel of an Int8Matrix to outputs: row m, output n is
//   sums[m][n] steps[m] scales[n] + offsets[n] steps[m] row_sums[m] + bias[n], then the epilogue.
// A ByteMatrix uses it too: offsets are the sums of an output's weights, row_sums what 0 lies below.
struct FinishCall {
  const std::int32_t* sums = nullptr;  // [count][sums_stride], all of which may be read
  int sums_stride = 0;
  int count = 0;
  int width = 0;  // outputs, at most sums_stride
  const float* steps = nullptr;
  const std::int32_t* row_sums = nullptr;
  const float* scales = nullptr;
  const float* offsets = nullptr;
  const float* bias = nullptr;  // or null
  float* out = nullptr;         // [count], out_stride apart
  std::ptrdiff_t out_stride = 0;
  Epilogue epilogue = Epilogue::kStore;
};

}  // namespace antiphon::models::kernels

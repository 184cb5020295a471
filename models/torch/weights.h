// Only for files in models/torch: tensors over a mapped safetensors file.
#pragma once

#include <ATen/core/Tensor.h>

#include <initializer_list>
#include <string_view>

#include "models/torch/threads.h"
#include "models/weights/safetensors.h"

namespace antiphon::models::torch {

// A tensor over the file's own pages (no copy); valid as long as `file` lives. Throws std::runtime_error that
// names file and tensor if the tensor is absent or has another shape.
at::Tensor mapped_tensor(const SafetensorsFile& file, std::string_view name,
                         std::initializer_list<std::int64_t> shape);
at::Tensor mapped_tensor(const SafetensorsFile& file, std::string_view name);  // any shape

}  // namespace antiphon::models::torch

#include "models/torch/weights.h"

#include <ATen/Parallel.h>
#include <ATen/ops/from_blob.h>

#include <algorithm>
#include <stdexcept>
#include <string>

namespace antiphon::models::torch {
namespace {

at::ScalarType scalar_type(ElementType type) {
  switch (type) {
    case ElementType::kF64:
      return at::kDouble;
    case ElementType::kF32:
      return at::kFloat;
    case ElementType::kF16:
      return at::kHalf;
    case ElementType::kBf16:
      return at::kBFloat16;
    case ElementType::kI64:
      return at::kLong;
    case ElementType::kI32:
      return at::kInt;
    case ElementType::kI16:
      return at::kShort;
    case ElementType::kI8:
      return at::kChar;
    case ElementType::kU8:
      return at::kByte;
    case ElementType::kBool:
      return at::kBool;
  }
  throw std::logic_error("unknown element type");
}

}  // namespace

at::Tensor mapped_tensor(const SafetensorsFile& file, std::string_view name) {
  const TensorView& view = file.tensor(name);
  // from_blob wants a mutable pointer; the pages are read-only, so a write to the tensor would fault.
  return at::from_blob(const_cast<std::byte*>(view.bytes.data()), view.shape,
                       at::TensorOptions(scalar_type(view.type)));
}

at::Tensor mapped_tensor(const SafetensorsFile& file, std::string_view name,
                         std::initializer_list<std::int64_t> shape) {
  if (!std::ranges::equal(file.tensor(name).shape, shape)) {
    throw std::runtime_error("'" + file.path().string() + "': tensor '" + std::string(name) +
                             "' does not have the expected shape");
  }
  return mapped_tensor(file, name);
}

void use_one_thread() {
  at::set_num_threads(1);
  at::set_num_interop_threads(1);
}

}  // namespace antiphon::models::torch

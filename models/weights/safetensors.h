#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/weights/mapped_file.h"

namespace antiphon::models {

enum class ElementType : std::uint8_t { kF64, kF32, kF16, kBf16, kI64, kI32, kI16, kI8, kU8, kBool };

std::size_t bytes_of(ElementType type);

// One tensor inside a mapped file: dense, row-major, little-endian, and not always aligned for its type.
struct TensorView {
  ElementType type = ElementType::kF32;
  std::vector<std::int64_t> shape;
  std::span<const std::byte> bytes;  // valid as long as the SafetensorsFile lives

  std::int64_t elements() const;
};

// The tensors found in the bytes of a safetensors file; throws std::runtime_error on anything malformed.
// Checks every length, offset, overlap and shape against the bytes, so outside bytes are safe.
// https://github.com/huggingface/safetensors (format)
struct SafetensorsIndex {
  std::map<std::string, TensorView, std::less<>> tensors;
  std::map<std::string, std::string, std::less<>> metadata;
};
SafetensorsIndex parse_safetensors(std::span<const std::byte> bytes);

// A mapped safetensors file.
//
// Owner:  any thread; immutable after construction.
// Errors: std::runtime_error that names the file, and the tensor where there is one.
class SafetensorsFile {
 public:
  explicit SafetensorsFile(const std::filesystem::path& path);

  bool has(std::string_view name) const { return index_.tensors.contains(name); }
  // Throws if the file has no such tensor.
  const TensorView& tensor(std::string_view name) const;
  // The f32 values of a tensor; throws unless it is f32 with exactly this shape and aligned for float.
  std::span<const float> f32(std::string_view name, std::span<const std::int64_t> shape) const;
  std::span<const float> f32(std::string_view name, std::initializer_list<std::int64_t> shape) const {
    return f32(name, std::span<const std::int64_t>(shape.begin(), shape.size()));
  }

  const SafetensorsIndex& index() const { return index_; }
  const std::filesystem::path& path() const { return file_.path(); }
  const MappedFile& file() const { return file_; }

 private:
  MappedFile file_;
  SafetensorsIndex index_;
};

}  // namespace antiphon::models

#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "models/weights/mapped_file.h"

namespace antiphon::models {

// Element types of GGUF tensors, numbered as in the files. All after kF16 (except the plain ones at the end)
// pack a row in blocks: see gguf_block().
enum class GgufType : std::uint32_t {
  kF32 = 0,
  kF16 = 1,
  kQ4_0 = 2,
  kQ4_1 = 3,
  kQ5_0 = 6,
  kQ5_1 = 7,
  kQ8_0 = 8,
  kQ8_1 = 9,
  kQ2K = 10,
  kQ3K = 11,
  kQ4K = 12,
  kQ5K = 13,
  kQ6K = 14,
  kQ8K = 15,
  kI8 = 24,
  kI16 = 25,
  kI32 = 26,
  kI64 = 27,
  kF64 = 28,
  kBf16 = 30,
};

struct GgufBlock {
  GgufType type;
  std::string_view name;  // as the format's documentation writes it: "Q4_K"
  std::int64_t elements;
  std::int64_t bytes;
};
// REQUIRES: a type that parse_gguf() accepted.
const GgufBlock& gguf_block(GgufType type);

struct GgufArray;
// Whole numbers of any width become int64 (a uint64 above its range is refused), floats become double.
using GgufValue = std::variant<bool, std::int64_t, double, std::string_view, GgufArray>;

// A homogeneous array; an array of bools holds 0 and 1.
struct GgufArray {
  std::variant<std::vector<std::int64_t>, std::vector<double>, std::vector<std::string_view>,
               std::vector<GgufArray>>
      items;
};

// One tensor inside a mapped file. `shape` counts from the outermost dimension (rows first, as C arrays do;
// the file itself stores the reverse). Every row is a whole number of blocks.
struct GgufTensor {
  GgufType type = GgufType::kF32;
  std::vector<std::int64_t> shape;   // 1 to 4 extents, each > 0
  std::span<const std::byte> bytes;  // valid as long as the GgufFile lives; aligned as the file says (>= 1)

  std::int64_t columns() const { return shape.back(); }
  std::int64_t rows() const;  // all extents but the innermost, multiplied
};

// The contents of a GGUF file of version 2 or 3, little-endian. Views point into the bytes given.
// Checks every count, length, nesting, type, shape and offset against the bytes, so outside bytes are safe;
// the memory it takes is bounded by limits below and a small multiple of the bytes. Throws std::runtime_error
// that names the field or tensor. Tensors that share bytes are allowed (they are only read).
// https://github.com/ggml-org/ggml/blob/master/docs/gguf.md (format)
struct GgufIndex {
  std::map<std::string, GgufValue, std::less<>> fields;
  std::map<std::string, GgufTensor, std::less<>> tensors;
};
GgufIndex parse_gguf(std::span<const std::byte> bytes);

// A mapped GGUF file.
//
// Owner:  any thread; immutable after construction.
// Errors: std::runtime_error that names the file, and the field or tensor.
// Memory: text stays in the mapped file; each array element takes 8 to 16 bytes.
class GgufFile {
 public:
  explicit GgufFile(const std::filesystem::path& path);

  bool has(std::string_view field) const { return index_.fields.contains(field); }

  // The value of a field; throws if it is absent or of another type.
  std::int64_t integer(std::string_view field) const;
  double number(std::string_view field) const;  // a float or a whole number
  bool boolean(std::string_view field) const;
  std::string_view text(std::string_view field) const;
  std::span<const std::string_view> texts(std::string_view field) const;
  std::span<const std::int64_t> integers(std::string_view field) const;

  // The same, or `otherwise` if the field is absent; still throws if it has another type.
  std::int64_t integer_or(std::string_view field, std::int64_t otherwise) const;
  double number_or(std::string_view field, double otherwise) const;
  bool boolean_or(std::string_view field, bool otherwise) const;

  bool has_tensor(std::string_view name) const { return index_.tensors.contains(name); }
  // Throws if the file has no such tensor, or (second form) not with this shape, outermost extent first.
  const GgufTensor& tensor(std::string_view name) const;
  const GgufTensor& tensor(std::string_view name, std::initializer_list<std::int64_t> shape) const;

  const GgufIndex& index() const { return index_; }
  const std::filesystem::path& path() const { return file_.path(); }
  const MappedFile& file() const { return file_; }

 private:
  template <class Type>
  const Type& field_as(std::string_view field, const char* type_name) const;
  [[noreturn]] void refuse(std::string_view what) const;

  MappedFile file_;
  GgufIndex index_;
};

}  // namespace antiphon::models

#include "models/weights/safetensors.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

namespace antiphon::models {
namespace {

using nlohmann::json;

constexpr std::uint64_t kHeaderBytesMax = 100 * 1000 * 1000;  // the format's own limit

struct TypeName {
  std::string_view name;
  ElementType type;
  std::size_t bytes;
};
constexpr std::array<TypeName, 10> kTypes{{{"F64", ElementType::kF64, 8},
                                           {"F32", ElementType::kF32, 4},
                                           {"F16", ElementType::kF16, 2},
                                           {"BF16", ElementType::kBf16, 2},
                                           {"I64", ElementType::kI64, 8},
                                           {"I32", ElementType::kI32, 4},
                                           {"I16", ElementType::kI16, 2},
                                           {"I8", ElementType::kI8, 1},
                                           {"U8", ElementType::kU8, 1},
                                           {"BOOL", ElementType::kBool, 1}}};

[[noreturn]] void refuse(const std::string& what) {
  throw std::runtime_error(what);
}

const TypeName& type_named(const std::string& name, const std::string& tensor) {
  for (const TypeName& type : kTypes) {
    if (type.name == name) return type;
  }
  refuse("tensor '" + tensor + "' has the unknown type '" + name + "'");
}

std::uint64_t unsigned_field(const json& value, const std::string& tensor, const char* field) {
  if (!value.is_number_unsigned()) refuse("tensor '" + tensor + "': " + field + " is not a whole number");
  return value.get<std::uint64_t>();
}

// Throws if the shape's element count times the element's size does not fit 63 bits.
std::uint64_t byte_count(const std::vector<std::int64_t>& shape, std::size_t element_bytes,
                         const std::string& tensor) {
  std::uint64_t count = element_bytes;
  for (const std::int64_t extent : shape) {
    if (extent != 0 && count > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) /
                                   static_cast<std::uint64_t>(extent)) {
      refuse("tensor '" + tensor + "': its shape is too large");
    }
    count *= static_cast<std::uint64_t>(extent);
  }
  return count;
}

TensorView parse_tensor(const std::string& name, const json& entry, std::span<const std::byte> data) {
  if (!entry.is_object() || !entry.contains("dtype") || !entry.contains("shape") ||
      !entry.contains("data_offsets")) {
    refuse("tensor '" + name + "' lacks dtype, shape or data_offsets");
  }
  const json& offsets = entry["data_offsets"];
  if (!entry["dtype"].is_string() || !entry["shape"].is_array() || !offsets.is_array() ||
      offsets.size() != 2) {
    refuse("tensor '" + name + "': dtype, shape or data_offsets has the wrong form");
  }
  const TypeName& type = type_named(entry["dtype"].get<std::string>(), name);
  TensorView view{.type = type.type, .shape = {}, .bytes = {}};
  for (const json& extent : entry["shape"]) {
    const std::uint64_t value = unsigned_field(extent, name, "shape");
    if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      refuse("tensor '" + name + "': its shape is too large");
    }
    view.shape.push_back(static_cast<std::int64_t>(value));
  }
  const std::uint64_t begin = unsigned_field(offsets[0], name, "data_offsets");
  const std::uint64_t end = unsigned_field(offsets[1], name, "data_offsets");
  if (begin > end || end > data.size()) {
    refuse("tensor '" + name + "' lies outside the file (truncated?)");
  }
  if (byte_count(view.shape, type.bytes, name) != end - begin) {
    refuse("tensor '" + name + "': its shape does not match its bytes");
  }
  view.bytes = data.subspan(begin, end - begin);
  return view;
}

void check_no_overlap(const SafetensorsIndex& index) {
  std::vector<std::pair<std::span<const std::byte>, const std::string*>> ranges;
  for (const auto& [name, view] : index.tensors) {
    if (!view.bytes.empty()) ranges.emplace_back(view.bytes, &name);
  }
  std::ranges::sort(ranges, {}, [](const auto& range) { return range.first.data(); });
  for (std::size_t i = 1; i < ranges.size(); ++i) {
    const auto& before = ranges[i - 1].first;
    if (before.data() + before.size() > ranges[i].first.data()) {
      refuse("tensors '" + *ranges[i - 1].second + "' and '" + *ranges[i].second + "' overlap");
    }
  }
}

}  // namespace

std::size_t bytes_of(ElementType type) {
  return std::ranges::find(kTypes, type, &TypeName::type)->bytes;
}

std::int64_t TensorView::elements() const {
  return static_cast<std::int64_t>(bytes.size() / bytes_of(type));
}

SafetensorsIndex parse_safetensors(std::span<const std::byte> bytes) {
  std::uint64_t header_bytes = 0;
  if (bytes.size() < sizeof header_bytes) refuse("too short for a safetensors header");
  std::memcpy(&header_bytes, bytes.data(), sizeof header_bytes);
  bytes = bytes.subspan(sizeof header_bytes);
  if (header_bytes > std::min<std::uint64_t>(kHeaderBytesMax, bytes.size())) {
    refuse("the safetensors header is longer than the file (truncated?)");
  }
  const auto* text = reinterpret_cast<const char*>(bytes.data());
  const json header = json::parse(text, text + header_bytes, nullptr, /*allow_exceptions=*/false);
  if (!header.is_object()) refuse("the safetensors header is not a JSON object");

  SafetensorsIndex index;
  for (const auto& [name, entry] : header.items()) {
    if (name != "__metadata__") {
      index.tensors.emplace(name, parse_tensor(name, entry, bytes.subspan(header_bytes)));
      continue;
    }
    if (!entry.is_object()) refuse("__metadata__ is not an object");
    for (const auto& [key, value] : entry.items()) {
      if (!value.is_string()) refuse("__metadata__ '" + key + "' is not a string");
      index.metadata.emplace(key, value.get<std::string>());
    }
  }
  check_no_overlap(index);
  return index;
}

SafetensorsFile::SafetensorsFile(const std::filesystem::path& path) : file_(path) {
  try {
    index_ = parse_safetensors(file_.bytes());
  } catch (const std::exception& error) {
    refuse("'" + path.string() + "' is not a usable safetensors file: " + error.what());
  }
}

const TensorView& SafetensorsFile::tensor(std::string_view name) const {
  const auto found = index_.tensors.find(name);
  if (found == index_.tensors.end()) {
    refuse("'" + path().string() + "' has no tensor '" + std::string(name) + "'");
  }
  return found->second;
}

std::span<const float> SafetensorsFile::f32(std::string_view name,
                                            std::span<const std::int64_t> shape) const {
  const TensorView& view = tensor(name);
  const bool aligned = reinterpret_cast<std::uintptr_t>(view.bytes.data()) % alignof(float) == 0;
  if (view.type != ElementType::kF32 || !std::ranges::equal(view.shape, shape) || !aligned) {
    refuse("'" + path().string() + "': tensor '" + std::string(name) + "' is not f32 of the expected shape");
  }
  return {reinterpret_cast<const float*>(view.bytes.data()), view.bytes.size() / sizeof(float)};
}

}  // namespace antiphon::models

#include "tests/support/gguf_bytes.h"

namespace antiphon::test {
namespace {

constexpr std::size_t kAlignment = 32;

void pad(std::string* bytes) {
  bytes->resize((bytes->size() + kAlignment - 1) / kAlignment * kAlignment);
}

}  // namespace

GgufBytes& GgufBytes::raw(std::string_view field, std::uint32_t type, std::string_view value) {
  ++fields_;
  directory_fields_ += length_and(field) + of(type);
  directory_fields_ += value;
  return *this;
}

GgufBytes& GgufBytes::whole(std::string_view field, std::uint32_t value) {
  return raw(field, 4, of(value));
}

GgufBytes& GgufBytes::number(std::string_view field, float value) {
  return raw(field, 6, of(value));
}

GgufBytes& GgufBytes::boolean(std::string_view field, bool value) {
  return raw(field, 7, of(static_cast<std::uint8_t>(value)));
}

GgufBytes& GgufBytes::text(std::string_view field, std::string_view value) {
  return raw(field, 8, length_and(value));
}

GgufBytes& GgufBytes::texts(std::string_view field, const std::vector<std::string>& values) {
  std::string array = of<std::uint32_t>(8) + of<std::uint64_t>(values.size());
  for (const std::string& value : values) array += length_and(value);
  return raw(field, 9, array);
}

GgufBytes& GgufBytes::wholes(std::string_view field, const std::vector<std::int32_t>& values) {
  std::string array = of<std::uint32_t>(5) + of<std::uint64_t>(values.size());
  for (const std::int32_t value : values) array += of(value);
  return raw(field, 9, array);
}

GgufBytes& GgufBytes::tensor(std::string_view name, const std::vector<std::uint64_t>& extents,
                             std::uint32_t type, std::string_view bytes) {
  ++tensors_;
  directory_tensors_ += length_and(name) + of(static_cast<std::uint32_t>(extents.size()));
  for (const std::uint64_t extent : extents) directory_tensors_ += of(extent);
  directory_tensors_ += of(type) + of<std::uint64_t>(data_.size());
  data_ += bytes;
  pad(&data_);
  return *this;
}

GgufBytes& GgufBytes::f32(std::string_view name, const std::vector<std::uint64_t>& extents,
                          std::span<const float> values) {
  return tensor(name, extents, 0, {reinterpret_cast<const char*>(values.data()), values.size_bytes()});
}

std::string GgufBytes::bytes() const {
  std::string all = "GGUF" + of<std::uint32_t>(3) + of(tensors_) + of(fields_);
  all += directory_fields_;
  all += directory_tensors_;
  pad(&all);
  return all + data_;
}

}  // namespace antiphon::test

#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace antiphon::test {

// Writes a safetensors file with tensors made in a test.
class SafetensorsWriter {
 public:
  void add_f32(const std::string& name, std::vector<std::int64_t> shape, std::span<const float> values);
  // Keeps the upper half of each f32.
  void add_bf16(const std::string& name, std::vector<std::int64_t> shape, std::span<const float> values);
  void add_i8(const std::string& name, std::vector<std::int64_t> shape, std::span<const std::int8_t> values);
  void write(const std::filesystem::path& path) const;

 private:
  struct Entry {
    const char* type;
    std::vector<std::int64_t> shape;
    std::string bytes;
  };
  std::map<std::string, Entry> entries_;
};

struct F32Tensor {
  std::vector<std::int64_t> shape;
  std::vector<float> values;
};

// Writes made-up weights, for tests of networks that must not need the real ones.
void write_safetensors(const std::filesystem::path& path, const std::map<std::string, F32Tensor>& tensors);

}  // namespace antiphon::test

#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace antiphon::test {

struct F32Tensor {
  std::vector<std::int64_t> shape;
  std::vector<float> values;
};

// Writes made-up weights, for tests of networks that must not need the real ones.
void write_safetensors(const std::filesystem::path& path, const std::map<std::string, F32Tensor>& tensors);

}  // namespace antiphon::test

#include <cstdint>
#include <stdexcept>

#include "models/weights/gguf.h"

// Any bytes are read or refused by a std::runtime_error; every view that the reader hands out can be read.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const auto index = antiphon::models::parse_gguf(std::as_bytes(std::span(data, size)));
    unsigned sum = 0;
    for (const auto& [name, tensor] : index.tensors) {
      if (tensor.columns() < 1 || tensor.rows() < 1) __builtin_trap();
      sum += static_cast<unsigned>(tensor.bytes.front()) + static_cast<unsigned>(tensor.bytes.back());
    }
    for (const auto& [name, value] : index.fields) {
      if (const auto* text = std::get_if<std::string_view>(&value)) {
        for (const char c : *text) sum += static_cast<unsigned char>(c);
      }
    }
    [[maybe_unused]] volatile unsigned kept = sum;
  } catch (const std::runtime_error&) {
    // refused: as it should be
  }
  return 0;
}

#include <cstdint>
#include <stdexcept>

#include "models/weights/safetensors.h"

// Any bytes are read or refused by a std::runtime_error; every view that the reader hands out can be read.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const auto index = antiphon::models::parse_safetensors(std::as_bytes(std::span(data, size)));
    unsigned sum = 0;
    for (const auto& [name, tensor] : index.tensors) {
      if (tensor.elements() < 0) __builtin_trap();
      for (const std::byte value : tensor.bytes) sum += static_cast<unsigned>(value);
    }
    [[maybe_unused]] volatile unsigned kept = sum;
  } catch (const std::runtime_error&) {
    // refused: as it should be
  }
  return 0;
}

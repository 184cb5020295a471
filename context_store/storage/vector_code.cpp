#include "context_store/storage/vector_code.h"

#include <algorithm>
#include <cmath>

namespace antiphon::context_store {

std::string encode_vector(std::span<const float> direction) {
  float largest = 0;
  for (const float component : direction) largest = std::max(largest, std::abs(component));
  const float scale = largest > 0 ? 127 / largest : 0;
  std::string bytes;
  bytes.reserve(direction.size());
  for (const float component : direction) {
    bytes.push_back(static_cast<char>(static_cast<std::int8_t>(std::lround(component * scale))));
  }
  return bytes;
}

float likeness(std::string_view encoded, std::span<const float> direction) {
  if (encoded.size() != direction.size()) return 0;
  float product = 0;
  float square = 0;
  float encoded_square = 0;
  for (std::size_t i = 0; i < encoded.size(); ++i) {
    const auto component = static_cast<float>(static_cast<std::int8_t>(encoded[i]));
    product += component * direction[i];
    square += direction[i] * direction[i];
    encoded_square += component * component;
  }
  const float lengths = std::sqrt(square * encoded_square);
  return lengths > 0 ? product / lengths : 0;
}

}  // namespace antiphon::context_store

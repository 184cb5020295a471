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

ComparedDirection::ComparedDirection(std::span<const float> direction) {
  constexpr float kLargest = 4096;  // products of 4,096 components, each with one of 127, fit 32 bits
  float largest = 0;
  for (const float component : direction) largest = std::max(largest, std::abs(component));
  const float scale = largest > 0 ? kLargest / largest : 0;
  float square = 0;
  for (const float component : direction) {
    components_.push_back(static_cast<std::int16_t>(std::lround(component * scale)));
    square += static_cast<float>(components_.back()) * static_cast<float>(components_.back());
  }
  length_ = std::sqrt(square);
}

float ComparedDirection::likeness(std::string_view encoded) const {
  if (encoded.size() != components_.size()) return 0;
  std::int32_t product = 0;
  std::int32_t square = 0;
  for (std::size_t i = 0; i < encoded.size(); ++i) {
    const auto component = static_cast<std::int16_t>(static_cast<std::int8_t>(encoded[i]));
    product += component * components_[i];
    square += component * component;
  }
  const float lengths = length_ * std::sqrt(static_cast<float>(square));
  return lengths > 0 ? static_cast<float>(product) / lengths : 0;
}

}  // namespace antiphon::context_store

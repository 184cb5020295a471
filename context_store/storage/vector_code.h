#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace antiphon::context_store {

// A direction in one byte a component: scaled so that the largest is 127. Its length is lost, which its
// likeness to others does not need.
std::string encode_vector(std::span<const float> direction);

// A direction that many encoded ones are compared with.
class ComparedDirection {
 public:
  explicit ComparedDirection(std::span<const float> direction);

  // The cosine of the angle between the two; 0 if their sizes differ or one is zero.
  float likeness(std::string_view encoded) const;

 private:
  std::vector<std::int16_t> components_;  // whole numbers: their products are several times as fast
  float length_ = 0;
};

}  // namespace antiphon::context_store

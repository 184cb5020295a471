#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace antiphon::context_store {

// A direction in one byte a component: scaled so that the largest is 127. Its length is lost, which likeness
// does not need.
std::string encode_vector(std::span<const float> direction);

// The cosine of the angle between an encoded direction and another; 0 if their sizes differ or one is zero.
float likeness(std::string_view encoded, std::span<const float> direction);

}  // namespace antiphon::context_store

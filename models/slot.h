#pragma once

#include <cstdint>

namespace antiphon::models {

// A row of a network's state table, lent to one session. Slots of a network count from 0 to slots() - 1.
enum class Slot : std::int32_t {};

constexpr int index(Slot slot) {
  return static_cast<int>(slot);
}

}  // namespace antiphon::models

#pragma once

#include <cstdint>

namespace antiphon::models {

using Token = std::int32_t;  // an index into a language model's vocabulary

}  // namespace antiphon::models

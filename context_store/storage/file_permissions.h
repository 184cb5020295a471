#pragma once

#include <sys/types.h>

namespace antiphon::context_store {

inline constexpr mode_t kFilePermissions = 0600;  // what people said is nobody else's business

}  // namespace antiphon::context_store

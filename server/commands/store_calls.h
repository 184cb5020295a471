#pragma once

#include <chrono>
#include <stdexcept>
#include <utility>

#include "context_store/graph_types.h"
#include "context_store/result.h"

namespace antiphon::server {

// The clock that turns are dated by.
inline context_store::Timestamp store_now() {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

// The value. Throws std::runtime_error with the store's sentence if there is none.
template <typename T>
T or_throw(context_store::Result<T> result) {
  if (!result) throw std::runtime_error(result.error().what);
  return std::move(result).value();
}

}  // namespace antiphon::server

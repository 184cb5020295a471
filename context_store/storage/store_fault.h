// Inside the room an error travels as an exception up to the public call, which returns it as a value: a read
// of one block may be ten calls below it.
#pragma once

#include <exception>
#include <string>
#include <utility>
#include <variant>

#include "context_store/result.h"

namespace antiphon::context_store {

class StoreFault final : public std::exception {
 public:
  StoreFault(StoreError::Kind kind, std::string what) : error_{kind, std::move(what)} {}
  const char* what() const noexcept override { return error_.what.c_str(); }
  const StoreError& error() const { return error_; }

 private:
  StoreError error_;
};

// The other way round: a value as such, an error as an exception.
template <typename T>
T must(Result<T> result) {
  if (!result) throw StoreFault(result.error().kind, result.error().what);
  return std::move(result).value();
}

// Runs a body that may throw StoreFault.
template <typename T, typename Body>
Result<T> guarded(Body&& body) {
  try {
    return std::forward<Body>(body)();
  } catch (const StoreFault& fault) {
    return fault.error();
  }
}

}  // namespace antiphon::context_store

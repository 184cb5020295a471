// What a call of the store can answer besides its value.
#pragma once

#include <cassert>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>

namespace antiphon::context_store {

struct StoreError {
  enum class Kind : std::uint8_t {
    kCorrupt,      // a block is not what was written; `what` names it
    kFull,         // no room on the disk or in the map; nothing of the call was written
    kInputOutput,  // the disk failed while writing: nothing was acknowledged; the store takes no more writes
    kReadOnly,     // a commit failed before, or the store was opened for reading
    kNotFound,     // there is no such tenant, user, session or turn
    kRefused,      // an argument breaks a limit; `what` names it
    kOutside,      // beyond the path of the snapshot or lease
  };
  Kind kind = Kind::kCorrupt;
  std::string what;  // one sentence for the log
};

// A value, or why there is none.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::move(value)) {}
  Result(StoreError error) : state_(std::move(error)) {}

  bool ok() const { return std::holds_alternative<T>(state_); }
  explicit operator bool() const { return ok(); }

  // REQUIRES: ok().
  T& value() & {
    assert(ok());
    return std::get<T>(state_);
  }
  const T& value() const& {
    assert(ok());
    return std::get<T>(state_);
  }
  T value() && {  // by value: a loop over a temporary result must not dangle
    assert(ok());
    return std::get<T>(std::move(state_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  // REQUIRES: !ok().
  const StoreError& error() const {
    assert(!ok());
    return std::get<StoreError>(state_);
  }

 private:
  std::variant<T, StoreError> state_;
};

using Status = Result<std::monostate>;

}  // namespace antiphon::context_store

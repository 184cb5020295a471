// Long model work as a coroutine that runs one bounded step per call.
//
// A forward pass is written as straight code and says `co_await kNextStep;` where it may be interrupted,
// for example between layers. Its caller, the compute scheduler, calls step() until done(). Dropping a
// Stepped between two steps drops the work and frees everything that it held.
//
//   Stepped<Tensor> encode(...) {
//     for (const Layer& layer : layers) {
//       x = run(layer, x);
//       co_await kNextStep;
//     }
//     co_return x;
//   }
//   Stepped<Text> transcribe(...) { Tensor x = co_await encode(...); ... }
//
// Owner:  one thread at a time; it may move between threads between two steps.
// Memory: one heap allocation for each coroutine, so never on the frame path.
// Errors: an exception leaves through step() of the outermost coroutine.
// Lifetime: references and spans given to a coroutine must outlive it; pass values where they may not.
#pragma once

#include <cassert>
#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

namespace antiphon::models {

struct NextStep {};
inline constexpr NextStep kNextStep{};

template <class Result>
class Stepped;

namespace stepped_detail {

struct PromiseBase {
  PromiseBase* root = this;           // the outermost coroutine's promise
  std::coroutine_handle<> innermost;  // only in the root: what step() resumes
  std::coroutine_handle<> parent;     // null in the root
  std::exception_ptr error;

  struct Boundary {
    PromiseBase* promise;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> self) const noexcept { promise->root->innermost = self; }
    void await_resume() const noexcept {}
  };
  struct Final {
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> self) const noexcept {
      PromiseBase& promise = self.promise();
      if (!promise.parent) return std::noop_coroutine();
      promise.root->innermost = promise.parent;
      return promise.parent;
    }
    void await_resume() const noexcept {}
  };

  std::suspend_always initial_suspend() const noexcept { return {}; }
  Final final_suspend() const noexcept { return {}; }
  void unhandled_exception() noexcept { error = std::current_exception(); }
  Boundary await_transform(NextStep) noexcept { return {this}; }
  template <class Other>
  auto await_transform(Stepped<Other>&& child) noexcept;
};

template <class Result>
struct Promise : PromiseBase {
  std::optional<Result> result;
  Stepped<Result> get_return_object();
  template <class Value>
  void return_value(Value&& value) {
    result.emplace(std::forward<Value>(value));
  }
  Result take() { return std::move(*result); }
};

template <>
struct Promise<void> : PromiseBase {
  Stepped<void> get_return_object();
  void return_void() noexcept {}
  void take() noexcept {}
};

}  // namespace stepped_detail

template <class Result>
class [[nodiscard]] Stepped {
 public:
  using promise_type = stepped_detail::Promise<Result>;
  using Handle = std::coroutine_handle<promise_type>;

  Stepped() = default;
  explicit Stepped(Handle handle) : handle_(handle) { handle_.promise().innermost = handle_; }
  Stepped(Stepped&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  Stepped& operator=(Stepped&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Stepped() {
    if (handle_) handle_.destroy();
  }

  // REQUIRES: not done(). Runs until the next boundary or the end; returns done().
  bool step() {
    assert(handle_ && !handle_.done());
    handle_.promise().innermost.resume();
    if (handle_.done() && handle_.promise().error) std::rethrow_exception(handle_.promise().error);
    return handle_.done();
  }
  bool done() const { return handle_.done(); }

  // REQUIRES: done(), and not called before.
  Result take() {
    assert(done());
    return handle_.promise().take();
  }

  // Runs what is left at once; for programs without a scheduler.
  Result run_to_end() {
    while (!done()) step();
    return take();
  }

 private:
  friend struct stepped_detail::PromiseBase;
  Handle handle_;
};

namespace stepped_detail {

template <class Result>
struct ChildAwaiter {
  Stepped<Result> child;
  std::coroutine_handle<Promise<Result>> handle;
  PromiseBase* parent;

  bool await_ready() const noexcept { return handle.done(); }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> self) noexcept {
    PromiseBase& promise = handle.promise();
    promise.root = parent->root;
    promise.parent = self;
    promise.root->innermost = handle;
    return handle;
  }
  Result await_resume() {
    if (handle.promise().error) std::rethrow_exception(handle.promise().error);
    return handle.promise().take();
  }
};

template <class Other>
auto PromiseBase::await_transform(Stepped<Other>&& child) noexcept {
  const auto handle = child.handle_;
  return ChildAwaiter<Other>{std::move(child), handle, this};
}

template <class Result>
Stepped<Result> Promise<Result>::get_return_object() {
  return Stepped<Result>(std::coroutine_handle<Promise>::from_promise(*this));
}

inline Stepped<void> Promise<void>::get_return_object() {
  return Stepped<void>(std::coroutine_handle<Promise>::from_promise(*this));
}

}  // namespace stepped_detail
}  // namespace antiphon::models

#include "server/net/io_bell.h"

#include <thread>
#include <utility>

namespace antiphon::server {

class JobWaiter::Bell final : public pipeline::JobBell, public std::enable_shared_from_this<Bell> {
 public:
  Bell(asio::io_context::executor_type executor, asio::steady_timer& timer)
      : executor_(std::move(executor)), timer_(&timer) {}

  void ring() noexcept override {
    if (pending_.exchange(true, std::memory_order_acq_rel)) return;
    posting_.fetch_add(1, std::memory_order_seq_cst);
    if (!closed_.load(std::memory_order_seq_cst)) {
      asio::post(executor_, [bell = shared_from_this()] { bell->heard(); });
    }
    posting_.fetch_sub(1, std::memory_order_release);
  }

  // The I/O thread: the executor is not used any more.
  void close() {
    timer_ = nullptr;
    closed_.store(true, std::memory_order_seq_cst);
    while (posting_.load(std::memory_order_seq_cst) > 0) std::this_thread::yield();
  }

 private:
  void heard() {
    pending_.exchange(false, std::memory_order_acq_rel);
    if (timer_ != nullptr) timer_->expires_at(asio::steady_timer::time_point::min());
  }

  asio::io_context::executor_type executor_;
  std::atomic<bool> pending_ = false;
  // close() against ring(): each sets its own, then looks at the other's.
  std::atomic<int> posting_ = 0;
  std::atomic<bool> closed_ = false;
  asio::steady_timer* timer_;  // the I/O thread's
};

JobWaiter::JobWaiter(asio::io_context& io)
    : timer_(io, kNever), bell_(std::make_shared<Bell>(io.get_executor(), timer_)) {}

JobWaiter::~JobWaiter() {
  bell_->close();
}

std::shared_ptr<pipeline::JobBell> JobWaiter::bell() const {
  return bell_;
}

asio::awaitable<void> JobWaiter::wait() {
  // A ring between the last look and this wait has expired the timer, and the wait ends at once.
  co_await timer_.async_wait(kAsTuple);
  timer_.expires_at(kNever);
}

}  // namespace antiphon::server

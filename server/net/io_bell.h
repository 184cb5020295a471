#pragma once

#include <atomic>
#include <memory>

#include "pipeline/jobs/job_seat.h"
#include "server/net/asio.h"

namespace antiphon::server {

// Lets a coroutine on an I/O thread wait for a job whose work comes back on a compute lane.
//
// Owner:    the coroutine. The bell that it gives away may be rung later than its death, for nothing.
// Overload: one posted wake-up is in flight at most.
class JobWaiter {
 public:
  explicit JobWaiter(asio::io_context& io);
  ~JobWaiter();
  JobWaiter(const JobWaiter&) = delete;
  JobWaiter& operator=(const JobWaiter&) = delete;

  std::shared_ptr<pipeline::JobBell> bell() const;
  // Until the bell has been rung since the last wait began.
  asio::awaitable<void> wait();

 private:
  class Bell;

  asio::steady_timer timer_;
  std::shared_ptr<Bell> bell_;
};

}  // namespace antiphon::server

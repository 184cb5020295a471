#include "pipeline/runtime/thread_role.h"

#include <linux/capability.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cassert>
#include <cerrno>
#include <system_error>
#include <utility>

namespace antiphon::pipeline {
namespace {

constexpr int kMediaPriority = 10;    // of 1 to 99; low among the real-time ones, above everything else
constexpr int kRealtimePriority = 9;  // a tick goes before the network that looks at its audio
constexpr int kComputeNice = 5;
constexpr int kIoNice = -10;  // what it waits for goes at once; it never computes for long

struct Traits {
  const char* name;
  int fifo_priority;  // 0: not SCHED_FIFO
  int nice;
};

Traits traits_of(ThreadRole role) {
  switch (role) {
    case ThreadRole::kMediaWorker:
      return {"media", kMediaPriority, 0};
    case ThreadRole::kRealtimeLane:
      return {"realtime", kRealtimePriority, 0};
    case ThreadRole::kComputeLane:
      return {"compute", 0, kComputeNice};
    case ThreadRole::kStore:
      return {"store", 0, 0};
    case ThreadRole::kIo:
      return {"io", 0, kIoNice};
  }
  assert(false);
  return {};
}

std::string reason(int error) {
  return std::generic_category().message(error);
}

// Returns an error number.
int set_fifo(int priority) {
  prctl(PR_SET_TIMERSLACK, 1UL);  // the default lets a sleep end 50 us late
  sched_param parameters{};
  parameters.sched_priority = priority;
  return pthread_setschedparam(pthread_self(), SCHED_FIFO, &parameters);
}

// Linux keeps a nice value for each thread. Returns an error number.
int set_nice(int nice) {
  const auto thread = static_cast<id_t>(syscall(SYS_gettid));
  return setpriority(PRIO_PROCESS, thread, nice) == 0 ? 0 : errno;
}

bool may_lock_without_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur == RLIM_INFINITY) return true;
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> data{};
  if (syscall(SYS_capget, &header, data.data()) != 0) return false;
  return (data[CAP_TO_INDEX(CAP_IPC_LOCK)].effective & CAP_TO_MASK(CAP_IPC_LOCK)) != 0;
}

}  // namespace

RoleStatus take_role(ThreadRole role, int number) {
  const Traits traits = traits_of(role);
  const std::string name = std::string(traits.name) + "-" + std::to_string(number);
  pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());  // the kernel keeps 15 characters
  if (traits.fifo_priority > 0) {
    const int error = set_fifo(traits.fifo_priority);
    if (error != 0) return {false, "thread " + name + " runs without SCHED_FIFO: " + reason(error)};
  }
  if (traits.nice != 0) {
    const int error = set_nice(traits.nice);
    if (error != 0) return {false, "thread " + name + " runs without its nice value: " + reason(error)};
  }
  return {};
}

std::string lock_memory() {
  if (!may_lock_without_limit()) {
    return "memory is not locked: needs CAP_IPC_LOCK or an unlimited RLIMIT_MEMLOCK";
  }
  if (mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) != 0) return "memory is not locked: " + reason(errno);
  return {};
}

RoleThread::RoleThread(ThreadRole role, int number, std::function<void()> body) {
  std::promise<RoleStatus> promise;
  status_ = promise.get_future();
  thread_ = std::jthread([role, number, status = std::move(promise), run = std::move(body)]() mutable {
    status.set_value(take_role(role, number));
    run();
  });
}

}  // namespace antiphon::pipeline

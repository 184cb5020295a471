#include "tests/integration/context_store/disk_shim.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cassert>
#include <cerrno>
#include <cstdio>
#include <mutex>
#include <optional>

namespace antiphon::test {
namespace {

// What the shim does now. Guarded by the mutex; `active` lets all other calls of the program pass at once.
struct State {
  std::mutex mutex;
  std::string folder;
  DiskShim::Plan plan;
  std::uint64_t calls = 0;
  bool fired = false;
  std::vector<DiskEvent> events;
};
State& state() {
  static State instance;
  return instance;
}
std::atomic<bool> active = false;

std::optional<std::string> watched_file(const std::string& path) {
  const std::string& folder = state().folder;
  if (!path.starts_with(folder + "/")) return std::nullopt;
  std::string name = path.substr(folder.size() + 1);
  if (name.ends_with("-lock") || name.ends_with(".lock"))
    return std::nullopt;  // worth nothing after a restart
  return name;
}

std::optional<std::string> watched_file(int descriptor) {
  std::array<char, 4096> path{};
  const std::string link = "/proc/self/fd/" + std::to_string(descriptor);
  const ssize_t size = ::readlink(link.c_str(), path.data(), path.size());
  if (size <= 0) return std::nullopt;
  std::string found(path.data(), static_cast<std::size_t>(size));
  if (found == state().folder) return ".";
  return watched_file(found);
}

// Counts a call; the fault that it must meet, if any. REQUIRES: the lock.
std::optional<DiskFault> next_fault() {
  State& now = state();
  if (++now.calls != now.plan.fail_at) return std::nullopt;
  now.fired = true;
  return now.plan.fault;
}

int error_of(DiskFault fault) {
  switch (fault) {
    case DiskFault::kNoSpace:
      return ENOSPC;
    case DiskFault::kInterrupted:
      return EINTR;
    default:
      return EIO;
  }
}

template <typename Function>
Function* real(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

ssize_t watched_write(int descriptor, const std::string& file, const std::string& bytes,
                      std::uint64_t offset) {
  static auto* const real_pwrite = real<ssize_t(int, const void*, size_t, off_t)>("pwrite");
  const std::lock_guard lock(state().mutex);
  std::size_t size = bytes.size();
  if (const std::optional<DiskFault> fault = next_fault()) {
    if (*fault != DiskFault::kShortWrite) {
      errno = error_of(*fault);
      return -1;
    }
    size /= 2;
  }
  const ssize_t written = real_pwrite(descriptor, bytes.data(), size, static_cast<off_t>(offset));
  if (written > 0 && state().plan.record) {
    const bool durable = (::fcntl(descriptor, F_GETFL) & O_DSYNC) != 0;
    state().events.emplace_back(
        DiskWrite{file, offset, bytes.substr(0, static_cast<std::size_t>(written)), durable});
  }
  return written;
}

// At the descriptor's own place, which moves on.
ssize_t write_here(int descriptor, const std::string& file, const std::string& bytes) {
  const off_t offset = ::lseek(descriptor, 0, SEEK_CUR);
  const ssize_t written = watched_write(descriptor, file, bytes, static_cast<std::uint64_t>(offset));
  if (written > 0) ::lseek(descriptor, written, SEEK_CUR);
  return written;
}

// Of calls that take no bytes: the fault, or the event that the call becomes.
template <typename Call>
int watched_call(DiskEvent event, bool skip, Call&& call) {
  const std::lock_guard lock(state().mutex);
  if (const std::optional<DiskFault> fault = next_fault()) {
    errno = error_of(*fault);
    return -1;
  }
  if (skip) return 0;
  const int result = call();
  if (result == 0 && state().plan.record) state().events.push_back(std::move(event));
  return result;
}

}  // namespace

DiskShim::DiskShim(const std::filesystem::path& folder, const Plan& plan) {
  assert(!active);
  State& now = state();
  now.folder = folder.string();
  now.plan = plan;
  now.calls = 0;
  now.fired = false;
  now.events.clear();
  active = true;
}

DiskShim::~DiskShim() {
  active = false;
}

void DiskShim::mark(std::uint64_t number) {
  const std::lock_guard lock(state().mutex);
  state().events.emplace_back(DiskMark{number});
}

std::uint64_t DiskShim::calls() const {
  return state().calls;
}

bool DiskShim::fired() const {
  return state().fired;
}

const std::vector<DiskEvent>& DiskShim::events() const {
  return state().events;
}

}  // namespace antiphon::test

using namespace antiphon::test;

extern "C" {

ssize_t pwrite(int descriptor, const void* bytes, size_t size, off_t offset) {
  static auto* const real_pwrite = real<ssize_t(int, const void*, size_t, off_t)>("pwrite");
  const auto file = active ? watched_file(descriptor) : std::nullopt;
  if (!file) return real_pwrite(descriptor, bytes, size, offset);
  return watched_write(descriptor, *file, {static_cast<const char*>(bytes), size},
                       static_cast<std::uint64_t>(offset));
}

ssize_t write(int descriptor, const void* bytes, size_t size) {
  static auto* const real_write = real<ssize_t(int, const void*, size_t)>("write");
  const auto file = active ? watched_file(descriptor) : std::nullopt;
  if (!file) return real_write(descriptor, bytes, size);
  return write_here(descriptor, *file, {static_cast<const char*>(bytes), size});
}

ssize_t writev(int descriptor, const struct iovec* parts, int count) {
  static auto* const real_writev = real<ssize_t(int, const struct iovec*, int)>("writev");
  const auto file = active ? watched_file(descriptor) : std::nullopt;
  if (!file) return real_writev(descriptor, parts, count);
  std::string bytes;
  for (int i = 0; i < count; ++i) bytes.append(static_cast<const char*>(parts[i].iov_base), parts[i].iov_len);
  return write_here(descriptor, *file, bytes);
}

int fsync(int descriptor) {
  static auto* const real_fsync = real<int(int)>("fsync");
  const auto file = active ? watched_file(descriptor) : std::nullopt;
  if (!file) return real_fsync(descriptor);
  return watched_call(DiskSync{*file}, false, [&] { return real_fsync(descriptor); });
}

int fdatasync(int descriptor) {
  static auto* const real_fdatasync = real<int(int)>("fdatasync");
  const auto file = active ? watched_file(descriptor) : std::nullopt;
  if (!file) return real_fdatasync(descriptor);
  return watched_call(DiskSync{*file}, state().plan.skip_data_syncs,
                      [&] { return real_fdatasync(descriptor); });
}

int ftruncate(int descriptor, off_t size) noexcept {
  static auto* const real_ftruncate = real<int(int, off_t)>("ftruncate");
  const auto file = active ? watched_file(descriptor) : std::nullopt;
  if (!file) return real_ftruncate(descriptor, size);
  return watched_call(DiskTruncate{*file, static_cast<std::uint64_t>(size)}, false,
                      [&] { return real_ftruncate(descriptor, size); });
}

int rename(const char* from, const char* to) noexcept {
  static auto* const real_rename = real<int(const char*, const char*)>("rename");
  const auto file = active ? watched_file(std::string(from)) : std::nullopt;
  if (!file) return real_rename(from, to);
  const auto target = watched_file(std::string(to));
  return watched_call(DiskRename{*file, target.value_or("")}, false, [&] { return real_rename(from, to); });
}

}  // extern "C"

#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "context_store/path.h"
#include "context_store/path_table.h"

namespace antiphon::context_store {

// Why paths were not given: who is in the way, and where.
struct Conflict {
  Path wanted;
  Path held;
  std::string holder;
  bool waiting = false;  // the other one only waits for the path, but came first
};

class LeaseRegistry;

// The right to be the only writer of a path and all below it, given back with the object.
class Holding {
 public:
  Holding(Holding&& other) noexcept;
  Holding& operator=(Holding&& other) noexcept;
  Holding(const Holding&) = delete;
  Holding& operator=(const Holding&) = delete;
  ~Holding();

  const Path& path() const { return path_; }

  // Hands the path's parts to several writers; the rest of it becomes free. Each name is of a direct child.
  // None is given, and this one stays as it is, if two names are equal or one is no name.
  std::vector<Holding> split(const std::vector<std::string>& children) &&;

 private:
  friend class LeaseRegistry;
  Holding(LeaseRegistry& registry, Path path, std::string holder);

  LeaseRegistry* registry_;  // null: moved from
  Path path_;
  std::string holder_;
};

// At any moment a path, with everything above and below it, has at most one writer. Readers work on snapshots
// and need no permission.
//
// Owner:    any thread; it outlives its holdings.
// Time:     a grant or release is a few look-ups under a lock. acquire() blocks its caller at most until the
//           deadline, asleep; it never polls.
// Fairness: first come, first served where paths overlap: nobody overtakes one who waits.
// Overload: the callers' number bounds the queue; each waits in its own acquire().
class LeaseRegistry {
 public:
  using Deadline = std::chrono::steady_clock::time_point;
  using Grant = std::variant<std::vector<Holding>, Conflict>;

  LeaseRegistry() = default;
  LeaseRegistry(const LeaseRegistry&) = delete;
  LeaseRegistry& operator=(const LeaseRegistry&) = delete;

  // All paths or none, so that nobody who holds some waits for others. A path below another of them is part
  // of that one's holding. The holdings are in the order of the paths. `holder` names the caller to others.
  [[nodiscard]] Grant try_acquire(std::vector<Path> paths, std::string_view holder);
  [[nodiscard]] Grant acquire(std::vector<Path> paths, std::string_view holder, Deadline deadline);

  struct Counts {
    std::size_t held = 0;
    std::size_t waiting = 0;
  };
  Counts counts() const;

 private:
  friend class Holding;
  struct Waiter {
    std::vector<Path> paths;
    std::string holder;
    bool granted = false;
    std::condition_variable ready;
  };

  const Conflict* find_conflict(const std::vector<Path>& paths, std::list<Waiter*>::const_iterator before,
                                Conflict* conflict) const;
  std::vector<Holding> take(const std::vector<Path>& paths, std::string_view holder);
  void release(const Path& path);
  void grant_waiters();
  std::vector<Holding> split(Holding& parent, const std::vector<Path>& children);

  mutable std::mutex mutex_;
  PathTable held_;              // guarded by mutex_
  std::list<Waiter*> waiting_;  // likewise; in the order of their coming
};

}  // namespace antiphon::context_store

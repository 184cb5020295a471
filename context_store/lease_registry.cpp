#include "context_store/lease_registry.h"

#include <algorithm>
#include <cassert>
#include <optional>
#include <utility>

namespace antiphon::context_store {
namespace {

// Sorted, without those that another covers.
std::vector<Path> subsumed(std::vector<Path> paths) {
  std::ranges::sort(paths);
  std::vector<Path> kept;
  for (Path& path : paths) {
    if (kept.empty() || !kept.back().covers(path)) kept.push_back(std::move(path));
  }
  return kept;
}

}  // namespace

Holding::Holding(LeaseRegistry& registry, Path path, std::string holder)
    : registry_(&registry), path_(std::move(path)), holder_(std::move(holder)) {}

Holding::Holding(Holding&& other) noexcept
    : registry_(std::exchange(other.registry_, nullptr)),
      path_(std::move(other.path_)),
      holder_(std::move(other.holder_)) {}

Holding& Holding::operator=(Holding&& other) noexcept {
  if (this != &other) {
    if (registry_ != nullptr) registry_->release(path_);
    registry_ = std::exchange(other.registry_, nullptr);
    path_ = std::move(other.path_);
    holder_ = std::move(other.holder_);
  }
  return *this;
}

Holding::~Holding() {
  if (registry_ != nullptr) registry_->release(path_);
}

std::vector<Holding> Holding::split(const std::vector<std::string>& children) && {
  assert(registry_ != nullptr);
  std::vector<Path> paths;
  for (const std::string& name : children) {
    std::optional<Path> path = path_.child(name);
    if (!path || std::ranges::count(paths, *path) > 0) return {};
    paths.push_back(std::move(*path));
  }
  if (paths.empty()) return {};
  return registry_->split(*this, paths);
}

// The first thing in the way: a holding, or a waiter that came before.
const Conflict* LeaseRegistry::find_conflict(const std::vector<Path>& paths,
                                             std::list<Waiter*>::const_iterator before,
                                             Conflict* conflict) const {
  for (const Path& path : paths) {
    if (const PathTable::Entry* entry = held_.find_overlap(path)) {
      *conflict = {path, entry->path, entry->holder, false};
      return conflict;
    }
  }
  for (auto earlier = waiting_.begin(); earlier != before; ++earlier) {
    for (const Path& theirs : (*earlier)->paths) {
      const auto mine = std::ranges::find_if(paths, [&](const Path& path) { return path.overlaps(theirs); });
      if (mine == paths.end()) continue;
      *conflict = {*mine, theirs, (*earlier)->holder, true};
      return conflict;
    }
  }
  return nullptr;
}

std::vector<Holding> LeaseRegistry::take(const std::vector<Path>& paths, std::string_view holder) {
  std::vector<Holding> holdings;
  holdings.reserve(paths.size());
  for (const Path& path : paths) {
    held_.insert(path, holder);
    holdings.push_back(Holding(*this, path, std::string(holder)));
  }
  return holdings;
}

LeaseRegistry::Grant LeaseRegistry::try_acquire(std::vector<Path> paths, std::string_view holder) {
  paths = subsumed(std::move(paths));
  const std::lock_guard lock(mutex_);
  Conflict conflict;
  if (find_conflict(paths, waiting_.end(), &conflict) != nullptr) return conflict;
  return take(paths, holder);
}

LeaseRegistry::Grant LeaseRegistry::acquire(std::vector<Path> paths, std::string_view holder,
                                            Deadline deadline) {
  paths = subsumed(std::move(paths));
  std::unique_lock lock(mutex_);
  Conflict conflict;
  if (find_conflict(paths, waiting_.end(), &conflict) == nullptr) return take(paths, holder);

  Waiter waiter;
  waiter.paths = std::move(paths);
  waiter.holder = holder;
  const auto place = waiting_.insert(waiting_.end(), &waiter);
  while (!waiter.granted) {
    if (waiter.ready.wait_until(lock, deadline) != std::cv_status::timeout || waiter.granted) continue;
    const bool blocked = find_conflict(waiter.paths, place, &conflict) != nullptr;
    assert(blocked);  // or grant_waiters() would have granted
    static_cast<void>(blocked);
    waiting_.erase(place);
    grant_waiters();  // those behind this one may be free now
    return conflict;
  }
  std::vector<Holding> holdings;
  for (const Path& path : waiter.paths) holdings.push_back(Holding(*this, path, waiter.holder));
  return holdings;
}

void LeaseRegistry::grant_waiters() {
  Conflict unused;
  for (auto at = waiting_.begin(); at != waiting_.end();) {
    Waiter& waiter = **at;
    if (find_conflict(waiter.paths, at, &unused) != nullptr) {
      ++at;
      continue;
    }
    for (const Path& path : waiter.paths) held_.insert(path, waiter.holder);
    waiter.granted = true;
    waiter.ready.notify_one();
    at = waiting_.erase(at);
  }
}

void LeaseRegistry::release(const Path& path) {
  const std::lock_guard lock(mutex_);
  held_.erase(path);
  if (!waiting_.empty()) grant_waiters();
}

std::vector<Holding> LeaseRegistry::split(Holding& parent, const std::vector<Path>& children) {
  const std::lock_guard lock(mutex_);
  held_.erase(parent.path_);
  parent.registry_ = nullptr;
  std::vector<Holding> holdings = take(children, parent.holder_);
  if (!waiting_.empty()) grant_waiters();
  return holdings;
}

LeaseRegistry::Counts LeaseRegistry::counts() const {
  const std::lock_guard lock(mutex_);
  return {held_.size(), waiting_.size()};
}

}  // namespace antiphon::context_store

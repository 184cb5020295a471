#pragma once

#include <atomic>
#include <cstdint>

#include "models/work_sharing.h"
#include "pipeline/runtime/cache_line.h"
#include "pipeline/runtime/doorbell.h"

namespace antiphon::pipeline {

// Lets lanes that have no step of their own take parts of the step that another lane runs.
//
// The step's lane offers parts and takes them too, one by one from a common counter; it waits only for parts
// that others have taken. A helper that leaves or never comes is not missed.
//
// Owner:  run() (models::WorkSharing): the lane that runs a step. Of several at once the first offers its
//         parts, the others do theirs alone. help(): any lane.
// Time:   lock-free. After its own last part run() waits at most for the parts that helpers are inside,
//         about 0.1 ms each: first spinning, then yielding. An offer rings the bell if a lane could still
//         come.
// Memory: none.
class LaneSharing final : public models::WorkSharing {
 public:
  // `lanes`: at most so many take part in a step, the one that runs it included. `bell`: where idle ones
  // sleep.
  LaneSharing(int lanes, Doorbell* bell) : lanes_(lanes), bell_(bell) {}

  // Takes parts while there are any, and if there were some, for a short time after (the step offers more
  // soon), until `own_work` moves away from `seen`.
  void help(const std::atomic<std::uint32_t>& own_work, std::uint32_t seen);

 private:
  void run_parts(int parts, Part run_part, const void* work) override;
  bool take_part();

  const int lanes_;
  Doorbell* const bell_;
  std::atomic<bool> offering_ = false;
  std::atomic<int> helpers_ = 0;  // lanes inside help()

  // The offer: its number in the high half, so that a part of an offer that is over can't be taken, and the
  // parts that nobody has taken in the low half.
  alignas(kCacheLineBytes) std::atomic<std::uint64_t> offer_ = 0;
  // What the offer is about: written while no part can be taken.
  std::atomic<Part> run_part_ = nullptr;
  std::atomic<const void*> work_ = nullptr;
  alignas(kCacheLineBytes) std::atomic<int> done_ = 0;  // parts of the offer that are done
};

}  // namespace antiphon::pipeline

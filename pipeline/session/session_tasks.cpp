#include "pipeline/session/session_tasks.h"

namespace antiphon::pipeline {

bool SessionTasks::submit(std::unique_ptr<ComputeTask>& task) {
  if (!context_.executor->submit(task)) return false;
  ++in_flight_;
  return true;
}

void SessionTasks::cancel(Generation generation) {
  if (in_flight_ == 0) return;
  if (!context_.executor->cancel(context_.id, generation)) cancels_refused_.push_back(generation);
}

void SessionTasks::pump() {
  std::erase_if(cancels_refused_,
                [&](Generation generation) { return context_.executor->cancel(context_.id, generation); });
}

}  // namespace antiphon::pipeline

#include "pipeline/compute/batch_plan.h"

#include <algorithm>
#include <cstddef>

namespace antiphon::pipeline {

std::vector<int> plan_batch(std::span<const BatchWish> wishes, const BatchLimits& limits) {
  std::vector<int> rows(wishes.size(), 0);
  std::vector<std::size_t> prefills;
  Deadline first_decode = Deadline::never();
  int used = 0;
  for (std::size_t i = 0; i < wishes.size(); ++i) {
    if (!wishes[i].decode) {
      prefills.push_back(i);
      continue;
    }
    rows[i] = 1;
    ++used;
    first_decode = std::min(first_decode, wishes[i].deadline);
  }
  const bool decodes = used > 0;
  std::stable_sort(prefills.begin(), prefills.end(),
                   [&](std::size_t a, std::size_t b) { return wishes[a].deadline < wishes[b].deadline; });
  for (const std::size_t i : prefills) {
    const bool most_urgent = !decodes || wishes[i].deadline < first_decode;
    const int limit = most_urgent ? limits.rows_max : limits.rows_beside_decode;
    rows[i] = std::clamp(limit - used, 0, wishes[i].rows);
    used += rows[i];
  }
  return rows;
}

}  // namespace antiphon::pipeline

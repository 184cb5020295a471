#include "models/text/prompt_window.h"

#include <cassert>
#include <cstdint>

namespace antiphon::models::text {

HistoryCut cut_history(std::span<const HistoryItem> history, int tokens_max, int tokens_wanted) {
  assert(0 <= tokens_wanted && tokens_wanted <= tokens_max);
  std::int64_t all = 0;
  for (const HistoryItem& item : history) all += item.tokens;
  if (all <= tokens_max) return {0, static_cast<int>(all)};

  HistoryCut cut{history.size(), 0};
  std::int64_t kept = 0;
  for (std::size_t i = history.size(); i-- > 0;) {
    kept += history[i].tokens;
    const bool nothing_kept_yet = cut.first_kept == history.size();
    if (kept > tokens_wanted && !nothing_kept_yet) break;
    if (history[i].starts_turn || (i == 0 && nothing_kept_yet)) cut = {i, static_cast<int>(kept)};
  }
  return cut;
}

}  // namespace antiphon::models::text

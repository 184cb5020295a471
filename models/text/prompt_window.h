#pragma once

#include <cstddef>
#include <span>

namespace antiphon::models::text {

// A message of the history, the system message and examples not counted.
struct HistoryItem {
  int tokens = 0;
  bool starts_turn = false;  // a user's message that answers no tool call
};

struct HistoryCut {
  std::size_t first_kept = 0;  // items before it are dropped
  int tokens_kept = 0;
};

// Which messages to keep so that a conversation fits its context: all if they take at most `tokens_max`; else
// the most that take at most `tokens_wanted`, cut in front of a turn. The last turn is always kept, so
// tokens_kept can be more than that. Cutting deeper than needed makes cuts rare: after one, what is kept has
// to be read again. REQUIRES: 0 <= tokens_wanted <= tokens_max; no negative size.  Pure.
HistoryCut cut_history(std::span<const HistoryItem> history, int tokens_max, int tokens_wanted);

}  // namespace antiphon::models::text

// A decoder-only language model over token ids. Text and chat templates live in models/text.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "models/slot.h"
#include "models/stepped.h"
#include "models/token.h"
#include "models/work_sharing.h"

namespace antiphon::models {

// One token to append to one slot.
struct TokenRow {
  Slot slot{};
  Token token = 0;
  bool wants_logits = false;  // keep the scores of the token that follows this one
};

// The scores of the next token for each of `slots()` conversations, whose keys and values it keeps.
//
// Everything is one operation: forward() appends rows (slot, token) in one pass over the weights. A prompt's
// chunk, the next token of twenty conversations, or both mixed, are just rows; a pass costs about the same
// for 1 to 8 rows, because reading the weights is what takes the time.
//
// Owner:    the compute lanes. Calls about one slot must not overlap, and a slot is untouchable (but for
// length())
//           while a forward() that names it is neither done nor dropped. Passes over different slots may be
//           in progress at once, also on different threads, up to passes_max() of them.
// Time:     each step takes at most about 10 ms on the machine class this is made for, one row or many.
// Dropping: a forward() that is dropped leaves every slot as it was: same length, same logits.
// Memory:   the address range of all slots is reserved at the start, its pages are taken as positions are
//           first written (info().cache_bytes_per_token each) and given back by reset().
// Errors:   a token outside the vocabulary, or more rows than a slot has room for, is a bug (assert).
class LanguageModel {
 public:
  struct Info {
    std::string name;    // as the file says
    std::string family;  // "llama" or "qwen2"
    int layers = 0;
    int width = 0;
    int vocabulary = 0;              // tokens count from 0 to vocabulary - 1
    int trained_context_tokens = 0;  // what the network was made for; context_tokens_max() is never more
    std::size_t weight_bytes = 0;    // matrices in memory; a pass reads them all
    std::size_t cache_bytes_per_token = 0;
  };

  LanguageModel() = default;
  LanguageModel(const LanguageModel&) = delete;
  LanguageModel& operator=(const LanguageModel&) = delete;
  virtual ~LanguageModel() = default;

  virtual const Info& info() const = 0;
  virtual int slots() const = 0;
  virtual int context_tokens_max() const = 0;  // positions of one slot
  virtual int passes_max() const = 0;

  // Appends each row's token to its slot, in the order given, and keeps the logits of those that want them
  // (the last such row of a slot wins). Lengths and logits change when the pass is done, all at once.
  // REQUIRES: rows is not empty.
  virtual Stepped<void> forward(std::vector<TokenRow> rows) = 0;
  // The same, bit by bit, with steps that take less time if `sharing` has helpers and the network can be cut
  // into parts. `sharing` outlives the pass; null: alone.
  virtual Stepped<void> forward_shared(std::vector<TokenRow> rows, WorkSharing* /*sharing*/) {
    return forward(std::move(rows));
  }

  // Scores (before any softmax) of each possible token after the slot's last row that wanted them.
  // Valid until the slot's next forward(), copy_prefix() into it, or reset(); empty if there are none.
  virtual std::span<const float> logits(Slot slot) const = 0;

  // Tokens that the slot holds.
  virtual int length(Slot slot) const = 0;

  // Forgets the tokens from `length` on; logits stay as they are.  REQUIRES: 0 <= length <= length(slot).
  virtual void truncate(Slot slot, int length) = 0;

  // Makes `to` hold the first `length` tokens of `from`, without its logits. Takes effect when done.
  // REQUIRES: two different slots, 0 <= length <= length(from).
  virtual Stepped<void> copy_prefix(Slot from, Slot to, int length) = 0;

  // Empties the slot and gives its memory back.
  virtual void reset(Slot slot) = 0;

  // A pass of each kind on an empty slot, so that the first caller pays for nothing.  REQUIRES: slot 0 is
  // empty.
  virtual Stepped<void> warm_up() = 0;
};

// Rows that append `tokens` to a slot and keep the logits after the last one.
inline std::vector<TokenRow> rows_of(Slot slot, std::span<const Token> tokens) {
  std::vector<TokenRow> rows;
  rows.reserve(tokens.size());
  for (const Token token : tokens) rows.push_back({slot, token});
  if (!rows.empty()) rows.back().wants_logits = true;
  return rows;
}

}  // namespace antiphon::models

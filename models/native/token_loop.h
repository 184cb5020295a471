#pragma once

#include <span>

namespace antiphon::models {

// A decoder that repeats itself: the ids end with the same run of tokens, again and again.
struct TokenLoop {
  int period = 0;   // tokens in one repetition; 0: no loop
  int repeats = 0;  // how often it stands at the end, the first included
};

// The shortest loop at the end of `ids` that is at least four repetitions and 16 tokens long: more than
// people say in a row ("no, no, no, no" is 8), less than what a run-away decoder writes before it meets its
// token limit.
TokenLoop find_token_loop(std::span<const int> ids);

}  // namespace antiphon::models

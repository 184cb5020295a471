#pragma once

#include <span>
#include <vector>

namespace antiphon::models {

// When each token was spoken, from how the decoder attended to the encoder's rows when it chose the token:
// dynamic time warping finds the monotone path through the attention that collects most weight.
// https://arxiv.org/abs/2212.04356 (the idea, for Whisper)
struct RowSpan {
  int first = 0;
  int last = 0;  // inclusive
};

// `attention` [tokens, rows], `rows` > 0. One span for each token; neighbours share at most a row.
std::vector<RowSpan> align_tokens(std::span<const float> attention, int rows);

// Where in the span of a word its sound begins: the first row at which `share` of the attention that the
// word's tokens [token_first, token_end) pay to the span is reached. A pause before the word gets little
// attention.
int onset_row(std::span<const float> attention, int rows, int token_first, int token_end, RowSpan span,
              float share);

}  // namespace antiphon::models

#include "models/native/attention_alignment.h"

#include <cassert>
#include <cstdint>
#include <limits>

namespace antiphon::models {
namespace {

enum class From : std::uint8_t { kDiagonal, kToken, kRow };

// For each cell (token, row) the best predecessor of the cheapest path from (0, 0), the cost of a cell being
// its negative attention.
std::vector<From> best_predecessors(std::span<const float> attention, std::size_t tokens, std::size_t rows) {
  constexpr float kUnreachable = std::numeric_limits<float>::infinity();
  std::vector<From> from(tokens * rows);
  std::vector<float> above(rows + 1, kUnreachable);  // costs of the token before, shifted by one row
  std::vector<float> here(rows + 1, kUnreachable);
  above[0] = 0;
  for (std::size_t token = 0; token < tokens; ++token) {
    here[0] = kUnreachable;
    for (std::size_t row = 0; row < rows; ++row) {
      float best = above[row];
      From direction = From::kDiagonal;
      if (above[row + 1] < best) best = above[row + 1], direction = From::kToken;
      if (here[row] < best) best = here[row], direction = From::kRow;
      here[row + 1] = best - attention[token * rows + row];
      from[token * rows + row] = direction;
    }
    above.swap(here);
  }
  return from;
}

}  // namespace

std::vector<RowSpan> align_tokens(std::span<const float> attention, int rows) {
  assert(rows > 0 && attention.size() % static_cast<std::size_t>(rows) == 0);
  const std::size_t width = static_cast<std::size_t>(rows);
  const std::size_t tokens = attention.size() / width;
  std::vector<RowSpan> spans(tokens);
  if (tokens == 0) return spans;
  const std::vector<From> from = best_predecessors(attention, tokens, width);
  std::size_t token = tokens - 1;
  std::size_t row = width - 1;
  spans[token].last = static_cast<int>(row);
  while (true) {
    spans[token].first = static_cast<int>(row);
    if (token == 0 && row == 0) return spans;
    const From direction = token == 0 ? From::kRow : row == 0 ? From::kToken : from[token * width + row];
    if (direction != From::kToken) --row;
    if (direction != From::kRow) spans[--token].last = static_cast<int>(row);
  }
}

int onset_row(std::span<const float> attention, int rows, int token_first, int token_end, RowSpan span,
              float share) {
  const auto paid_to = [&](int row) {
    float sum = 0;
    for (int token = token_first; token < token_end; ++token) {
      sum += attention[static_cast<std::size_t>(token) * static_cast<std::size_t>(rows) +
                       static_cast<std::size_t>(row)];
    }
    return sum;
  };
  float total = 0;
  for (int row = span.first; row <= span.last; ++row) total += paid_to(row);
  float reached = 0;
  for (int row = span.first; row < span.last; ++row) {
    reached += paid_to(row);
    if (reached >= share * total) return row;
  }
  return span.last;
}

}  // namespace antiphon::models

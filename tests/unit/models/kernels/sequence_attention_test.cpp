#include "models/kernels/sequence_attention.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <tuple>
#include <vector>

#include "tests/unit/models/kernels/random_blocks.h"

namespace antiphon::models::kernels {
namespace {

// Rows of queries, keys and values beside each other, as a network projects them.
struct Sequence {
  int heads, head_size, length;
  int width = heads * head_size;
  int stride = 3 * width;
  std::vector<float> rows;

  const float* part(int row, int index, int head) const {
    return &rows[static_cast<std::size_t>(row * stride + index * width + head * head_size)];
  }
};

Sequence sequence_of(int heads, int head_size, int length) {
  std::mt19937 random(3);
  Sequence sequence{heads, head_size, length, heads * head_size, 3 * heads * head_size, {}};
  sequence.rows = random_values(static_cast<std::size_t>(length * sequence.stride), 1.5F, random);
  return sequence;
}

std::vector<double> exact(const Sequence& sequence, int row, int head) {
  std::vector<double> sums(static_cast<std::size_t>(sequence.head_size));
  double total = 0;
  for (int other = 0; other < sequence.length; ++other) {
    double score = 0;
    for (int d = 0; d < sequence.head_size; ++d) {
      score += double{sequence.part(row, 0, head)[d]} * double{sequence.part(other, 1, head)[d]};
    }
    const double weight = std::exp(score / std::sqrt(sequence.head_size));
    total += weight;
    for (std::size_t d = 0; d < sums.size(); ++d)
      sums[d] += weight * double{sequence.part(other, 2, head)[d]};
  }
  for (double& sum : sums) sum /= total;
  return sums;
}

std::vector<float> attended(const Sequence& sequence, SequenceAttention& attention, int first, int count) {
  attention.read(sequence.part(0, 1, 0), sequence.part(0, 2, 0), sequence.stride, sequence.length);
  std::vector<float> out(static_cast<std::size_t>(count * sequence.width));
  attention.attend(sequence.part(first, 0, 0), sequence.stride, count, out.data(), sequence.width);
  return out;
}

TEST(SequenceAttentionTest, IsTheWeightedMeanOfAllValuesWithEveryVariant) {
  for (const auto& [heads, head_size, length] :
       {std::tuple{1, 4, 1}, {3, 36, 15}, {2, 52, 16}, {4, 64, 53}, {2, 20, 130}}) {
    const Sequence sequence = sequence_of(heads, head_size, length);
    for (const Variant variant : supported_variants()) {
      const WithVariant chosen(variant);
      SequenceAttention attention(heads, head_size);
      const std::vector<float> out = attended(sequence, attention, 0, length);
      for (int row = 0; row < length; ++row) {
        for (int head = 0; head < heads; ++head) {
          const std::vector<double> wanted = exact(sequence, row, head);
          for (int d = 0; d < head_size; ++d) {
            ASSERT_NEAR(out[static_cast<std::size_t>(row * sequence.width + head * head_size + d)],
                        wanted[static_cast<std::size_t>(d)], 1e-5)
                << name_of(variant) << " " << length << " " << row;
          }
        }
      }
    }
  }
}

TEST(SequenceAttentionTest, ARowDoesNotDependOnItsCompanyOrOnWhatWasReadBefore) {
  const Sequence longer = sequence_of(2, 36, 61), sequence = sequence_of(2, 36, 37);
  SequenceAttention fresh(2, 36), used(2, 36);
  (void)attended(longer, used, 0, 61);
  const std::vector<float> together = attended(sequence, fresh, 0, 37);
  for (int row = 0; row < 37; ++row) {
    const std::vector<float> alone = attended(sequence, used, row, 1);
    for (std::size_t d = 0; d < alone.size(); ++d) {
      ASSERT_NEAR(alone[d], together[static_cast<std::size_t>(row) * alone.size() + d], 1e-5) << row;
    }
  }
}

}  // namespace
}  // namespace antiphon::models::kernels

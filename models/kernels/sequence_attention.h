#pragma once

#include <cstddef>
#include <vector>

namespace antiphon::models::kernels {

// softmax(q k^T / sqrt(head size)) v for each head, every position of one sequence attending to all of it:
// for networks that read their input as a whole. Keys and values are packed once, like the weights of an
// F32Matrix, and multiplied with many queries; attend() of attention.h is for a few queries and a growing
// cache.
//
// Owner:  one thread at a time.
// Memory: kept to be used again, for the next layer too: keys and values of one sequence, and one block of
//         scores.
class SequenceAttention {
 public:
  SequenceAttention(int heads, int head_size);

  // Takes a copy of keys and values: `length` > 0 rows, `stride` floats apart, of all heads beside each
  // other.
  void read(const float* keys, const float* values, std::ptrdiff_t stride, int length);
  // queries and out: `count` rows of all heads beside each other, not overlapping. A row's result does not
  // depend on the others. REQUIRES: read() was called.
  void attend(const float* queries, std::ptrdiff_t stride, int count, float* out, std::ptrdiff_t out_stride);

 private:
  void read_head(const float* keys, const float* values, std::ptrdiff_t stride, int head);
  void attend_head(const float* queries, std::ptrdiff_t stride, int count, int head, float* out,
                   std::ptrdiff_t out_stride);
  std::size_t head_keys() const;    // floats of one head in keys_
  std::size_t head_values() const;  // and in values_

  int heads_;
  int head_size_;
  int padded_size_;            // head_size rounded up to a whole panel
  int length_ = 0;             // of the sequence
  int padded_length_ = 0;      // rounded up to a whole panel
  std::vector<float> keys_;    // [heads, padded_length / panel, head_size, panel], scaled
  std::vector<float> values_;  // [heads, padded_size / panel, length, panel]
  std::vector<float> zeros_;   // what stands for a bias
  std::vector<float> scores_;  // [block of queries, padded_length]
  std::vector<float> sums_;    // [block of queries, padded_size]
};

}  // namespace antiphon::models::kernels

// attention.h, written once over a vector type V (see simd_vector_ops.h).
#pragma once

#include "models/kernels/attention.h"
#include "models/kernels/simd_vector_ops.h"

namespace antiphon::models::kernels {

template <class V, class Element>
class Attention {
 public:
  static void attend(const AttentionCall<Element>& call) {
    const int group = call.heads / call.kv_heads;
    for (int kv_head = 0; kv_head < call.kv_heads; ++kv_head) {
      const int queries = call.rows * group;  // of this head: row after row, head after head
      for (int first = 0; first < queries; first += kQueries) {
        Block block(call, kv_head, first, first + kQueries < queries ? kQueries : queries - first);
        block.run();
      }
    }
  }

 private:
  using T = typename V::Type;
  static constexpr int kQueries = 8;     // that share a loaded key or value
  static constexpr int kPositions = 64;  // between two rescalings
  static constexpr int kLanes = V::kLanes;

  static T load_key(const Element* from, int lanes) {
    return lanes == kLanes ? V::load(from) : V::load_part(from, lanes);
  }

  class Block {
   public:
    Block(const AttentionCall<Element>& call, int kv_head, int first, int queries)
        : call_(call), queries_(queries), size_(call.head_size) {
      const int group = call.heads / call.kv_heads;
      keys_ = call.keys + kv_head * call.cache_stride;
      values_ = call.values + kv_head * call.cache_stride;
      for (int j = 0; j < queries; ++j) {
        const int row = (first + j) / group;
        const int head = kv_head * group + (first + j) % group;
        out_[j] = call.out + row * call.out_stride + head * size_;
        visible_[j] = call.positions + (call.causal ? row : 0);
        load_query(j, call.queries + row * call.query_stride + head * size_);
        most_[j] = -kInfinity;
        total_[j] = 0;
      }
      // The sums are made for four queries at a time.
      for (int j = queries; j % 4 != 0; ++j) {
        for (int d = 0; d < kHeadSizeMax + 2 * kLanes; ++d) sums_[j][d] = 0;
        for (int p = 0; p < kPositions; ++p) weights_[j][p] = 0;
      }
    }

    void run() {
      const int end = visible_[queries_ - 1];
      for (int first = 0; first < end; first += kPositions) {
        const int count = first + kPositions < end ? kPositions : end - first;
        for (int j = 0; j < queries_; j += 2) score_pair(j, first, count);
        for (int j = 0; j < queries_; ++j) weigh(j, first, count);
        for (int d = 0; d < size_; d += 2 * kLanes) {
          accumulate(0, d, first, count);
          if (queries_ > 4) accumulate(4, d, first, count);
        }
      }
      for (int j = 0; j < queries_; ++j) {
        const T factor = V::set(1.0f / total_[j]);
        map_vectors<V>(size_, sums_[j], out_[j], [&](T v, int, int) { return V::mul(v, factor); });
      }
    }

   private:
    void load_query(int j, const float* from) {
      int d = 0;
      for (; d < size_; ++d) query_[j][d] = from[d] * call_.scale;
      for (; d % (2 * kLanes) != 0; ++d) query_[j][d] = 0;
      for (int i = 0; i < d; ++i) sums_[j][i] = 0;
    }

    // Scores of queries j and j + 1, if there is one.
    void score_pair(int j, int first, int count) {
      const int other = j + 1 < queries_ ? j + 1 : j;
      const Element* key = keys_ + static_cast<std::ptrdiff_t>(first) * size_;
      int p = 0;
      for (; p + 4 <= count; p += 4, key += 4 * static_cast<std::ptrdiff_t>(size_)) {
        T a[4], b[4];
        for (int k = 0; k < 4; ++k) a[k] = b[k] = V::set(0);
        for (int d = 0; d < size_; d += kLanes) {
          const int lanes = size_ - d < kLanes ? size_ - d : kLanes;
          const T qa = V::load(query_[j] + d), qb = V::load(query_[other] + d);
          for (int k = 0; k < 4; ++k) {
            const T value = load_key(key + k * static_cast<std::ptrdiff_t>(size_) + d, lanes);
            a[k] = V::fma(qa, value, a[k]);
            b[k] = V::fma(qb, value, b[k]);
          }
        }
        V::sum_four(a, weights_[j] + p);
        V::sum_four(b, weights_[other] + p);
      }
      for (; p < count; ++p, key += size_) {
        T a[4] = {V::set(0), V::set(0), V::set(0), V::set(0)}, b[4] = {a[0], a[0], a[0], a[0]};
        for (int d = 0; d < size_; d += kLanes) {
          const T value = load_key(key + d, size_ - d < kLanes ? size_ - d : kLanes);
          a[0] = V::fma(V::load(query_[j] + d), value, a[0]);
          b[0] = V::fma(V::load(query_[other] + d), value, b[0]);
        }
        float four[4];
        V::sum_four(a, four);
        weights_[j][p] = four[0];
        V::sum_four(b, four);
        weights_[other][p] = four[0];
      }
    }

    // Scores to weights e^(score - largest so far); what was summed up under a smaller largest is rescaled.
    void weigh(int j, int first, int count) {
      float* weights = weights_[j];
      const int seen = visible_[j] - first < count ? visible_[j] - first : count;
      for (int p = seen < 0 ? 0 : seen; p < kPositions; ++p) weights[p] = -kInfinity;
      if (seen <= 0) {
        for (int p = 0; p < kPositions; ++p) weights[p] = 0;
        return;
      }
      const float block_most = VectorOps<V>::largest(weights, kPositions);
      const float most = block_most > most_[j] ? block_most : most_[j];
      if (most > most_[j]) {
        rescale(j, most);
        most_[j] = most;
      }
      T total = V::set(0);
      const T shift = V::set(-most);
      for (int p = 0; p < kPositions; p += kLanes) {
        const T weight = exp_of<V>(V::add(V::load(weights + p), shift));
        V::store(weights + p, weight);
        total = V::add(total, weight);
      }
      // exp_of() makes e^-104 of minus infinity: not quite nothing, but lost in the total.
      for (int p = seen; p < count; ++p) weights[p] = 0;
      total_[j] += V::sum(total);
    }

    void rescale(int j, float most) {
      if (total_[j] == 0) return;
      float factor;
      V::store_part(&factor, exp_of<V>(V::set(most_[j] - most)), 1);
      total_[j] *= factor;
      for (int d = 0; d < size_; d += kLanes)
        V::store(sums_[j] + d, V::mul(V::load(sums_[j] + d), V::set(factor)));
    }

    // sums of queries j .. j + 3, dimensions d .. d + 2 kLanes
    void accumulate(int j, int d, int first, int count) {
      const Element* value = values_ + static_cast<std::ptrdiff_t>(first) * size_ + d;
      const int left = size_ - d;
      const int lanes_a = left < kLanes ? left : kLanes;
      const int lanes_b = left - lanes_a < kLanes ? left - lanes_a : kLanes;
      T a[4], b[4];
      for (int k = 0; k < 4; ++k) {
        a[k] = V::load(sums_[j + k] + d);
        b[k] = V::load(sums_[j + k] + d + kLanes);
      }
      for (int p = 0; p < count; ++p, value += size_) {
        const T va = load_key(value, lanes_a);
        const T vb = lanes_b > 0 ? load_key(value + kLanes, lanes_b) : V::set(0);
        for (int k = 0; k < 4; ++k) {
          const T weight = V::set(weights_[j + k][p]);
          a[k] = V::fma(weight, va, a[k]);
          b[k] = V::fma(weight, vb, b[k]);
        }
      }
      for (int k = 0; k < 4; ++k) {
        V::store(sums_[j + k] + d, a[k]);
        V::store(sums_[j + k] + d + kLanes, b[k]);
      }
    }

    const AttentionCall<Element>& call_;
    const int queries_;
    const int size_;
    const Element* keys_;
    const Element* values_;
    float* out_[kQueries];
    int visible_[kQueries];
    float most_[kQueries];
    float total_[kQueries];
    alignas(64) float query_[kQueries][kHeadSizeMax + 2 * kLanes];
    alignas(64) float sums_[kQueries][kHeadSizeMax + 2 * kLanes];
    alignas(64) float weights_[kQueries][kPositions];
  };
};

}  // namespace antiphon::models::kernels

#pragma once

#include <cstdint>

#include "models/kernels/attention_call.h"

namespace antiphon::models::kernels {

// out = softmax(scale * queries keys^T) values, for each head. Several rows (a prompt's chunk) share each
// loaded key and value, and so do the query heads of a key-value head. The result of a row does not depend on
// the other rows. Needs no scratch memory: goes over the positions in blocks and rescales
// (https://arxiv.org/abs/1805.02867).
//
// REQUIRES: all is in place: rows that see a position find its key and value in the cache.
//           head_size <= kHeadSizeMax.
inline constexpr int kHeadSizeMax = 256;
void attend(const AttentionCall<std::uint16_t>& call);
void attend(const AttentionCall<float>& call);

}  // namespace antiphon::models::kernels

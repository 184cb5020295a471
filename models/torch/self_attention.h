// Only for files in models/torch.
#pragma once

#include <ATen/core/Tensor.h>

namespace antiphon::models::torch {

// softmax(q k^T / sqrt(head width)) v for each head, every position attending to all.
// query_key_value: [time, 3 * width], the three beside each other; returns [time, width].
at::Tensor self_attention(const at::Tensor& query_key_value, int heads);

}  // namespace antiphon::models::torch

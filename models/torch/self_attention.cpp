#include "models/torch/self_attention.h"

#include <ATen/ops/bmm.h>

#include <cmath>

namespace antiphon::models::torch {

at::Tensor self_attention(const at::Tensor& query_key_value, int heads) {
  const std::int64_t time = query_key_value.size(0), width = query_key_value.size(1) / 3;
  const at::Tensor split = query_key_value.view({time, 3, heads, width / heads}).permute({1, 2, 0, 3});
  at::Tensor scores = at::bmm(split[0], split[1].transpose(1, 2));  // [heads, time, time]
  scores.mul_(1 / std::sqrt(static_cast<double>(width / heads)));
  return at::bmm(scores.softmax(-1), split[2]).transpose(0, 1).reshape({time, width});
}

}  // namespace antiphon::models::torch

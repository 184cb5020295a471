#include "models/torch/pre_norm_layer.h"

#include "models/kernels/vector_ops.h"

namespace antiphon::models::torch {

using kernels::Epilogue;

RowNorm::RowNorm(const SafetensorsFile& file, const std::string& name, int width, float epsilon)
    : bias_(static_cast<std::size_t>(width)), epsilon_(epsilon) {
  const auto weight = file.f32(name + ".weight", {width});
  weight_.assign(weight.begin(), weight.end());
  if (!file.has(name + ".bias")) return;
  const auto bias = file.f32(name + ".bias", {width});
  bias_.assign(bias.begin(), bias.end());
}

void RowNorm::operator()(const float* x, int count, float* y) const {
  const std::size_t width = weight_.size();
  for (int i = 0; i < count; ++i, x += width, y += width) {
    kernels::layer_norm({x, width}, weight_.data(), bias_.data(), epsilon_, y);
  }
}

void PreNormLayer::project(const float* x, int count, float* rows, LayerScratch& scratch) const {
  const int width = qkv.inputs();
  scratch.normed.resize(static_cast<std::size_t>(count) * width);
  attention_norm(x, count, scratch.normed.data());
  qkv(scratch.normed.data(), count, width, rows, Epilogue::kStore, scratch.linear);
}

void PreNormLayer::finish(const float* queries, float* x, int count, LayerScratch& scratch) const {
  const int width = qkv.inputs();
  scratch.mixed.resize(static_cast<std::size_t>(count) * width);
  scratch.attention.attend(queries, qkv.outputs(), count, scratch.mixed.data(), width);
  attention_out(scratch.mixed.data(), count, width, x, Epilogue::kAdd, scratch.linear);
  scratch.normed.resize(scratch.mixed.size());
  inner_norm(x, count, scratch.normed.data());
  scratch.inner.resize(static_cast<std::size_t>(count) * fc1.outputs());
  fc1(scratch.normed.data(), count, width, scratch.inner.data(), Epilogue::kGelu, scratch.linear);
  fc2(scratch.inner.data(), count, fc1.outputs(), x, Epilogue::kAdd, scratch.linear);
}

}  // namespace antiphon::models::torch

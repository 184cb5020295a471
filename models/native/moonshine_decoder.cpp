#include "models/native/moonshine_decoder.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <stdexcept>

#include "models/kernels/attention.h"
#include "models/kernels/vector_ops.h"

namespace antiphon::models {
namespace {

constexpr float kNormEpsilon = 1e-5F;

std::size_t size(int a, int b = 1, int c = 1) {
  return static_cast<std::size_t>(a) * static_cast<std::size_t>(b) * static_cast<std::size_t>(c);
}

// x += y
void add(float* x, const float* y, std::size_t count) {
  kernels::add({y, count}, x);
}

std::vector<float> read_f32(const SafetensorsFile& file, const std::string& name, int count) {
  const auto values = file.f32(name, {count});
  return {values.begin(), values.end()};
}

float read_scalar(const SafetensorsFile& file, const std::string& name) {
  const float value = file.f32(name, {1})[0];
  if (!std::isfinite(value))
    throw std::runtime_error(file.path().string() + ": '" + name + "' is not finite");
  return value;
}

// The stacked outputs of tensors that share their input; w = q * scale + offset. uint8 is shifted to int8
// exactly.
kernels::Int8Matrix read_matrix(const SafetensorsFile& file, const std::vector<std::string>& names,
                                int rows_each, int cols) {
  std::vector<std::int8_t> values;
  std::vector<float> scales, offsets;
  for (const std::string& name : names) {
    const TensorView& tensor = file.tensor(name);
    const bool fits = tensor.shape == std::vector<std::int64_t>{rows_each, cols} &&
                      (tensor.type == ElementType::kI8 || tensor.type == ElementType::kU8);
    if (!fits)
      throw std::runtime_error(file.path().string() + ": '" + name + "' is not 8-bit of the expected shape");
    const unsigned flip = tensor.type == ElementType::kU8 ? 0x80U : 0U;
    for (const std::byte byte : tensor.bytes) {
      values.push_back(static_cast<std::int8_t>(std::to_integer<unsigned>(byte) ^ flip));
    }
    const float scale = read_scalar(file, name + ".scale");
    scales.insert(scales.end(), size(rows_each), scale);
    offsets.insert(offsets.end(), size(rows_each),
                   read_scalar(file, name + ".offset") + static_cast<float>(flip) * scale);
  }
  return {rows_each * static_cast<int>(names.size()), cols, values, std::move(scales), std::move(offsets)};
}

// The second published size stores its output matrix again; it must be the embedding, which is all we keep.
void require_shared_output(const SafetensorsFile& file, const MoonshineConfig& config) {
  if (config.tied_embedding) return;
  for (const char* part : {"", ".scale", ".offset"}) {
    const auto output = file.tensor(std::string("proj_out.weight") + part).bytes;
    const auto embedding = file.tensor(std::string("decoder.embed_tokens.weight") + part).bytes;
    if (!std::ranges::equal(output, embedding)) {
      throw std::runtime_error(file.path().string() + ": 'proj_out.weight' differs from the embedding");
    }
  }
}

bool watched(const MoonshineConfig& config, int layer, int head) {
  return std::ranges::find(config.alignment_heads, std::pair(layer, head)) != config.alignment_heads.end();
}

void require_sizes(const SafetensorsFile& file, const MoonshineConfig& config) {
  if (config.hidden_size % 2 == 0 && config.head_dim % 4 == 0 && config.decoder_ffn % 2 == 0) return;
  throw std::runtime_error(file.path().string() + ": its sizes do not fit the kernels");
}

// out [n, outputs] = x [n, inputs] W^T
void multiply(const kernels::Int8Matrix& matrix, const std::vector<float>& x, int tokens,
              kernels::Int16Rows& rounded, float* out) {
  matrix.round(x.data(), tokens, matrix.inputs(), rounded);
  matrix.multiply(rounded, {}, out);
}

}  // namespace

MoonshineDecoder::MoonshineDecoder(const SafetensorsFile& file, const MoonshineConfig& config)
    : config_(config),
      embedding_((require_sizes(file, config),
                  read_matrix(file, {"decoder.embed_tokens.weight"}, config.vocabulary, config.hidden_size))),
      norm_(read_f32(file, "decoder.norm.weight", config.hidden_size)),
      rotary_(config.positions_max, config.rotary_dim, config.rope_theta) {
  require_shared_output(file, config);
  const int width = config.hidden_size;
  for (int i = 0; i < config.decoder_layers; ++i) {
    const std::string layer = "decoder.layers." + std::to_string(i) + ".";
    const auto square = [&](const std::string& attention, const std::vector<std::string>& parts) {
      std::vector<std::string> names;
      for (const std::string& part : parts) names.push_back(layer + attention + part + "_proj.weight");
      return read_matrix(file, names, width, width);
    };
    layers_.push_back({.self_norm = read_f32(file, layer + "input_layernorm.weight", width),
                       .cross_norm = read_f32(file, layer + "post_attention_layernorm.weight", width),
                       .mlp_norm = read_f32(file, layer + "final_layernorm.weight", width),
                       .self_qkv = square("self_attn.", {"q", "k", "v"}),
                       .self_out = square("self_attn.", {"o"}),
                       .cross_query = square("encoder_attn.", {"q"}),
                       .cross_key_value = square("encoder_attn.", {"k", "v"}),
                       .cross_out = square("encoder_attn.", {"o"}),
                       .fc1 = read_matrix(file, {layer + "mlp.fc1.weight"}, 2 * config.decoder_ffn, width),
                       .fc2 = read_matrix(file, {layer + "mlp.fc2.weight"}, width, config.decoder_ffn),
                       .fc1_bias = read_f32(file, layer + "mlp.fc1.bias", 2 * config.decoder_ffn),
                       .fc2_bias = read_f32(file, layer + "mlp.fc2.bias", width)});
  }
}

MoonshineDecoder::State MoonshineDecoder::begin_utterance(int rows, int positions,
                                                          bool watch_attention) const {
  assert(rows > 0 && positions > 0 && positions <= config_.positions_max);
  State state;
  state.rows = rows;
  state.positions_max = positions;
  state.self_cache.resize(size(layers()), std::vector<float>(size(2 * positions, config_.hidden_size)));
  state.cross_cache.resize(size(layers()));
  state.logits.resize(size(kLogitRowsMax, config_.vocabulary));
  if (watch_attention) {
    state.weights.resize(size(rows));
    state.attention.resize(size(positions, rows));
  }
  return state;
}

void MoonshineDecoder::attend_to(State& state, int layer, std::span<const float> encoded, int first,
                                 int count) const {
  const int width = config_.hidden_size;
  assert(first >= 0 && first + count <= state.rows && encoded.size() == size(state.rows, width));
  const kernels::Int8Matrix& matrix = layers_[size(layer)].cross_key_value;
  state.cross_cache[size(layer)].resize(size(2 * state.rows, width));
  state.inner.resize(size(count, 2 * width));
  matrix.round(&encoded[size(first, width)], count, width, state.rounded);
  matrix.multiply(state.rounded, {}, state.inner.data());  // [count, 2D]
  for (int i = 0; i < count; ++i) {
    store_keys_values(&state.inner[size(i, 2 * width)], state.rows, first + i,
                      state.cross_cache[size(layer)].data());
  }
}

// row: a key and a value of every head, [2, heads, head_dim]; cache [2, heads, capacity, head_dim].
void MoonshineDecoder::store_keys_values(const float* row, int capacity, int position, float* cache) const {
  for (int head = 0; head < 2 * config_.heads; ++head, row += config_.head_dim) {
    std::copy_n(row, config_.head_dim, cache + size(head * capacity + position, config_.head_dim));
  }
}

void MoonshineDecoder::begin_pass(State& state, std::span<const int> tokens) const {
  const int count = static_cast<int>(tokens.size());
  assert(count >= 1 && count <= kTokensPerPassMax && state.position + count <= state.positions_max);
  const int width = config_.hidden_size;
  for (auto* rows : {&state.x, &state.normed, &state.mixed}) rows->resize(size(count, width));
  state.qkv.resize(size(count, 3 * width));
  state.inner.resize(size(count, 2 * config_.decoder_ffn));
  for (std::size_t i = 0; i < tokens.size(); ++i) embedding_.row(tokens[i], &state.x[i * size(width)]);
}

void MoonshineDecoder::run_layer(State& state, int layer, int tokens) const {
  const Layer& weights = layers_[size(layer)];
  normalise(state, weights.self_norm, tokens);
  self_attention(state, layer, tokens);
  normalise(state, weights.cross_norm, tokens);
  cross_attention(state, layer, tokens);
  normalise(state, weights.mlp_norm, tokens);
  feed_forward(state, weights, tokens);
}

void MoonshineDecoder::normalise(State& state, std::span<const float> weight, int tokens) const {
  const std::size_t width = weight.size();
  for (std::size_t i = 0; i < size(tokens); ++i) {
    kernels::layer_norm({&state.x[i * width], width}, weight.data(), nullptr, kNormEpsilon,
                        &state.normed[i * width]);
  }
}

void MoonshineDecoder::self_attention(State& state, int layer, int tokens) const {
  const Layer& weights = layers_[size(layer)];
  const std::size_t width = size(config_.hidden_size);
  std::vector<float>& cache = state.self_cache[size(layer)];
  multiply(weights.self_qkv, state.normed, tokens, state.rounded, state.qkv.data());  // [n, 3D]
  for (int i = 0; i < tokens; ++i) {
    const int position = state.position + i;
    float* query = &state.qkv[size(i) * 3 * width];
    rotary_.turn({query, 2 * width}, 2 * config_.heads, position);  // the key too
    store_keys_values(query + width, state.positions_max, position, cache.data());
  }
  attend(state, cache, state.positions_max, state.position + 1, true, 3 * config_.hidden_size, tokens);
  multiply(weights.self_out, state.mixed, tokens, state.rounded, state.normed.data());  // [n, D]
  add(state.x.data(), state.normed.data(), size(tokens) * width);
}

void MoonshineDecoder::cross_attention(State& state, int layer, int tokens) const {
  const Layer& weights = layers_[size(layer)];
  const std::size_t width = size(config_.hidden_size);
  multiply(weights.cross_query, state.normed, tokens, state.rounded, state.qkv.data());  // [n, D]
  attend(state, state.cross_cache[size(layer)], state.rows, state.rows, false, config_.hidden_size, tokens);
  for (int i = 0; i < tokens && !state.attention.empty(); ++i) watch(state, layer, i);
  multiply(weights.cross_out, state.mixed, tokens, state.rounded, state.normed.data());  // [n, D]
  add(state.x.data(), state.normed.data(), size(tokens) * width);
}

// The queries are the first D of each row of qkv; the result goes to mixed [n, D]. `capacity`: positions that
// the cache has room for; `positions`: those that the first token sees.
void MoonshineDecoder::attend(State& state, const std::vector<float>& cache, int capacity, int positions,
                              bool causal, int query_stride, int tokens) const {
  kernels::attend({.heads = config_.heads,
                   .kv_heads = config_.heads,
                   .head_size = config_.head_dim,
                   .scale = 1 / std::sqrt(static_cast<float>(config_.head_dim)),
                   .rows = tokens,
                   .positions = positions,
                   .causal = causal,
                   .queries = state.qkv.data(),
                   .query_stride = query_stride,
                   .keys = cache.data(),
                   .values = cache.data() + size(capacity, config_.hidden_size),
                   .cache_stride = static_cast<std::ptrdiff_t>(size(capacity, config_.head_dim)),
                   .out = state.mixed.data(),
                   .out_stride = config_.hidden_size});
}

// Adds what the watched heads of a layer attend to when they see token `token` of the pass.
void MoonshineDecoder::watch(State& state, int layer, int token) const {
  const std::size_t width = size(config_.head_dim);
  for (int head = 0; head < config_.heads; ++head) {
    if (!watched(config_, layer, head)) continue;
    const std::span<const float> query(&state.qkv[size(token, config_.hidden_size) + size(head) * width],
                                       width);
    const float* key = &state.cross_cache[size(layer)][size(head, state.rows) * width];
    for (float& score : state.weights) {
      score = kernels::dot(query, key) / std::sqrt(static_cast<float>(width));
      key += width;
    }
    kernels::softmax(state.weights);
    add(&state.attention[size(state.position + token, state.rows)], state.weights.data(), size(state.rows));
  }
}

void MoonshineDecoder::feed_forward(State& state, const Layer& weights, int tokens) const {
  const std::size_t width = size(config_.hidden_size);
  const std::size_t half = size(config_.decoder_ffn);
  multiply(weights.fc1, state.normed, tokens, state.rounded, state.inner.data());  // [n, 2F]
  for (std::size_t i = 0; i < size(tokens); ++i) {
    // Row i of the result never reaches beyond what was read: [n, 2F] -> [n, F] in place.
    float* both = &state.inner[i * 2 * half];
    add(both, weights.fc1_bias.data(), 2 * half);
    kernels::silu_multiply({both + half, half}, both, &state.inner[i * half]);
  }
  multiply(weights.fc2, state.inner, tokens, state.rounded, state.normed.data());  // [n, D]
  for (std::size_t i = 0; i < size(tokens); ++i) {
    add(&state.x[i * width], &state.normed[i * width], width);
    add(&state.x[i * width], weights.fc2_bias.data(), width);
  }
}

void MoonshineDecoder::finish_pass(State& state, int tokens) const {
  normalise(state, norm_, tokens);
  state.position += tokens;
}

std::span<const float> MoonshineDecoder::logits(State& state, int first, int count) const {
  assert(count >= 1 && count <= kLogitRowsMax);
  embedding_.round(&state.normed[size(first, config_.hidden_size)], count, config_.hidden_size,
                   state.rounded);
  embedding_.multiply(state.rounded, {}, state.logits.data());
  return std::span(state.logits).first(size(count, config_.vocabulary));
}

void MoonshineDecoder::cut_back(State& state, int positions) {
  assert(positions >= 0 && positions <= state.position);
  if (!state.attention.empty()) {
    std::fill(state.attention.begin() + static_cast<std::ptrdiff_t>(size(positions, state.rows)),
              state.attention.end(), 0.0F);
  }
  state.position = positions;
}

}  // namespace antiphon::models

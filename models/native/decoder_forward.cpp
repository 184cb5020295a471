#include "models/native/decoder_forward.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "models/kernels/attention.h"
#include "models/kernels/vector_ops.h"

namespace antiphon::models {
namespace {

constexpr int kAttentionRows = 8;       // that attend together: enough to share what is loaded
constexpr double kAttentionFactor = 4;  // a multiplication of attend() costs as much as so many of a matrix
// Of what a helper takes at once, by the estimate of StepBudget: long beside the taking, short beside a step.
constexpr double kPartSeconds = 50e-6;

// Calls on_units(first, last) for ranges that cover [0, units), which cost `unit_seconds` each.
template <class OnUnits>
void share(WorkSharing* sharing, int units, double unit_seconds, const OnUnits& on_units) {
  if (sharing == nullptr) return on_units(0, units);
  const int part_units = static_cast<int>(std::clamp(kPartSeconds / unit_seconds, 1.0, 1.0 * units));
  const int parts = (units + part_units - 1) / part_units;
  sharing->run(parts,
               [&](int part) { on_units(part * part_units, std::min((part + 1) * part_units, units)); });
}

void embed(const DecoderConfig& config, const DecoderWeights& weights, std::span<const PassRow> rows,
           DecoderWorkspace* work) {
  const auto width = static_cast<std::size_t>(config.width);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    read_row(weights.embedding, rows[i].token, {&work->hidden[i * width], width});
  }
}

// Where each row's slot and position change, and how far each pair of a head is turned.
void place(const DecoderConfig& config, const DecoderWeights& weights, std::span<const PassRow> rows,
           DecoderWorkspace* work) {
  work->rows = static_cast<int>(rows.size());
  work->runs.clear();
  const std::size_t pairs = weights.angle_per_position.size();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t pair = 0; pair < pairs; ++pair) {
      const double angle = rows[i].position * weights.angle_per_position[pair];
      work->cosines[i * pairs + pair] = static_cast<float>(std::cos(angle));
      work->sines[i * pairs + pair] = static_cast<float>(std::sin(angle));
    }
    if (work->runs.empty() || work->runs.back().slot != rows[i].slot) {
      work->runs.push_back({rows[i].slot, static_cast<int>(i), 0, rows[i].position});
    }
    ++work->runs.back().rows;
  }
  assert(config.head_size == static_cast<int>(2 * pairs));
}

// in[i] = hidden[i] / rms(hidden[i]) * weight
void norm(const float* hidden, int rows, std::span<const float> weight, float epsilon, LinearInput* in) {
  const int width = static_cast<int>(weight.size());
  float* out = in->begin(rows, width);
  const auto size = static_cast<std::size_t>(width);
  for (int i = 0; i < rows; ++i, hidden += width, out += width)
    kernels::rms_norm({hidden, size}, weight.data(), epsilon, out);
  in->seal();
}

// Adds the biases, turns queries and keys, and stores keys and values in the cache.
void store(const DecoderConfig& config, const DecoderLayer& layer, int layer_number,
           std::span<const PassRow> rows, KeyValueCache* cache, DecoderWorkspace* work) {
  const int stride = config.query_width() + 2 * config.kv_width();
  const auto size = static_cast<std::size_t>(config.head_size);
  const auto rotate = config.rotary_pairs == DecoderConfig::RotaryPairs::kNeighbours ? kernels::rotate_pairs
                                                                                     : kernels::rotate_halves;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    float* row = &work->query_key_value[i * static_cast<std::size_t>(stride)];
    kernels::add(layer.query_key_value_bias, row);
    const std::span<const float> cosines(&work->cosines[i * (size / 2)], size / 2);
    const float* sines = &work->sines[i * (size / 2)];
    for (int head = 0; head < config.heads + config.kv_heads; ++head) {
      rotate(row + head * config.head_size, cosines, sines);
    }
    for (int head = 0; head < config.kv_heads; ++head) {
      const float* key = row + config.query_width() + head * config.head_size;
      const std::size_t offset = static_cast<std::size_t>(rows[i].position) * size;
      kernels::narrow({key, size}, cache->keys(rows[i].slot, layer_number, head) + offset);
      kernels::narrow({key + config.kv_width(), size},
                      cache->values(rows[i].slot, layer_number, head) + offset);
    }
  }
}

// Attention of rows [first, first + rows) of a run with one key-value head, into out (rows, query_width).
void attend_part(const DecoderConfig& config, int layer, int kv_head, const RowRun& run, int first, int rows,
                 KeyValueCache* cache, DecoderWorkspace* work, float* out) {
  const int heads = config.heads / config.kv_heads;
  const int stride = config.query_width() + 2 * config.kv_width();
  const int column = kv_head * heads * config.head_size;
  const int row = run.first_row + first;
  kernels::attend({.heads = heads,
                   .kv_heads = 1,
                   .head_size = config.head_size,
                   .scale = 1.0f / std::sqrt(static_cast<float>(config.head_size)),
                   .rows = rows,
                   .positions = run.first_position + first + 1,
                   .queries = work->query_key_value.data() + row * stride + column,
                   .query_stride = stride,
                   .keys = cache->keys(run.slot, layer, kv_head),
                   .values = cache->values(run.slot, layer, kv_head),
                   .cache_stride = 0,
                   .out = out + row * config.query_width() + column,
                   .out_stride = config.query_width()});
}

// work->input = attention of all rows: (rows, query_width). A unit of it is some rows with one key-value
// head.
Stepped<void> attention(const DecoderConfig& config, int layer, KeyValueCache* cache,
                        DecoderWorkspace* work) {
  float* out = work->input.begin(work->rows, config.query_width());
  const double group = static_cast<double>(config.query_width()) / config.kv_heads;
  for (const RowRun& run : work->runs) {
    const int blocks = (run.rows + kAttentionRows - 1) / kAttentionRows;
    const double positions = run.first_position + run.rows;
    const double bytes = 4 * positions * config.head_size;  // of keys and values
    const double multiplications =
        kAttentionFactor * 2 * positions * group * std::min(run.rows, kAttentionRows);
    for (int first = 0, units = config.kv_heads * blocks; first < units;) {
      const int count = std::min(work->budget.units_left(bytes, multiplications), units - first);
      share(work->sharing, count, StepBudget::seconds(bytes, multiplications), [&](int begin, int end) {
        for (int unit = first + begin; unit < first + end; ++unit) {
          const int row = unit % blocks * kAttentionRows;
          attend_part(config, layer, unit / blocks, run, row, std::min(kAttentionRows, run.rows - row), cache,
                      work, out);
        }
      });
      first += count;
      if (work->budget.spend(count * bytes, count * multiplications)) co_await kNextStep;
    }
  }
  work->input.seal();
}

// out = work->input matrix^T, in as many parts as the steps allow, each of whole tiles of outputs.
Stepped<void> multiply(const Linear& matrix, float* out, DecoderWorkspace* work) {
  const double bytes = static_cast<double>(matrix.bytes()) / matrix.rows();  // of one output
  const double multiplications = static_cast<double>(matrix.columns()) * work->input.rows();
  for (int first = 0; first < matrix.rows();) {
    const double tile_bytes = Linear::kTileRows * bytes, tile_work = Linear::kTileRows * multiplications;
    const int left = (matrix.rows() - first + Linear::kTileRows - 1) / Linear::kTileRows;
    const int tiles = std::min(work->budget.units_left(tile_bytes, tile_work), left);
    const int last = std::min(first + tiles * Linear::kTileRows, matrix.rows());
    share(work->sharing, tiles, StepBudget::seconds(tile_bytes, tile_work), [&](int begin, int end) {
      matrix.multiply(work->input, first + begin * Linear::kTileRows,
                      std::min(first + end * Linear::kTileRows, last), out, matrix.rows());
    });
    const int outputs = last - first;
    first = last;
    if (work->budget.spend(outputs * bytes, outputs * multiplications)) co_await kNextStep;
  }
}

// work->input = silu(gates) * ups: (rows, feed_forward)
void gate(int feed_forward, DecoderWorkspace* work) {
  float* out = work->input.begin(work->rows, feed_forward);
  const float* gates = work->gate_up.data();
  const auto size = static_cast<std::size_t>(feed_forward);
  for (int i = 0; i < work->rows; ++i, gates += 2 * size, out += size)
    kernels::silu_multiply({gates, size}, gates + size, out);
  work->input.seal();
}

void add_change(int width, DecoderWorkspace* work) {
  const std::size_t count = static_cast<std::size_t>(work->rows) * static_cast<std::size_t>(width);
  kernels::add({work->change.data(), count}, work->hidden.data());
}

// Copies the rows that want logits together; returns their number. `first` is the first one's row of logits.
int gather_logit_inputs(int width, std::span<const PassRow> rows, DecoderWorkspace* work, int* first) {
  int count = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].logits_row < 0) continue;
    if (count == 0) *first = rows[i].logits_row;
    assert(rows[i].logits_row == *first + count);
    std::copy_n(&work->hidden[i * static_cast<std::size_t>(width)], width,
                &work->logit_inputs[static_cast<std::size_t>(count++ * width)]);
  }
  return count;
}

}  // namespace

Stepped<void> forward_chunk(const DecoderConfig& config, const DecoderWeights& weights,
                            std::span<const PassRow> rows, KeyValueCache* cache, DecoderWorkspace* work) {
  place(config, weights, rows, work);
  embed(config, weights, rows, work);  // hidden (rows, width)
  for (int number = 0; number < config.layers; ++number) {
    const DecoderLayer& layer = weights.layers[static_cast<std::size_t>(number)];
    norm(work->hidden.data(), work->rows, layer.attention_norm, config.norm_epsilon, &work->input);
    co_await multiply(layer.query_key_value, work->query_key_value.data(),
                      work);  // (rows, heads + 2 kv_heads, size)
    store(config, layer, number, rows, cache, work);
    co_await attention(config, number, cache, work);                       // input (rows, heads * size)
    co_await multiply(layer.attention_output, work->change.data(), work);  // (rows, width)
    add_change(config.width, work);
    norm(work->hidden.data(), work->rows, layer.feed_forward_norm, config.norm_epsilon, &work->input);
    co_await multiply(layer.gate_up, work->gate_up.data(), work);  // (rows, 2 feed_forward)
    gate(config.feed_forward, work);                               // input (rows, feed_forward)
    co_await multiply(layer.down, work->change.data(), work);      // (rows, width)
    add_change(config.width, work);
  }
  int first_logits = 0;
  const int wanted = gather_logit_inputs(config.width, rows, work, &first_logits);
  if (wanted == 0) co_return;
  norm(work->logit_inputs.data(), wanted, weights.output_norm, config.norm_epsilon, &work->input);
  float* logits =
      &work->logits[static_cast<std::size_t>(first_logits) * static_cast<std::size_t>(config.vocabulary)];
  co_await multiply(weights.output, logits, work);  // (wanted, vocabulary)
}

}  // namespace antiphon::models

#include "models/torch/mini_lm.h"

#include <ATen/ops/cat.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <stdexcept>

#include "models/kernels/vector_ops.h"
#include "models/text/word_piece.h"
#include "models/torch/pre_norm_layer.h"
#include "models/torch/row_linear.h"
#include "models/torch/weights.h"
#include "models/weights/safetensors.h"

namespace antiphon::models {
namespace {

using kernels::Epilogue;
using torch::LayerScratch;
using torch::RowLinear;
using torch::RowNorm;
using torch::Rows;

constexpr int kWidth = std::tuple_size_v<Embedding>;
constexpr int kHeads = 12;
constexpr int kInner = 1536;
constexpr int kLayers = 6;
constexpr int kVocabulary = 30522;
constexpr int kPositions = 512;
constexpr int kTokensMax = 256;  // what the network was trained for
constexpr float kEpsilon = 1e-12F;
constexpr std::size_t kRowsMax = kTokensMax;  // tokens of all texts in one pass: bounds the time of a step

// Texts one after the other without padding: only attention needs to know where one ends.
struct Batch {
  std::vector<std::int32_t> tokens;
  std::vector<int> lengths;  // of each text, in tokens
};

RowLinear linear(const SafetensorsFile& file, const std::vector<std::string>& names, int outputs,
                 int inputs) {
  std::vector<torch::StoredWeight> weights;
  std::vector<at::Tensor> biases;
  for (const std::string& name : names) {
    weights.push_back({.values = torch::mapped_tensor(file, name + ".weight", {outputs, inputs})});
    biases.push_back(torch::mapped_tensor(file, name + ".bias", {outputs}));
  }
  return {weights, at::cat(biases), kernels::Inputs::kF32};
}

// x = norm(x + out(attention(x))), then x = norm(x + inner_out(gelu(inner_in(x)))).
struct Layer {
  Layer(const SafetensorsFile& file, const std::string& name)
      : query_key_value(linear(
            file, {name + "attention.self.query", name + "attention.self.key", name + "attention.self.value"},
            kWidth, kWidth)),
        attention_out(linear(file, {name + "attention.output.dense"}, kWidth, kWidth)),
        attention_norm(file, name + "attention.output.LayerNorm", kWidth, kEpsilon),
        inner_in(linear(file, {name + "intermediate.dense"}, kInner, kWidth)),
        inner_out(linear(file, {name + "output.dense"}, kWidth, kInner)),
        inner_norm(file, name + "output.LayerNorm", kWidth, kEpsilon) {}

  void attend(Rows& x, const std::vector<int>& lengths, LayerScratch& scratch) const {
    Rows projected(x.count, 3 * kWidth);  // queries, keys and values
    scratch.mixed.resize(x.values.size());
    query_key_value(x.row(0), x.count, kWidth, projected.row(0), Epilogue::kStore, scratch.linear);
    int first = 0;
    for (const int length : lengths) {
      const float* queries = projected.row(first);
      float* mixed = scratch.mixed.data() + static_cast<std::ptrdiff_t>(first) * kWidth;
      scratch.attention.read(queries + kWidth, queries + 2 * kWidth, projected.width, length);
      scratch.attention.attend(queries, projected.width, length, mixed, kWidth);
      first += length;
    }
    attention_out(scratch.mixed.data(), x.count, kWidth, x.row(0), Epilogue::kAdd, scratch.linear);
    attention_norm(x.row(0), x.count, x.row(0));
  }

  void feed_forward(Rows& x, LayerScratch& scratch) const {
    scratch.inner.resize(static_cast<std::size_t>(x.count) * kInner);
    inner_in(x.row(0), x.count, kWidth, scratch.inner.data(), Epilogue::kGelu, scratch.linear);
    inner_out(scratch.inner.data(), x.count, kInner, x.row(0), Epilogue::kAdd, scratch.linear);
    inner_norm(x.row(0), x.count, x.row(0));
  }

  RowLinear query_key_value, attention_out;
  RowNorm attention_norm;
  RowLinear inner_in, inner_out;
  RowNorm inner_norm;
};

}  // namespace

struct MiniLm::Network {
  explicit Network(const std::filesystem::path& folder)
      : words(folder / "vocab.txt"),
        file(folder / "model.safetensors"),
        word_vectors(file.f32("embeddings.word_embeddings.weight", {kVocabulary, kWidth})),
        position_vectors(file.f32("embeddings.position_embeddings.weight", {kPositions, kWidth})),
        type_vectors(file.f32("embeddings.token_type_embeddings.weight", {2, kWidth})),
        norm(file, "embeddings.LayerNorm", kWidth, kEpsilon) {
    if (words.size() != kVocabulary) {
      throw std::runtime_error("'" + (folder / "vocab.txt").string() + "' has " +
                               std::to_string(words.size()) + " tokens, not " + std::to_string(kVocabulary));
    }
    for (int i = 0; i < kLayers; ++i) layers.emplace_back(file, "encoder.layer." + std::to_string(i) + ".");
    file.file().release_pages();  // the layers are packed copies now
  }

  Rows look_up(const Batch& batch) const {
    Rows x(static_cast<int>(batch.tokens.size()), kWidth);
    int row = 0;
    for (const int length : batch.lengths) {
      for (int position = 0; position < length; ++position, ++row) {
        const auto token = static_cast<std::size_t>(batch.tokens[static_cast<std::size_t>(row)]);
        const std::span<float> to(x.row(row), kWidth);
        std::ranges::copy(word_vectors.subspan(token * kWidth, kWidth), to.begin());
        kernels::add(position_vectors.subspan(static_cast<std::size_t>(position) * kWidth, kWidth),
                     to.data());
        kernels::add(type_vectors.first(kWidth), to.data());
      }
    }
    norm(x.row(0), x.count, x.row(0));
    return x;
  }

  void append_embeddings(Rows& x, const Batch& batch, std::vector<Embedding>* embeddings) const {
    int row = 0;
    for (const int length : batch.lengths) {
      Embedding& sum = embeddings->emplace_back();  // the mean has the same direction
      for (int i = 0; i < length; ++i, ++row) kernels::add({x.row(row), kWidth}, sum.data());
      const float size = std::sqrt(kernels::dot(sum, sum.data()));
      for (float& value : sum) value /= std::max(size, kEpsilon);
    }
  }

  text::WordPiece words;
  SafetensorsFile file;
  std::span<const float> word_vectors, position_vectors, type_vectors;  // over the file's pages
  RowNorm norm;
  std::vector<Layer> layers;
};

MiniLm::MiniLm(const std::filesystem::path& folder) : network_(std::make_unique<Network>(folder)) {}

MiniLm::~MiniLm() = default;

int MiniLm::tokens_max() const {
  return kTokensMax;
}

void MiniLm::warm_up() const {
  (void)embed({"Hello."}).run_to_end();
}

Stepped<std::vector<Embedding>> MiniLm::embed(std::vector<std::string> texts) const {
  std::vector<Embedding> embeddings;
  embeddings.reserve(texts.size());
  std::vector<std::int32_t> ids;  // of the next text, where it did not fit the pass before
  std::size_t next = 0;
  while (next < texts.size() || !ids.empty()) {
    Batch batch;
    for (;; ids.clear()) {
      if (ids.empty()) {
        if (next == texts.size()) break;
        ids = network_->words.encode(texts[next++], kTokensMax);
      }
      if (!batch.tokens.empty() && batch.tokens.size() + ids.size() > kRowsMax) break;
      batch.tokens.insert(batch.tokens.end(), ids.begin(), ids.end());
      batch.lengths.push_back(static_cast<int>(ids.size()));
    }
    Rows x = network_->look_up(batch);  // [tokens, 384]
    LayerScratch scratch(kHeads, kWidth / kHeads);
    for (const Layer& layer : network_->layers) {
      co_await kNextStep;
      layer.attend(x, batch.lengths, scratch);
      co_await kNextStep;
      layer.feed_forward(x, scratch);
    }
    network_->append_embeddings(x, batch, &embeddings);
    co_await kNextStep;
  }
  co_return embeddings;
}

}  // namespace antiphon::models

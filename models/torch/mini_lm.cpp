#include "models/torch/mini_lm.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <cassert>
#include <stdexcept>

#include "models/text/word_piece.h"
#include "models/torch/layer_norm.h"
#include "models/torch/packed_linear.h"
#include "models/torch/self_attention.h"
#include "models/torch/weights.h"
#include "models/weights/safetensors.h"

namespace antiphon::models {
namespace {

using at::Tensor;
using torch::LayerNorm;
using torch::PackedLinear;

constexpr int kWidth = std::tuple_size_v<Embedding>;
constexpr int kHeads = 12;
constexpr int kInner = 1536;
constexpr int kLayers = 6;
constexpr int kVocabulary = 30522;
constexpr int kPositions = 512;
constexpr int kTokensMax = 256;  // what the network was trained for
constexpr double kEpsilon = 1e-12;
constexpr std::size_t kRowsMax = kTokensMax;  // tokens of all texts in one pass: bounds the time of a step

// Texts one after the other without padding: only attention needs to know where one ends.
struct Batch {
  std::vector<std::int64_t> tokens;
  std::vector<std::int64_t> positions;
  std::vector<std::int64_t> lengths;  // of each text, in tokens
};

struct Layer {
  Layer(const SafetensorsFile& file, const std::string& name)
      : query_key_value(
            file, {name + "attention.self.query", name + "attention.self.key", name + "attention.self.value"},
            kWidth, kWidth),
        attention_out(file, name + "attention.output.dense", kWidth, kWidth),
        attention_norm(file, name + "attention.output.LayerNorm", kWidth, kEpsilon),
        inner_in(file, name + "intermediate.dense", kInner, kWidth),
        inner_out(file, name + "output.dense", kWidth, kInner),
        inner_norm(file, name + "output.LayerNorm", kWidth, kEpsilon) {}

  Tensor attend(const Tensor& x, const std::vector<std::int64_t>& lengths) const {  // [tokens, 384]
    const Tensor projected = query_key_value(x);                                    // [tokens, 3 * 384]
    std::vector<Tensor> attended;
    for (const Tensor& text : projected.split_with_sizes(lengths)) {
      attended.push_back(torch::self_attention(text, kHeads));
    }
    return attention_norm(x + attention_out(at::cat(attended)));
  }

  Tensor feed_forward(const Tensor& x) const { return inner_norm(x + inner_out(at::gelu(inner_in(x)))); }

  PackedLinear query_key_value, attention_out;
  LayerNorm attention_norm;
  PackedLinear inner_in, inner_out;
  LayerNorm inner_norm;
};

Tensor index_tensor(const std::vector<std::int64_t>& values) {
  return at::tensor(at::IntArrayRef(values), at::kLong);
}

}  // namespace

struct MiniLm::Network {
  explicit Network(const std::filesystem::path& folder)
      : words(folder / "vocab.txt"),
        file(folder / "model.safetensors"),
        word_vectors(torch::mapped_tensor(file, "embeddings.word_embeddings.weight", {kVocabulary, kWidth})),
        position_vectors(
            torch::mapped_tensor(file, "embeddings.position_embeddings.weight", {kPositions, kWidth})),
        type_vectors(torch::mapped_tensor(file, "embeddings.token_type_embeddings.weight", {2, kWidth})),
        norm(file, "embeddings.LayerNorm", kWidth, kEpsilon) {
    if (words.size() != kVocabulary) {
      throw std::runtime_error("'" + (folder / "vocab.txt").string() + "' has " +
                               std::to_string(words.size()) + " tokens, not " + std::to_string(kVocabulary));
    }
    for (int i = 0; i < kLayers; ++i) layers.emplace_back(file, "encoder.layer." + std::to_string(i) + ".");
    file.file().release_pages();  // the layers are packed copies now
  }

  Tensor look_up(const Batch& batch) const {
    const c10::InferenceMode guard;
    return norm(at::embedding(word_vectors, index_tensor(batch.tokens)) +
                at::embedding(position_vectors, index_tensor(batch.positions)) + type_vectors[0]);
  }

  Tensor attend(const Layer& layer, const Tensor& x, const Batch& batch) const {
    const c10::InferenceMode guard;
    return layer.attend(x, batch.lengths);
  }

  Tensor feed_forward(const Layer& layer, const Tensor& x) const {
    const c10::InferenceMode guard;
    return layer.feed_forward(x);
  }

  void append_embeddings(const Tensor& x, const Batch& batch, std::vector<Embedding>* embeddings) const {
    const c10::InferenceMode guard;
    for (const Tensor& text : x.split_with_sizes(batch.lengths)) {
      const Tensor mean = text.mean(0);
      const Tensor unit = mean / mean.norm().clamp_min(kEpsilon);  // [384]
      std::copy_n(unit.const_data_ptr<float>(), kWidth, embeddings->emplace_back().begin());
    }
  }

  text::WordPiece words;
  SafetensorsFile file;
  Tensor word_vectors, position_vectors, type_vectors;
  LayerNorm norm;
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
      for (std::size_t i = 0; i < ids.size(); ++i) batch.positions.push_back(static_cast<std::int64_t>(i));
      batch.lengths.push_back(static_cast<std::int64_t>(ids.size()));
    }
    Tensor x = network_->look_up(batch);  // [tokens, 384]
    for (const Layer& layer : network_->layers) {
      co_await kNextStep;
      x = network_->attend(layer, x, batch);
      co_await kNextStep;
      x = network_->feed_forward(layer, x);
    }
    network_->append_embeddings(x, batch, &embeddings);
    co_await kNextStep;
  }
  co_return embeddings;
}

}  // namespace antiphon::models

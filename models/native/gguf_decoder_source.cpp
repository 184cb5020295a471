#include "models/native/gguf_decoder_source.h"

#include <stdexcept>
#include <string>

#include "models/kernels/attention.h"

namespace antiphon::models {
namespace {

// Above any published model, and small enough that products of a few of them can't overflow.
constexpr int kLayersMax = 1024;
constexpr int kHeadsMax = 1024;
constexpr int kWidthMax = 1 << 17;
constexpr int kContextMax = 1 << 22;

class Fields {
 public:
  explicit Fields(const GgufFile& file) : file_(file), family_(file.text("general.architecture")) {}

  const std::string& family() const { return family_; }
  std::string key(const std::string& name) const { return family_ + "." + name; }

  [[noreturn]] void refuse(const std::string& field, const std::string& what) const {
    throw std::runtime_error("'" + file_.path().string() + "': field '" + field + "' " + what);
  }
  int count(const std::string& name, int most) const { return checked(name, file_.integer(key(name)), most); }
  int count_or(const std::string& name, int otherwise, int most) const {
    return checked(name, file_.integer_or(key(name), otherwise), most);
  }
  float positive(const std::string& name, double otherwise) const {
    const double value = file_.number_or(key(name), otherwise);
    if (!(value > 0 && value < 1e12)) refuse(key(name), "must be a positive number");
    return static_cast<float>(value);
  }
  bool has(const std::string& name) const { return file_.has(key(name)); }
  std::string text_or(const std::string& name, const std::string& otherwise) const {
    return has(name) ? std::string(file_.text(key(name))) : otherwise;
  }

 private:
  int checked(const std::string& name, std::int64_t value, int most) const {
    if (value < 1 || value > most) refuse(key(name), "must be from 1 to " + std::to_string(most));
    return static_cast<int>(value);
  }

  const GgufFile& file_;
  std::string family_;
};

// Positions are divided by the factor of "linear" scaling. The scaling of Llama 3 is not in the fields but in
// the tensor rope_freqs, and needs nothing here.
float position_scale(const Fields& fields) {
  const std::string type = fields.text_or("rope.scaling.type", "none");
  if (type == "none") return 1.0f;
  if (type != "linear") {
    fields.refuse(fields.key("rope.scaling.type"), "is '" + type + "'; only none and linear are known");
  }
  return 1.0f / fields.positive("rope.scaling.factor", 1.0);
}

}  // namespace

DecoderConfig GgufDecoderSource::config() const {
  const GgufFile& file = *file_;
  const Fields fields(file);
  if (fields.family() != "llama" && fields.family() != "qwen2") {
    fields.refuse("general.architecture", "is '" + fields.family() + "'; only llama and qwen2 are known");
  }
  DecoderConfig config;
  config.family = fields.family();
  config.name = file.has("general.name") ? std::string(file.text("general.name")) : config.family;
  config.layers = fields.count("block_count", kLayersMax);
  config.width = fields.count("embedding_length", kWidthMax);
  config.feed_forward = fields.count("feed_forward_length", kWidthMax);
  config.heads = fields.count("attention.head_count", kHeadsMax);
  config.kv_heads = fields.count_or("attention.head_count_kv", config.heads, kHeadsMax);
  config.head_size = fields.count_or("attention.key_length", config.width / config.heads, kWidthMax);
  config.trained_context_tokens = fields.count("context_length", kContextMax);
  config.norm_epsilon = fields.positive("attention.layer_norm_rms_epsilon", 1e-5);
  config.rotary_base = fields.positive("rope.freq_base", 10000.0);
  config.position_scale = position_scale(fields);
  // The files of the llama family hold q and k with their rows permuted so that pairs are neighbours.
  config.rotary_pairs = config.family == "llama" ? DecoderConfig::RotaryPairs::kNeighbours
                                                 : DecoderConfig::RotaryPairs::kHalves;
  const GgufTensor& embedding = file.tensor("token_embd.weight");
  if (embedding.rows() > 1 << 22 || embedding.columns() != config.width) {
    throw std::runtime_error("'" + file.path().string() +
                             "': tensor 'token_embd.weight' has an unexpected shape");
  }
  config.vocabulary = static_cast<int>(embedding.rows());

  if (config.heads % config.kv_heads != 0) {
    fields.refuse(fields.key("attention.head_count_kv"), "does not divide the number of heads");
  }
  if (config.head_size % 2 != 0 || config.head_size > kernels::kHeadSizeMax) {
    fields.refuse(fields.key("attention.key_length"),
                  "must be even and at most " + std::to_string(kernels::kHeadSizeMax));
  }
  if (fields.count_or("attention.value_length", config.head_size, kWidthMax) != config.head_size) {
    fields.refuse(fields.key("attention.value_length"), "differs from the keys' length");
  }
  if (fields.count_or("rope.dimension_count", config.head_size, kWidthMax) != config.head_size) {
    fields.refuse(fields.key("rope.dimension_count"), "is not the whole head");
  }
  if (fields.has("expert_count") && file.integer(fields.key("expert_count")) > 0) {
    fields.refuse(fields.key("expert_count"), "is a mixture of experts, which is not supported");
  }
  return config;
}

WeightTensor GgufDecoderSource::tensor(std::string_view name) const {
  const GgufTensor& tensor = file_->tensor(name);
  const auto type = block_type_of(tensor.type);
  if (!type) {
    throw std::runtime_error("'" + path().string() + "': tensor '" + std::string(name) + "' has the type " +
                             std::string(gguf_block(tensor.type).name) + ", which is not supported");
  }
  if (tensor.shape.size() > 2) {
    throw std::runtime_error("'" + path().string() + "': tensor '" + std::string(name) +
                             "' has an unexpected shape");
  }
  return {*type, tensor.rows(), tensor.columns(), tensor.bytes};
}

}  // namespace antiphon::models

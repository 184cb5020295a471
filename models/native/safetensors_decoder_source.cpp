#include "models/native/safetensors_decoder_source.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <utility>

#include "models/native/safetensors_decoder_config.h"

namespace antiphon::models {
namespace {

using Json = nlohmann::json;

constexpr const char* kWhole = "model.safetensors";
constexpr const char* kIndex = "model.safetensors.index.json";
constexpr std::string_view kRotaryFactors = "rope_freqs.weight";

struct NamePair {
  std::string_view ours;
  std::string_view theirs;
};
constexpr std::array<NamePair, 3> kNames{{{"token_embd.weight", "model.embed_tokens.weight"},
                                          {"output_norm.weight", "model.norm.weight"},
                                          {"output.weight", "lm_head.weight"}}};
constexpr std::array<NamePair, 9> kLayerNames{{{"attn_norm", "input_layernorm"},
                                               {"attn_q", "self_attn.q_proj"},
                                               {"attn_k", "self_attn.k_proj"},
                                               {"attn_v", "self_attn.v_proj"},
                                               {"attn_output", "self_attn.o_proj"},
                                               {"ffn_norm", "post_attention_layernorm"},
                                               {"ffn_gate", "mlp.gate_proj"},
                                               {"ffn_up", "mlp.up_proj"},
                                               {"ffn_down", "mlp.down_proj"}}};

// "blk.3.attn_q.bias" to "model.layers.3.self_attn.q_proj.bias"; a name unknown here stays.
std::string name_in_file(std::string_view name) {
  for (const NamePair& pair : kNames) {
    if (pair.ours == name) return std::string(pair.theirs);
  }
  constexpr std::string_view kLayer = "blk.";
  const std::size_t dot = name.find('.', kLayer.size());
  const std::size_t last_dot = name.rfind('.');
  if (!name.starts_with(kLayer) || dot == std::string_view::npos || last_dot <= dot) return std::string(name);
  for (const NamePair& pair : kLayerNames) {
    if (name.substr(dot + 1, last_dot - dot - 1) != pair.ours) continue;
    return std::string("model.layers.")
        .append(name.substr(kLayer.size(), dot + 1 - kLayer.size()))
        .append(pair.theirs)
        .append(name.substr(last_dot));
  }
  return std::string(name);
}

std::optional<kernels::BlockType> block_type_of(ElementType type) {
  switch (type) {
    case ElementType::kF32:
      return kernels::BlockType::kF32;
    case ElementType::kF16:
      return kernels::BlockType::kF16;
    case ElementType::kBf16:
      return kernels::BlockType::kBf16;
    default:
      return std::nullopt;
  }
}

// The folder's file of each tensor.
std::map<std::string, std::string> read_index(const std::filesystem::path& path) {
  const auto refuse = [&](const std::string& what) {
    throw std::runtime_error("'" + path.string() + "': " + what);
  };
  std::ifstream file(path);
  if (!file) refuse("cannot be opened, and there is no " + std::string(kWhole));
  const Json json = Json::parse(file, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || !json.contains("weight_map") || !json["weight_map"].is_object()) {
    refuse("field 'weight_map' must be an object");
  }
  std::map<std::string, std::string> files;
  for (const auto& [tensor, name] : json["weight_map"].items()) {
    const bool plain = name.is_string() && name.get<std::string>().find('/') == std::string::npos;
    if (!plain) refuse("field 'weight_map': '" + tensor + "' must name a file beside it");
    files[tensor] = name.get<std::string>();
  }
  return files;
}

}  // namespace

SafetensorsDecoderSource::SafetensorsDecoderSource(const std::filesystem::path& folder) : folder_(folder) {
  SafetensorsDecoderConfig config = SafetensorsDecoderConfig::read(folder / "config.json");
  config_ = std::move(config.decoder);
  tied_embedding_ = config.tied_embedding;
  rotary_factors_ = std::move(config.rotary_factors);
  config_.name = std::filesystem::absolute(folder / ".").parent_path().filename().string();
  open_files();
}

void SafetensorsDecoderSource::open_files() {
  if (std::filesystem::exists(folder_ / kWhole)) {
    const SafetensorsFile& file = files_.emplace(kWhole, folder_ / kWhole).first->second;
    for (const auto& [name, view] : file.index().tensors) file_of_tensor_.emplace(name, &file);
    return;
  }
  for (const auto& [tensor, name] : read_index(folder_ / kIndex)) {
    auto found = files_.find(name);
    if (found == files_.end()) found = files_.emplace(name, folder_ / name).first;
    file_of_tensor_.emplace(tensor, &found->second);
  }
}

// By the configuration, so that a tensor that the file lacks is refused when it is asked for.
bool SafetensorsDecoderSource::has_tensor(std::string_view name) const {
  if (name == kRotaryFactors) return !rotary_factors_.empty();
  if (name == "output.weight") return !tied_embedding_;
  if (name.ends_with(".bias"))
    return config_.family == "qwen2" && name.find(".attn_") != std::string_view::npos;
  return file_of_tensor_.contains(name_in_file(name));
}

WeightTensor SafetensorsDecoderSource::tensor(std::string_view name) const {
  if (name == kRotaryFactors) {
    return {kernels::BlockType::kF32, 1, static_cast<std::int64_t>(rotary_factors_.size()),
            std::as_bytes(std::span(rotary_factors_))};
  }
  const std::string stored = name_in_file(name);
  const auto refuse = [&](const std::string& what) {
    throw std::runtime_error("'" + folder_.string() + "': tensor '" + stored + "' " + what);
  };
  const auto found = file_of_tensor_.find(stored);
  if (found == file_of_tensor_.end()) refuse("is missing");
  const TensorView& view = found->second->tensor(stored);
  const auto type = block_type_of(view.type);
  if (!type) refuse("is none of f32, f16 and bf16");
  if (view.shape.empty() || view.shape.size() > 2) refuse("has an unexpected shape");
  return {*type, view.shape.size() == 2 ? view.shape[0] : 1, view.shape.back(), view.bytes};
}

void SafetensorsDecoderSource::release_pages() const {
  for (const auto& [name, file] : files_) file.file().release_pages();
}

}  // namespace antiphon::models

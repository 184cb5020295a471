#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "models/native/decoder_source.h"
#include "models/weights/safetensors.h"

namespace antiphon::models {

// Llama and Qwen2 families in a folder of Hugging Face's: config.json, and model.safetensors or the parts
// that model.safetensors.index.json names, in f32, f16 or bf16 (a server rounds them to 8 bits).
//
// Both families pair the halves of a head in these files, unlike GGUF's.
// https://huggingface.co/docs/transformers (LlamaConfig, Qwen2Config, RoPE utilities)
class SafetensorsDecoderSource final : public DecoderSource {
 public:
  // Throws if a file is missing or malformed, or if the network is none that the forward pass computes.
  explicit SafetensorsDecoderSource(const std::filesystem::path& folder);

  const std::filesystem::path& path() const override { return folder_; }
  DecoderConfig config() const override { return config_; }
  bool has_tensor(std::string_view name) const override;
  WeightTensor tensor(std::string_view name) const override;
  void release_pages() const override;

 private:
  void open_files();

  const std::filesystem::path folder_;
  DecoderConfig config_;
  bool tied_embedding_ = false;
  std::vector<float> rotary_factors_;  // (head_size / 2): how much slower a pair turns; empty: as it is
  std::map<std::string, SafetensorsFile, std::less<>> files_;  // by name in the folder
  std::map<std::string, const SafetensorsFile*, std::less<>> file_of_tensor_;
};

}  // namespace antiphon::models

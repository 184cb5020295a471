#pragma once

#include <memory>

#include "models/native/decoder_source.h"
#include "models/weights/gguf.h"

namespace antiphon::models {

// Llama and Qwen2 families in a GGUF file.
class GgufDecoderSource final : public DecoderSource {
 public:
  explicit GgufDecoderSource(std::unique_ptr<const GgufFile> file) : file_(std::move(file)) {}

  const std::filesystem::path& path() const override { return file_->path(); }
  DecoderConfig config() const override;
  bool has_tensor(std::string_view name) const override { return file_->has_tensor(name); }
  WeightTensor tensor(std::string_view name) const override;
  void release_pages() const override { file_->file().release_pages(); }

 private:
  const std::unique_ptr<const GgufFile> file_;
};

}  // namespace antiphon::models

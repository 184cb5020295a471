#pragma once

#include <filesystem>
#include <memory>

#include "models/text_embedder.h"

namespace antiphon::models {

// all-MiniLM-L6-v2 in f32 (https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2, Apache-2.0): a BERT
// of six layers, the mean over a text's tokens, scaled to length 1. About 43 MB of packed weights; of the 47
// MB of word vectors only those of words met are resident.
class MiniLm final : public TextEmbedder {
 public:
  // folder: model.safetensors and vocab.txt. Throws std::runtime_error that names the file and what it lacks.
  explicit MiniLm(const std::filesystem::path& folder);
  ~MiniLm() override;

  Stepped<std::vector<Embedding>> embed(std::vector<std::string> texts) const override;
  int tokens_max() const override;
  void warm_up() const override;

 private:
  struct Network;

  std::unique_ptr<const Network> network_;
};

}  // namespace antiphon::models

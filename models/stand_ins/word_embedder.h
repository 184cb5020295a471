#pragma once

#include <string>
#include <vector>

#include "models/text_embedder.h"

namespace antiphon::models::stand_ins {

// Texts with the same words have the same direction, those that share some have like ones. At once.
class WordEmbedder final : public TextEmbedder {
 public:
  Stepped<std::vector<Embedding>> embed(std::vector<std::string> texts) const override;
  int tokens_max() const override { return 256; }
  void warm_up() const override {}
};

}  // namespace antiphon::models::stand_ins

#pragma once

#include <string>
#include <utility>
#include <vector>

#include "models/text_embedder.h"
#include "pipeline/jobs/errand.h"

namespace antiphon::pipeline {

using EmbeddingErrand = Errand<std::vector<models::Embedding>>;

// Sends texts to be embedded, each to its direction of meaning. False: the lanes have no room.
// REQUIRES: the seat's networks have an embedder.
[[nodiscard]] inline bool start_embedding(EmbeddingErrand& errand, SharedJobSeat seat,
                                          std::vector<std::string> texts, Deadline due) {
  auto work = [seat = std::move(seat), texts = std::move(texts)]() mutable {
    return seat->networks->embedder->embed(std::move(texts));
  };
  return errand.start(std::move(work), due);
}

}  // namespace antiphon::pipeline

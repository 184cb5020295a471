#pragma once

#include <array>
#include <string>
#include <vector>

#include "models/stepped.h"

namespace antiphon::models {

// A text's meaning as a direction: of length 1, so that the dot product of two is their likeness, -1 to 1.
using Embedding = std::array<float, 384>;

// Owner:  immutable after construction; any thread, several at once. It must outlive its Stepped results.
// Memory: a few hundred kB while a call runs.
// Errors: none after construction; any bytes are fine.
class TextEmbedder {
 public:
  virtual ~TextEmbedder() = default;

  // One embedding for each text, in their order. Only the first tokens_max() tokens of a text count (about
  // 190 English words). Each step takes a few milliseconds, however many texts there are.
  virtual Stepped<std::vector<Embedding>> embed(std::vector<std::string> texts) const = 0;

  virtual int tokens_max() const = 0;

  // Runs the network once, so that the first caller pays nothing.
  virtual void warm_up() const = 0;
};

}  // namespace antiphon::models

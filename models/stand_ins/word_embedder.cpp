#include "models/stand_ins/word_embedder.h"

#include <cmath>
#include <cstdint>
#include <sstream>

namespace antiphon::models::stand_ins {
namespace {

// FNV-1a, the same on every machine.
std::uint64_t hash_of(const std::string& word) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char byte : word) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
  return hash;
}

// Each word is an axis, or nearly so.
Embedding direction_of(const std::string& text) {
  Embedding direction{};
  direction[0] = 0.01F;  // an empty text has one too
  std::istringstream words(text);
  for (std::string word; words >> word;) direction[hash_of(word) % direction.size()] += 1;
  float square = 0;
  for (const float component : direction) square += component * component;
  for (float& component : direction) component /= std::sqrt(square);
  return direction;
}

}  // namespace

Stepped<std::vector<Embedding>> WordEmbedder::embed(std::vector<std::string> texts) const {
  std::vector<Embedding> directions;
  for (const std::string& text : texts) {
    directions.push_back(direction_of(text));
    co_await kNextStep;
  }
  co_return directions;
}

}  // namespace antiphon::models::stand_ins

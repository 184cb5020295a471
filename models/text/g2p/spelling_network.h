#pragma once

#include <filesystem>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "models/text/g2p/small_transformer.h"
#include "models/text/g2p/stress.h"
#include "models/weights/safetensors.h"

namespace antiphon::models::text {

// Letters to phonemes for words that the lexicon lacks: a character transformer (0.73 million parameters)
// whose output is read like CTC (repeats collapse, blanks drop).
//
// Owner:    any thread; read() may run on several at once (the cache of recent words has a lock of its own).
// Memory:   the weights stay in the mapped file (2.9 MB); the cache holds at most kCachedWordsMax words.
// Overload: only the first 24 letters of a word are read.
// Errors:   the constructor throws std::runtime_error that names the file and the field.
class SpellingNetwork {
 public:
  static constexpr std::size_t kCachedWordsMax = 2048;

  // Reads oov.json and oov.safetensors.
  explicit SpellingNetwork(const std::filesystem::path& folder);

  // Empty if no letter of the word is in the network's alphabet.
  Phonemes read(std::string_view word) const;

 private:
  struct Config {
    int letters_max = 0;
    int slots = 0;  // output symbols per letter
    int heads = 0;
    int layers = 0;
    int width = 0;
    int inner = 0;
    std::unordered_map<char32_t, int> letters;  // 1-based; 0 is unused
    Phonemes symbols;                           // symbol i + 1
  };
  static Config read_config(const std::filesystem::path& path, const SafetensorsFile& file);
  Phonemes infer(const std::vector<int>& letters) const;

  SafetensorsFile file_;
  Config config_;
  std::span<const float> embedding_, position_;
  std::vector<TransformerLayer> layers_;
  std::span<const float> norm_scale_, norm_shift_, head_weight_, head_bias_;

  // Two generations of recent words: when the new one is full it becomes the old one, which is dropped.
  mutable std::mutex cache_mutex_;
  mutable std::unordered_map<std::string, Phonemes> cache_new_;  // guarded by cache_mutex_
  mutable std::unordered_map<std::string, Phonemes> cache_old_;  // guarded by cache_mutex_
};

}  // namespace antiphon::models::text

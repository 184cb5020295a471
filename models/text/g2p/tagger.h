#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "models/text/g2p/token.h"

namespace antiphon::models::text {

// Part-of-speech tagger: an averaged perceptron over fifteen features of a word and its neighbours, greedy
// from left to right. Words with one dominant tag are answered from a dictionary.
//
// Owner:  any thread; immutable after construction.
// Memory: about 4 MB for the English tables (hashes, not strings).
// Errors: the constructor throws std::runtime_error that names the file and the line.
// Source: Collins, "Discriminative Training Methods for Hidden Markov Models", 2002; weights from the voice's
// folder.
class Tagger {
 public:
  // Reads tagger.tsv, tagger_dict.tsv, tagger_tags.txt and tagger_vocab.txt.
  explicit Tagger(const std::filesystem::path& folder);

  // Sets the tag of each token; tags live as long as the tagger.
  void tag(std::vector<TextToken>& tokens) const;

 private:
  static constexpr std::size_t kTagsMax = 64;
  struct Weight {
    std::uint8_t tag;
    std::int16_t tenths;
  };
  struct Feature {  // a slot of an open hash table; count 0: empty
    std::uint64_t hash = 0;
    std::uint32_t first = 0;
    std::uint32_t count = 0;
  };
  // Features are looked up by the hash of their text ("w-1=the"), built up piece by piece.
  class FeatureHash;
  using Scores = std::array<double, kTagsMax>;

  void read_tags(const std::filesystem::path& path);
  void read_dictionary(const std::filesystem::path& path);
  void read_vocabulary(const std::filesystem::path& path);
  void read_weights(const std::filesystem::path& path);
  std::uint8_t tag_index(std::string_view tag) const;  // tags_.size() if unknown
  void insert(const Feature& feature);
  void add(const FeatureHash& feature, Scores& scores) const;
  std::string context_word(std::string_view word) const;
  std::uint8_t best_tag(const Scores& scores) const;
  std::uint8_t predict(std::size_t i, std::string_view word, const std::vector<std::string>& context,
                       std::string_view previous, std::string_view before_previous) const;

  std::vector<std::string> tags_;  // ascending
  std::unordered_map<std::string, std::uint8_t> dictionary_;
  std::unordered_set<std::uint64_t> vocabulary_;
  std::vector<Feature> features_;  // size is a power of two
  std::vector<Weight> weights_;
};

}  // namespace antiphon::models::text

#include "models/text/g2p/spelling_network.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "models/text/characters.h"
#include "models/weights/mapped_file.h"

namespace antiphon::models::text {
namespace {

int whole_number(const nlohmann::json& all, const char* name, const std::filesystem::path& path) {
  const auto found = all.find(name);
  if (found == all.end() || !found->is_number_integer() || found->get<std::int64_t>() < 1 ||
      found->get<std::int64_t>() > 1024) {
    throw std::runtime_error(path.string() + ": field '" + name + "' is no whole number from 1 to 1024");
  }
  return found->get<int>();
}

std::u32string characters(const nlohmann::json& all, const char* name, const std::filesystem::path& path) {
  std::u32string out;
  const auto found = all.find(name);
  if (found != all.end() && found->is_array() && found->size() <= 4096) {
    for (const auto& entry : *found) {
      const std::u32string text =
          entry.is_string() ? to_code_points(entry.get_ref<const std::string&>()) : U"";
      if (text.size() == 1) out += text;
    }
  }
  if (out.empty() || out.size() != found->size()) {
    throw std::runtime_error(path.string() + ": field '" + name + "' is no list of single characters");
  }
  return out;
}

int rows_or_columns(const SafetensorsFile& file, const char* name, std::size_t dimension) {
  const TensorView& tensor = file.tensor(name);
  if (tensor.shape.size() <= dimension || tensor.shape[dimension] < 8 || tensor.shape[dimension] > 8192 ||
      tensor.shape[dimension] % 8 != 0) {
    throw std::runtime_error(file.path().string() + ": tensor '" + name + "' has an unexpected shape");
  }
  return static_cast<int>(tensor.shape[dimension]);
}

}  // namespace

SpellingNetwork::Config SpellingNetwork::read_config(const std::filesystem::path& path,
                                                     const SafetensorsFile& file) {
  const MappedFile bytes(path);
  const auto* text = reinterpret_cast<const char*>(bytes.bytes().data());
  const auto all =
      nlohmann::json::parse(text, text + bytes.bytes().size(), nullptr, /*allow_exceptions=*/false);
  if (!all.is_object()) throw std::runtime_error(path.string() + ": not a JSON object");
  Config config;
  config.letters_max = whole_number(all, "maxlen", path);
  config.slots = whole_number(all, "slots", path);
  config.heads = whole_number(all, "heads", path);
  config.layers = whole_number(all, "layers", path);
  for (const char32_t letter : characters(all, "in", path)) {
    config.letters.emplace(letter, static_cast<int>(config.letters.size()) + 1);
  }
  config.symbols = characters(all, "out", path);
  config.width = rows_or_columns(file, "norm.weight", 0);
  config.inner = rows_or_columns(file, "layers.0.linear1.weight", 0);
  if (config.width % config.heads != 0)
    throw std::runtime_error(path.string() + ": field 'heads' does not divide the width");
  return config;
}

SpellingNetwork::SpellingNetwork(const std::filesystem::path& folder)
    : file_(folder / "oov.safetensors"), config_(read_config(folder / "oov.json", file_)) {
  const int width = config_.width;
  const int outputs = config_.slots * static_cast<int>(config_.symbols.size() + 1);
  embedding_ = file_.f32("emb.weight", {static_cast<std::int64_t>(config_.letters.size()) + 1, width});
  position_ = file_.f32("pos", {config_.letters_max, width});
  for (int i = 0; i < config_.layers; ++i) {
    layers_.push_back(
        TransformerLayer::from(file_, "layers." + std::to_string(i) + ".", width, config_.inner));
  }
  norm_scale_ = file_.f32("norm.weight", {width});
  norm_shift_ = file_.f32("norm.bias", {width});
  head_weight_ = file_.f32("head.weight", {outputs, width});
  head_bias_ = file_.f32("head.bias", {outputs});
}

Phonemes SpellingNetwork::infer(const std::vector<int>& letters) const {
  const auto width = static_cast<std::size_t>(config_.width);
  const std::size_t rows = letters.size();
  std::vector<float> x(rows * width);  // (rows, width)
  for (std::size_t r = 0; r < rows; ++r) {
    const float* letter = &embedding_[static_cast<std::size_t>(letters[r]) * width];
    for (std::size_t i = 0; i < width; ++i) x[r * width + i] = letter[i] + position_[r * width + i];
  }
  for (const TransformerLayer& layer : layers_) layer.apply(x, config_.heads);
  std::vector<float> normed(x.size());
  layer_norm(x, norm_scale_, norm_shift_, normed);
  std::vector<float> scores(rows * head_bias_.size());  // (rows, slots * symbols)
  affine(normed, head_weight_, head_bias_, scores);

  Phonemes said;
  std::size_t previous = 0;
  const std::size_t symbols = config_.symbols.size() + 1;
  for (std::size_t at = 0; at < scores.size(); at += symbols) {
    const auto first = scores.begin() + static_cast<std::ptrdiff_t>(at);
    const auto best = static_cast<std::size_t>(
        std::max_element(first, first + static_cast<std::ptrdiff_t>(symbols)) - first);
    if (best != 0 && best != previous) said += config_.symbols[best - 1];
    previous = best;
  }
  return said;
}

Phonemes SpellingNetwork::read(std::string_view word) const {
  std::vector<int> letters;
  std::string key;  // the letters that count
  for (std::size_t at = 0;
       at < word.size() && letters.size() < static_cast<std::size_t>(config_.letters_max);) {
    const char32_t c = next_code_point(word, at);
    const auto letter = config_.letters.find(c);
    if (letter == config_.letters.end()) continue;
    letters.push_back(letter->second);
    append_utf8(key, c);
  }
  if (letters.empty()) return {};
  {
    const std::lock_guard lock(cache_mutex_);
    for (const auto* cache : {&cache_new_, &cache_old_}) {
      if (const auto found = cache->find(key); found != cache->end()) return found->second;
    }
  }
  Phonemes said = infer(letters);
  const std::lock_guard lock(cache_mutex_);
  if (cache_new_.size() >= kCachedWordsMax / 2) cache_old_ = std::exchange(cache_new_, {});
  cache_new_.emplace(std::move(key), said);
  return said;
}

}  // namespace antiphon::models::text

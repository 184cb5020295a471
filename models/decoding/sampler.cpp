#include "models/decoding/sampler.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

namespace antiphon::models {
namespace {

constexpr std::size_t kBlock = 64;  // one word of a TokenMask
constexpr float kImpossible = -std::numeric_limits<float>::infinity();
// A token this far below the likeliest, in units of the temperature, has 1e-12 of its probability.
constexpr float kNegligible = 28.0f;

// Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators".
std::uint64_t split_mix(std::uint64_t* state) {
  std::uint64_t z = *state += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

float max_of_block(const float* scores) {
  float lanes[8];
  std::fill_n(lanes, 8, kImpossible);
  for (std::size_t i = 0; i < kBlock; i += 8) {
    for (std::size_t j = 0; j < 8; ++j) lanes[j] = scores[i + j] > lanes[j] ? scores[i + j] : lanes[j];
  }
  return *std::max_element(lanes, lanes + 8);
}

}  // namespace

Sampler::Sampler(const SamplingOptions& options, std::uint64_t seed)
    : options_(options), random_state_(seed) {
  assert(options.temperature >= 0 && options.top_k >= 0 && options.top_p >= 0);
  assert(options.repetition_penalty > 0 && options.repetition_window_tokens >= 0);
}

Token Sampler::sample(std::span<const float> logits, std::span<const Token> history,
                      const TokenMask* allowed) {
  assert(!logits.empty());
  copy_scores(logits, allowed);
  if (options_.repetition_penalty != 1.0f) penalise(history);
  const Candidate best = likeliest();
  assert(best.score > kImpossible);
  if (options_.temperature == 0.0f) return best.token;

  collect_candidates(best.score);
  double draw = keep_top() * uniform();
  for (const Candidate& candidate : candidates_) {
    draw -= candidate.weight;
    if (draw < 0) return candidate.token;
  }
  return candidates_.front().token;  // rounding took the draw past the last one
}

void Sampler::copy_scores(std::span<const float> logits, const TokenMask* allowed) {
  scores_.resize((logits.size() + kBlock - 1) / kBlock * kBlock);
  std::ranges::copy(logits, scores_.begin());
  std::fill(scores_.begin() + static_cast<std::ptrdiff_t>(logits.size()), scores_.end(), kImpossible);
  if (allowed == nullptr) return;
  const std::span<const std::uint64_t> words = allowed->words();
  assert(words.size() == scores_.size() / kBlock);
  for (std::size_t block = 0; block < words.size(); ++block) {
    if (words[block] == ~std::uint64_t{0}) continue;
    float* scores = &scores_[block * kBlock];
    for (std::size_t i = 0; i < kBlock; ++i) {
      if ((words[block] >> i & 1) == 0) scores[i] = kImpossible;
    }
  }
}

void Sampler::penalise(std::span<const Token> history) {
  const auto window = static_cast<std::size_t>(options_.repetition_window_tokens);
  if (history.size() > window) history = history.last(window);
  penalised_.assign(history.begin(), history.end());
  std::ranges::sort(penalised_);
  penalised_.erase(std::ranges::unique(penalised_).begin(), penalised_.end());
  for (const Token token : penalised_) {
    float& score = scores_[static_cast<std::size_t>(token)];
    score = score > 0 ? score / options_.repetition_penalty : score * options_.repetition_penalty;
  }
}

Sampler::Candidate Sampler::likeliest() {
  block_max_.resize(scores_.size() / kBlock);
  for (std::size_t block = 0; block < block_max_.size(); ++block) {
    block_max_[block] = max_of_block(&scores_[block * kBlock]);
  }
  const auto best = std::ranges::max_element(block_max_);
  const auto begin = scores_.begin() + (best - block_max_.begin()) * static_cast<std::ptrdiff_t>(kBlock);
  const auto found = std::find(begin, begin + kBlock, *best);
  return {static_cast<Token>(found - scores_.begin()), *best, 1.0};
}

void Sampler::collect_candidates(float score_max) {
  const float temperature = options_.temperature;
  const float least = score_max - kNegligible * temperature;
  candidates_.clear();
  for (std::size_t block = 0; block < block_max_.size(); ++block) {
    if (block_max_[block] < least) continue;
    for (std::size_t i = block * kBlock; i < (block + 1) * kBlock; ++i) {
      if (!(scores_[i] >= least)) continue;
      const double weight = std::exp(static_cast<double>(scores_[i] - score_max) / temperature);
      candidates_.push_back({static_cast<Token>(i), scores_[i], weight});
    }
  }
}

// Leaves the candidates that top_k and top_p keep; returns the sum of their weights.
double Sampler::keep_top() {
  const auto likelier = [](const Candidate& a, const Candidate& b) {
    return a.score != b.score ? a.score > b.score : a.token < b.token;
  };
  if (options_.top_k > 0 && candidates_.size() > static_cast<std::size_t>(options_.top_k)) {
    std::ranges::nth_element(candidates_, candidates_.begin() + options_.top_k - 1, likelier);
    candidates_.resize(static_cast<std::size_t>(options_.top_k));
  }
  double sum = 0;
  for (const Candidate& candidate : candidates_) sum += candidate.weight;
  if (options_.top_p >= 1.0f) return sum;

  // A heap gives the likeliest ones in order without sorting the rest.
  const auto less_likely = [&](const Candidate& a, const Candidate& b) { return likelier(b, a); };
  std::ranges::make_heap(candidates_, less_likely);
  double kept = 0;
  auto heap_end = candidates_.end();
  do {
    std::ranges::pop_heap(candidates_.begin(), heap_end, less_likely);
    kept += (--heap_end)->weight;
  } while (kept < options_.top_p * sum && heap_end != candidates_.begin());
  candidates_.erase(candidates_.begin(), heap_end);
  return kept;
}

// In [0, 1), a multiple of 2^-53.
double Sampler::uniform() {
  return static_cast<double>(split_mix(&random_state_) >> 11) * 0x1.0p-53;
}

}  // namespace antiphon::models

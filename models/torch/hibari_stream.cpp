#include "models/torch/hibari_stream.h"

#include <algorithm>
#include <cassert>
#include <numeric>
#include <utility>

#include "models/synthesis/word_times.h"

namespace antiphon::models::torch {
namespace {

using synthesis::SilenceGate;

constexpr std::u32string_view kSoundless =
    U" ;:,.!?\u2014\u2026\"()\u201c\u201d\u02c8\u02cc\u02d0\u02b0\u02b2\u0303"
    U"\u2193\u2192\u2197\u2198";  // punctuation, stress, length, tones
constexpr int kHopsPerStep = 32;
// Hops before a phrase's first wanted one that the overlap completes without all their windows.
constexpr int kWarmHops = 3;
// Between where speech can begin and where it does begin usually lie this many silent hops.
constexpr int kUsualLeadHops = 6;
// Speech can begin this many hops before the leading pad's end (measured: 8 at most), at speed 1 and above.
constexpr float kStartAheadHops = 10.0f;
// Only this much of a phrase's end is searched for the silence after it.
constexpr std::int64_t kTailHops = 48;

int pause_hops(text::PhraseEnd end, float speed) {
  const float pause = end == text::PhraseEnd::kSentence ? 20.0f
                      : end == text::PhraseEnd::kClause ? 10.0f
                                                        : 4.0f;
  return std::max(2, static_cast<int>(pause / std::max(speed, 1.0f)));
}

// Slow speech begins even earlier (measured: 11, 16 and 26 hops at 0.85, 0.7 and 0.5).
std::int64_t first_speech_hop(const HibariFeatures& features, float speed) {
  const float slowness = 1.0f / std::min(speed, 1.0f);
  const auto ahead = static_cast<std::int64_t>(kStartAheadHops * slowness * slowness);
  return std::max<std::int64_t>(0, 2 * std::int64_t(features.durations.front()) - ahead);
}

}  // namespace

HibariInput read_symbols(const HibariConfig& config, std::u32string_view symbols) {
  HibariInput input;
  input.ids.push_back(0);
  for (const char32_t symbol : symbols) {
    const auto found = config.vocabulary.find(symbol);
    input.id_of.push_back(found == config.vocabulary.end() ? 0 : input.ids.size());
    if (found == config.vocabulary.end()) continue;
    if (kSoundless.find(symbol) == std::u32string_view::npos) input.last_sound = input.ids.size();
    input.ids.push_back(found->second);
  }
  input.ids.push_back(0);
  return input;
}

HibariStream::Speech::Speech(const HibariStream& stream, HibariFeatures made)
    : features(std::move(made)),
      first_hop(stream.options_.trim_silence ? first_speech_hop(features, stream.options_.speed) : 0),
      prosody(stream.config_, stream.weights_, features),
      decoder(stream.weights_, features, std::max<std::int64_t>(0, first_hop - 1)),
      waveform(
          {features.hops(), decoder.next_hop(), stream.options_.noise_seed, stream.options_.noise_level}),
      gate(stream.gate_config(features)),
      next_sample_hop(waveform.first_sample_hop()) {}

HibariStream::HibariStream(const HibariConfig& config, const HibariWeights& weights, HibariInput input,
                           const text::PhonemePhrase& phrase, const SynthesisOptions& options)
    : config_(config),
      weights_(weights),
      input_(std::move(input)),
      phrase_words_(phrase.words),
      end_(phrase.end),
      options_(options) {}

SilenceGate::Config HibariStream::gate_config(const HibariFeatures& features) const {
  const auto begin = features.durations.begin();
  const std::int64_t last_sound =
      2 * std::accumulate(begin, begin + static_cast<std::ptrdiff_t>(input_.last_sound), std::int64_t{0});
  return {first_speech_hop(features, options_.speed), std::max(features.hops() - kTailHops, last_sound),
          pause_hops(end_, options_.speed)};
}

std::optional<std::int64_t> HibariStream::samples_total() const {
  if (!complete_) return std::nullopt;
  return given_ + static_cast<std::int64_t>(ready_.size());
}

Stepped<std::vector<float>> HibariStream::next(int hops) {
  assert(hops > 0);
  if (!speech_) {
    HibariFeatures features = co_await make_features(config_, weights_, input_.ids, options_.speed);
    speech_ = std::make_unique<Speech>(*this, std::move(features));
    if (!options_.trim_silence) place_words(0);
    co_await kNextStep;
  }
  const std::size_t wanted = static_cast<std::size_t>(hops) * kHopSamples;
  while (!complete_ && ready_.size() < wanted) {
    const std::int64_t until = decode_until(hops);
    while (!speech_->prosody.advance_to(speech_->decoder.prosody_needed(until))) co_await kNextStep;
    decode(until);
    if (!complete_ && ready_.size() < wanted) co_await kNextStep;
  }
  co_return take_ready(hops);
}

// How far to decode next, so that `hops` hops become ready if the first sound comes where it usually does.
std::int64_t HibariStream::decode_until(int hops) const {
  const std::int64_t decoded = speech_->decoder.next_hop();
  std::int64_t missing = hops - static_cast<std::int64_t>(ready_.size()) / kHopSamples;
  if (speech_->next_sample_hop < speech_->first_hop) missing += kWarmHops + kUsualLeadHops;
  return std::min(decoded + std::clamp<std::int64_t>(missing, 1, kHopsPerStep), speech_->features.hops());
}

void HibariStream::decode(std::int64_t until) {
  std::vector<float> samples;
  const std::span<const float> curves = speech_->decoder.advance_to(until, speech_->prosody);
  speech_->waveform.add(curves, speech_->decoder.row_size(), speech_->prosody.pitch(), samples);
  take_samples(samples);
  if (until == speech_->features.hops() || (options_.trim_silence && speech_->gate.over())) complete();
}

void HibariStream::take_samples(std::span<const float> samples) {
  SilenceGate& gate = speech_->gate;
  for (; !samples.empty(); samples = samples.subspan(kHopSamples)) {
    if (speech_->next_sample_hop++ < speech_->first_hop) continue;
    if (!options_.trim_silence) {
      ready_.insert(ready_.end(), samples.begin(), samples.begin() + kHopSamples);
      continue;
    }
    const bool silent = !gate.started_at();
    gate.add(samples.first<kHopSamples>(), ready_);
    if (silent && gate.started_at()) place_words(*gate.started_at() * kHopSamples);
    if (gate.over()) return;
  }
}

void HibariStream::complete() {
  complete_ = true;
  if (!options_.trim_silence) return;
  SilenceGate& gate = speech_->gate;
  gate.finish(ready_);
  if (!gate.started_at()) place_words(0);  // nothing was heard
  const std::int64_t silent_from = gate.silent_from().value_or(speech_->features.hops());
  const std::int64_t heard = (silent_from - gate.started_at().value_or(silent_from)) * kHopSamples;
  synthesis::end_words_at(heard, words_);
}

void HibariStream::place_words(std::int64_t origin) {
  std::vector<int> units;
  for (const std::size_t id : input_.id_of) {
    units.push_back(id == 0 ? 0 : speech_->features.durations[id]);
  }
  const std::int64_t lead = std::int64_t(speech_->features.durations.front()) * 2 * kHopSamples;
  words_ = synthesis::word_times(
      phrase_words_, {lead, units, 2 * kHopSamples, synthesis::sound_ahead_samples(options_.speed)}, origin);
}

std::vector<float> HibariStream::take_ready(int hops) {
  const auto count = std::min(ready_.size(), static_cast<std::size_t>(hops) * kHopSamples);
  const auto end = ready_.begin() + static_cast<std::ptrdiff_t>(count);
  std::vector<float> chunk(ready_.begin(), end);
  ready_.erase(ready_.begin(), end);
  given_ += static_cast<std::int64_t>(count);
  return chunk;
}

}  // namespace antiphon::models::torch

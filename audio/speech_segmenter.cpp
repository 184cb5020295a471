#include "audio/speech_segmenter.h"

#include <algorithm>
#include <cassert>

namespace antiphon::audio {

SpeechSegmenter::SpeechSegmenter(const Config& config) : config_(config) {
  assert(0 <= config.padding && config.padding < config.silence_end);
  assert(0 < config.length_wanted && config.length_wanted <= config.length_max);
}

std::optional<SpeechSegment> SpeechSegmenter::push(float probability) {
  note(probability);
  if (!open_) {
    while (heard_ - first_ > config_.padding) {
      probabilities_.pop_front();
      ++first_;
    }
    return std::nullopt;
  }
  if (heard_ - speech_end_ >= config_.silence_end) return close();
  if (heard_ - first_ < config_.length_wanted) return std::nullopt;
  if (const auto pause = pause_to_cut_at()) return cut_at(pause->middle());
  return heard_ - first_ < config_.length_max ? std::nullopt : cut_at(least_likely_window());
}

std::optional<SpeechSegment> SpeechSegmenter::finish() {
  return open_ ? close() : std::nullopt;
}

void SpeechSegmenter::note(float probability) {
  probabilities_.push_back(probability);
  const bool speech = probability >= (speaking_ ? config_.silence_below : config_.speech_from);
  if (speech) {
    if (open_ && !speaking_ && heard_ - speech_end_ >= config_.pause_min) {
      pauses_.push_back({speech_end_, heard_});
    }
    open_ = true;
    speech_end_ = heard_ + 1;
  }
  speaking_ = speech;
  ++heard_;
}

// The longest pause behind the first quarter of the wanted length; of equals the latest.
std::optional<SpeechSegmenter::Pause> SpeechSegmenter::pause_to_cut_at() const {
  std::optional<Pause> best;
  const auto consider = [&](const Pause& pause) {
    if (pause.end - pause.begin < config_.pause_min) return;
    if (pause.middle() - first_ < config_.length_wanted / 4) return;
    if (!best || pause.end - pause.begin >= best->end - best->begin) best = pause;
  };
  for (const Pause& pause : pauses_) consider(pause);
  if (!speaking_) consider({speech_end_, heard_});
  return best;
}

// In the later half; of equals the latest.
std::int64_t SpeechSegmenter::least_likely_window() const {
  const auto end_of_search = probabilities_.rend() - config_.length_max / 2;
  const auto least = std::min_element(probabilities_.rbegin(), end_of_search);
  return first_ + (least.base() - 1 - probabilities_.begin());
}

// Ends the open segment there; what follows is the beginning of the next one.
std::optional<SpeechSegment> SpeechSegmenter::cut_at(std::int64_t end) {
  const auto cut = probabilities_.begin() + (end - first_);
  const auto speech =
      std::count_if(probabilities_.begin(), cut, [&](float value) { return value >= config_.silence_below; });
  const SpeechSegment segment{first_, end};
  probabilities_.erase(probabilities_.begin(), cut);
  first_ = end;
  std::erase_if(pauses_, [&](const Pause& pause) { return pause.end <= end; });
  for (Pause& pause : pauses_) pause.begin = std::max(pause.begin, end);
  if (speech < config_.speech_min) return std::nullopt;
  return segment;
}

std::optional<SpeechSegment> SpeechSegmenter::close() {
  const auto segment = cut_at(std::max(first_, std::min(speech_end_ + config_.padding, heard_)));
  open_ = false;
  pauses_.clear();
  return segment;
}

}  // namespace antiphon::audio

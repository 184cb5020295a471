#include "pipeline/session/ears.h"

#include <algorithm>
#include <cassert>

namespace antiphon::pipeline {
namespace {

// The recogniser takes 30 s at once, and a turn's closed pieces are not heard again.
constexpr turns::AudioTime kAudioKept{35'000};

}  // namespace

Ears::Ears(const SessionContext& context, audio::SampleFormat format)
    : context_(context), window_(models::VoiceActivityDetector::kWindowSamples), audio_(kAudioKept) {
  decoder_.emplace(format);
}

void Ears::set_format(audio::SampleFormat format) {
  if (decoder_->format() != format) decoder_.emplace(format);
}

std::size_t Ears::feed(std::span<const std::byte> bytes) {
  std::size_t read = 0;
  while (true) {
    hear(unheard_);
    if (!unheard_.empty() || window_.full()) return read;  // the lane is behind
    const audio::Progress progress = decoder_->decode(bytes.subspan(read), decoded_);
    read += progress.read;
    unheard_ = std::span(decoded_).first(progress.written);
    if (progress.written == 0 && read == bytes.size()) return read;
  }
}

void Ears::hear(std::span<const float> samples) {
  if (window_.full() && !submit_window()) return;
  while (!samples.empty()) {
    const std::size_t taken = window_.push(samples);
    const std::span<const float> heard = samples.first(taken);
    audio_.append(heard);
    if (in_turn_) context_.networks->turn->append(context_.seat, heard);
    samples = samples.subspan(taken);
    unheard_ = samples;
    if (window_.full() && !submit_window()) return;
  }
  unheard_ = samples;
}

bool Ears::submit_window() {
  if (windows_in_flight_ == kWindowsInFlightMax) return false;
  VoiceActivityWindow window;
  window.session = context_.id;
  window.slot = context_.seat;
  window.first = windows_ == 0;
  window.window = windows_;
  window.sink = context_.inbox;
  std::ranges::copy(window_.samples(), window.samples.begin());
  if (!context_.voice_activity->submit(window)) return false;
  quiet_[static_cast<std::size_t>(windows_ % kWindowsInFlightMax)] = level_.add(window_.samples());
  ++windows_;
  ++windows_in_flight_;
  window_.clear();
  return true;
}

turns::AudioTime Ears::on_window_done() {
  assert(windows_in_flight_ > 0);
  const std::int64_t window = windows_ - windows_in_flight_;
  --windows_in_flight_;
  return quiet_[static_cast<std::size_t>(window % kWindowsInFlightMax)];
}

turns::AudioTime Ears::silence_beyond(turns::AudioTime silence) const {
  constexpr std::size_t kSamplesPerMillisecond = audio::kCaptureRateHz / 1000;
  const std::span<const float> beyond = window_.samples();
  if (windows_in_flight_ > 0 || !level_.goes_on_in(beyond, silence)) return turns::AudioTime(0);
  return turns::AudioTime(beyond.size() / kSamplesPerMillisecond);
}

void Ears::begin_turn(turns::AudioTime audio_start) {
  in_turn_ = true;
  context_.networks->turn->reset(context_.seat);
  const std::vector<float> so_far = audio_.copy(audio_start, audio_.end());
  context_.networks->turn->append(context_.seat, so_far);
}

}  // namespace antiphon::pipeline

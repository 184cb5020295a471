#include "tests/simulation/script.h"

#include <algorithm>
#include <span>
#include <utility>

#include "audio/g711.h"

namespace antiphon::simulation {
namespace {

using namespace pipeline;
using std::chrono::milliseconds;

AudioBytes encoded(std::span<const float> samples, audio::SampleFormat format) {
  AudioBytes bytes;
  bytes.reserve(samples.size() * audio::sample_bytes(format));
  for (const float sample : samples) {
    const auto pcm = static_cast<std::int16_t>(sample * 32000.0F);
    if (format == audio::SampleFormat::kPcm16) {
      bytes.push_back(static_cast<std::byte>(pcm & 0xFF));
      bytes.push_back(static_cast<std::byte>(pcm >> 8 & 0xFF));
    } else {
      bytes.push_back(static_cast<std::byte>(
          format == audio::SampleFormat::kPcmu ? audio::mulaw_from_pcm16(pcm) : audio::alaw_from_pcm16(pcm)));
    }
  }
  return bytes;
}

}  // namespace

void ScriptWriter::send(ClientEvent::Body body) {
  events_.push_back(
      {now_, [body = std::move(body)](const SessionChecker&) { return ClientEvent{"", body}; }});
}

void ScriptWriter::add_audio(const std::vector<float>& samples) {
  const auto chunk = static_cast<std::size_t>(chunk_.count() * audio::rate_hz(format_) / 1000);
  for (std::size_t at = 0; at < samples.size(); at += chunk) {
    const std::size_t size = std::min(chunk, samples.size() - at);
    // A message is complete, and sent, when its last sample was recorded.
    now_ += Duration(std::chrono::seconds(1)) * static_cast<std::int64_t>(size) / audio::rate_hz(format_);
    send(AppendInputAudio{encoded(std::span(samples).subspan(at, size), format_)});
  }
}

void ScriptWriter::say(int words) {
  std::vector<float> samples;
  for (int i = 0; i < words; ++i) {
    said_.push_back({session_, dice_->between(0, Word::kDigits - 1)});
    fakes::append_sound(said_.back(), audio::rate_hz(format_), &samples);
  }
  add_audio(samples);
}

void ScriptWriter::be_silent(milliseconds duration) {
  add_audio(std::vector<float>(static_cast<std::size_t>(duration.count() * audio::rate_hz(format_) / 1000)));
}

void ScriptWriter::end_burst() {
  for (std::size_t i = burst_from_; i < events_.size(); ++i) events_[i].at = now_;
}

void ScriptWriter::sprinkle(std::function<std::optional<ClientEvent>(const SessionChecker&)> make) {
  events_.push_back({dice_->duration(Duration::zero(), now_), std::move(make)});
}

std::vector<ScriptedEvent> ScriptWriter::take() {
  std::ranges::stable_sort(events_, {}, &ScriptedEvent::at);
  return std::move(events_);
}

}  // namespace antiphon::simulation

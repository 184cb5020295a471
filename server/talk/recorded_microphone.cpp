#include "server/talk/recorded_microphone.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "audio/resampler.h"
#include "audio/sound_file_reader.h"

namespace antiphon::server {
namespace {

constexpr std::size_t kPieceSamples = 1 << 16;

std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream || std::filesystem::is_directory(file)) {
    throw std::runtime_error("--microphone: there is no file '" + file.string() + "'");
  }
  std::ostringstream bytes;
  bytes << stream.rdbuf();
  return std::move(bytes).str();
}

std::vector<float> all_samples(audio::SoundFileReader& reader) {
  std::vector<float> samples;
  std::size_t count = kPieceSamples;
  while (count == kPieceSamples) {
    samples.resize(samples.size() + kPieceSamples);
    count = reader.read(std::span(samples).last(kPieceSamples));
    samples.resize(samples.size() - kPieceSamples + count);
  }
  return samples;
}

}  // namespace

Recording read_recording(const std::filesystem::path& file) {
  try {
    audio::SoundFileReader reader(bytes_of(file));
    const std::vector<float> samples = all_samples(reader);
    if (samples.empty()) throw std::runtime_error("it holds no sound");
    return {file.string(), audio::resample(samples, reader.sample_rate_hz(), audio::kRenderRateHz)};
  } catch (const std::runtime_error& error) {
    const std::string why = error.what();
    if (why.starts_with("--microphone")) throw;
    throw std::runtime_error("--microphone: '" + file.string() + "': " + why);
  }
}

bool RecordedMicrophone::next(pipeline::Time now, audio::RenderFrame& frame) {
  if (!running_) next_frame_at_ = now + audio::kFrameDuration;
  running_ = true;
  if (now < next_frame_at_) return false;
  const std::size_t count = std::min(frame.size(), samples().size() - at_);
  std::copy_n(samples().begin() + static_cast<std::ptrdiff_t>(at_), count, frame.begin());
  std::fill(frame.begin() + static_cast<std::ptrdiff_t>(count), frame.end(), 0.0F);
  at_ += count;
  next_frame_at_ += audio::kFrameDuration;
  return true;
}

bool RecordedMicrophone::begin_next() {
  if (begun_ == recordings_.size()) return false;
  ++begun_;
  at_ = 0;
  return true;
}

}  // namespace antiphon::server

#include "audio/sound_file_reader.h"

#include <sndfile.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

namespace antiphon::audio {
namespace {

// A file in memory, as libsndfile asks for it.
struct MemoryFile {
  std::string bytes;
  std::size_t position = 0;

  static MemoryFile& of(void* self) { return *static_cast<MemoryFile*>(self); }
  static sf_count_t length(void* self) { return static_cast<sf_count_t>(of(self).bytes.size()); }
  static sf_count_t tell(void* self) { return static_cast<sf_count_t>(of(self).position); }
  static sf_count_t seek(sf_count_t offset, int whence, void* self) {
    sf_count_t from = 0;
    if (whence == SEEK_CUR) from = tell(self);
    if (whence == SEEK_END) from = length(self);
    if (from + offset < 0 || from + offset > length(self)) return -1;
    of(self).position = static_cast<std::size_t>(from + offset);
    return from + offset;
  }
  static sf_count_t read(void* into, sf_count_t count, void* self) {
    MemoryFile& file = of(self);
    const std::size_t bytes = std::min(static_cast<std::size_t>(count), file.bytes.size() - file.position);
    std::memcpy(into, file.bytes.data() + file.position, bytes);
    file.position += bytes;
    return static_cast<sf_count_t>(bytes);
  }
};

// The library knows many more formats; only these are given to it.
bool is_known_format(std::string_view bytes) {
  if (bytes.size() < 12) return false;
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const bool mp3 = bytes.starts_with("ID3") || (byte(0) == 0xFF && (byte(1) & 0xE0) == 0xE0);
  const bool wav = (bytes.starts_with("RIFF") || bytes.starts_with("RF64")) && bytes.substr(8, 4) == "WAVE";
  return mp3 || wav || bytes.starts_with("OggS") || bytes.starts_with("fLaC");
}

}  // namespace

struct SoundFileReader::File {
  explicit File(std::string all) : memory{std::move(all)} {
    SF_VIRTUAL_IO access{MemoryFile::length, MemoryFile::seek, MemoryFile::read, nullptr, MemoryFile::tell};
    handle = sf_open_virtual(&access, SFM_READ, &info, &memory);
    if (handle == nullptr) throw std::runtime_error(sf_strerror(nullptr));
  }
  ~File() { sf_close(handle); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  MemoryFile memory;
  SF_INFO info{};
  SNDFILE* handle = nullptr;
  std::vector<float> frames;  // interleaved
};

SoundFileReader::SoundFileReader(std::string bytes) {
  if (!is_known_format(bytes)) {
    throw std::runtime_error("It is none of WAV, MP3, FLAC and Ogg (Vorbis or Opus)");
  }
  file_ = std::make_unique<File>(std::move(bytes));
  const SF_INFO& info = file_->info;
  if (info.samplerate < kSampleRateMin || info.samplerate > kSampleRateMax) {
    throw std::runtime_error("Its sample rate is not between 4 and 192 kHz");
  }
  if (info.channels < 1 || info.channels > kChannelsMax) throw std::runtime_error("It has too many channels");
}

SoundFileReader::~SoundFileReader() = default;
SoundFileReader::SoundFileReader(SoundFileReader&&) noexcept = default;

int SoundFileReader::sample_rate_hz() const {
  return file_->info.samplerate;
}

std::size_t SoundFileReader::read(std::span<float> samples) {
  const auto channels = static_cast<std::size_t>(file_->info.channels);
  std::vector<float>& frames = file_->frames;
  frames.resize(samples.size() * channels);
  const sf_count_t got =
      sf_readf_float(file_->handle, frames.data(), static_cast<sf_count_t>(samples.size()));
  const auto count = static_cast<std::size_t>(std::max<sf_count_t>(0, got));
  for (std::size_t i = 0; i < count; ++i) {
    float sum = 0;
    for (std::size_t channel = 0; channel < channels; ++channel) sum += frames[i * channels + channel];
    const float mean = sum / static_cast<float>(channels);
    samples[i] = std::isfinite(mean) ? std::clamp(mean, -1.0F, 1.0F) : 0.0F;
  }
  return count;
}

}  // namespace antiphon::audio

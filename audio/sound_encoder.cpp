#include "audio/sound_encoder.h"

#include <sndfile.h>

#include <algorithm>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "audio/wav_writer.h"

namespace antiphon::audio {
namespace {

constexpr double kOggPageMs = 100;  // a page is what a listener gets at once

class PcmEncoder final : public SoundEncoder {
 public:
  explicit PcmEncoder(std::string header) : header_(std::move(header)) {}
  std::string encode(std::span<const float> samples) override {
    return std::exchange(header_, "") + pcm16_bytes(samples);
  }
  std::string finish() override { return std::exchange(header_, ""); }

 private:
  std::string header_;  // not given out yet
};

std::string wav_header(int sample_rate_hz) {
  std::ostringstream bytes;
  const WavWriter header(bytes, sample_rate_hz);
  return bytes.str();
}

// What libsndfile writes, minus what it comes back to: the headers' lengths, which a stream has to do
// without.
struct OutgoingBytes {
  std::string pending;
  sf_count_t given_out = 0;
  sf_count_t position = 0;

  static OutgoingBytes& of(void* self) { return *static_cast<OutgoingBytes*>(self); }
  static sf_count_t length(void* self) {
    return of(self).given_out + static_cast<sf_count_t>(of(self).pending.size());
  }
  static sf_count_t tell(void* self) { return of(self).position; }
  static sf_count_t seek(sf_count_t offset, int whence, void* self) {
    sf_count_t from = 0;
    if (whence == SEEK_CUR) from = tell(self);
    if (whence == SEEK_END) from = length(self);
    of(self).position = std::clamp<sf_count_t>(from + offset, 0, length(self));
    return of(self).position;
  }
  static sf_count_t read(void*, sf_count_t, void*) { return 0; }
  static sf_count_t write(const void* from, sf_count_t count, void* self) {
    OutgoingBytes& out = of(self);
    const auto* bytes = static_cast<const char*>(from);
    for (sf_count_t i = 0; i < count; ++i, ++out.position) {
      if (out.position < out.given_out) continue;
      const auto at = static_cast<std::size_t>(out.position - out.given_out);
      if (at < out.pending.size()) {
        out.pending[at] = bytes[i];
      } else {
        out.pending += bytes[i];
      }
    }
    return count;
  }
  std::string take() {
    given_out += static_cast<sf_count_t>(pending.size());
    return std::exchange(pending, "");
  }
};

class LibraryEncoder final : public SoundEncoder {
 public:
  LibraryEncoder(int format, int sample_rate_hz) : tagged_((format & SF_FORMAT_TYPEMASK) == SF_FORMAT_MPEG) {
    SF_INFO info{};
    info.samplerate = sample_rate_hz;
    info.channels = 1;
    info.format = format;
    SF_VIRTUAL_IO access{OutgoingBytes::length, OutgoingBytes::seek, OutgoingBytes::read,
                         OutgoingBytes::write, OutgoingBytes::tell};
    handle_ = sf_open_virtual(&access, SFM_WRITE, &info, &bytes_);
    if (handle_ == nullptr) throw std::runtime_error(sf_strerror(nullptr));
    double page_ms = kOggPageMs;
    sf_command(handle_, SFC_SET_OGG_PAGE_LATENCY_MS, &page_ms, sizeof page_ms);  // others ignore it
    int mode = SF_BITRATE_MODE_CONSTANT;  // players tell an MP3 stream's length from its first frame
    if (tagged_) sf_command(handle_, SFC_SET_BITRATE_MODE, &mode, sizeof mode);
    sf_command(handle_, SFC_SET_CLIPPING, nullptr, SF_TRUE);
  }
  ~LibraryEncoder() override {
    if (handle_ != nullptr) sf_close(handle_);
  }
  LibraryEncoder(const LibraryEncoder&) = delete;
  LibraryEncoder& operator=(const LibraryEncoder&) = delete;

  std::string encode(std::span<const float> samples) override {
    sf_writef_float(handle_, samples.data(), static_cast<sf_count_t>(samples.size()));
    return without_tag(bytes_.take());
  }
  std::string finish() override {
    sf_close(std::exchange(handle_, nullptr));
    return without_tag(bytes_.take());
  }

 private:
  // The first frame of an MP3 file says how many follow, which a stream can't know: players would stop there.
  // It is all zeros behind its head, so the next frame begins where that head comes again.
  std::string without_tag(std::string bytes) {
    if (!tagged_) return bytes;
    tag_ += bytes;
    const std::size_t next = tag_.size() < 4 ? std::string::npos : tag_.find(tag_.substr(0, 2), 4);
    if (next == std::string::npos) return "";
    tagged_ = false;
    return std::exchange(tag_, "").substr(next);
  }

  OutgoingBytes bytes_;
  bool tagged_;
  std::string tag_;  // up to the second frame
  SNDFILE* handle_ = nullptr;
};

}  // namespace

std::unique_ptr<SoundEncoder> make_sound_encoder(SoundFormat format, int sample_rate_hz) {
  switch (format) {
    case SoundFormat::kPcm16:
      return std::make_unique<PcmEncoder>("");
    case SoundFormat::kWav:
      return std::make_unique<PcmEncoder>(wav_header(sample_rate_hz));
    case SoundFormat::kMp3:
      return std::make_unique<LibraryEncoder>(SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III, sample_rate_hz);
    case SoundFormat::kFlac:
      return std::make_unique<LibraryEncoder>(SF_FORMAT_FLAC | SF_FORMAT_PCM_16, sample_rate_hz);
    case SoundFormat::kOggOpus:
      return std::make_unique<LibraryEncoder>(SF_FORMAT_OGG | SF_FORMAT_OPUS, sample_rate_hz);
  }
  return nullptr;
}

}  // namespace antiphon::audio

#include "server/talk/sound_card.h"

#include <alsa/asoundlib.h>
#include <fcntl.h>
#include <portaudio.h>
#include <unistd.h>

#include <algorithm>
#include <boost/lockfree/spsc_queue.hpp>
#include <cmath>
#include <cstddef>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "audio/stream_resampler.h"

namespace antiphon::server {
namespace {

using audio::kRenderRateHz;
using audio::StreamResampler;
using pipeline::Duration;
using pipeline::Time;

constexpr std::size_t kFrameSamples = audio::frame_samples(kRenderRateHz);
constexpr int kFramesAhead = 3;  // of 20 ms, in the ring: twice the time between two looks, and a little
constexpr double kLatencySeconds = 0.04;
constexpr std::size_t kRingSamples = 1 << 16;  // over a second at 48 kHz

using Ring = boost::lockfree::spsc_queue<float>;

// While they look around, the sound libraries write what they could not find to standard error; that is for
// nobody.
class NoStandardError {
 public:
  NoStandardError() : kept_(dup(STDERR_FILENO)) {
    const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    dup2(nowhere, STDERR_FILENO);
    close(nowhere);
  }
  ~NoStandardError() {
    dup2(kept_, STDERR_FILENO);
    close(kept_);
  }
  NoStandardError(const NoStandardError&) = delete;
  NoStandardError& operator=(const NoStandardError&) = delete;

 private:
  const int kept_;
};

// ALSA's kind of function.
void say_nothing(const char*, int, const char*, int, const char*, ...) {}  // NOLINT(cert-dcl50-cpp)

// The library, for as long as one is there.
class PortAudio {
 public:
  PortAudio() {
    const NoStandardError quiet;
    snd_lib_error_set_handler(say_nothing);  // later too
    const PaError error = Pa_Initialize();
    if (error != paNoError) throw std::runtime_error(std::string("PortAudio: ") + Pa_GetErrorText(error));
  }
  ~PortAudio() { Pa_Terminate(); }
  PortAudio(const PortAudio&) = delete;
  PortAudio& operator=(const PortAudio&) = delete;
};

// One direction of the card, mono.
class CardStream {
 public:
  enum class Direction { kIn, kOut };

  CardStream(Direction direction, PaStreamCallback* callback, void* owner) : direction_(direction) {
    const PaDeviceIndex device =
        direction == Direction::kIn ? Pa_GetDefaultInputDevice() : Pa_GetDefaultOutputDevice();
    if (device == paNoDevice) refuse("there is none");
    const double own_rate = Pa_GetDeviceInfo(device)->defaultSampleRate;
    PaError error = open_at(device, kRenderRateHz, callback, owner);
    if (error != paNoError && own_rate != kRenderRateHz) error = open_at(device, own_rate, callback, owner);
    if (error != paNoError) refuse(Pa_GetErrorText(error));
  }
  ~CardStream() {
    if (stream_ != nullptr) Pa_CloseStream(stream_);
  }
  CardStream(const CardStream&) = delete;
  CardStream& operator=(const CardStream&) = delete;

  // From here on the library calls back.
  void start() {
    const PaError error = Pa_StartStream(stream_);
    if (error != paNoError) refuse(Pa_GetErrorText(error));
  }
  void check() const {
    if (Pa_IsStreamActive(stream_) != 1) throw std::runtime_error(name() + " is gone");
  }
  int rate_hz() const { return rate_hz_; }
  // Of the device itself.
  Duration latency() const {
    const PaStreamInfo* info = Pa_GetStreamInfo(stream_);
    const double seconds = direction_ == Direction::kIn ? info->inputLatency : info->outputLatency;
    return std::chrono::round<Duration>(std::chrono::duration<double>(seconds));
  }
  Duration duration(std::size_t samples) const {
    return std::chrono::round<Duration>(
        std::chrono::duration<double>(static_cast<double>(samples) / rate_hz_));
  }

 private:
  PaError open_at(PaDeviceIndex device, double rate_hz, PaStreamCallback* callback, void* owner) {
    const NoStandardError quiet;
    PaStreamParameters parameters{};
    parameters.device = device;
    parameters.channelCount = 1;
    parameters.sampleFormat = paFloat32;
    parameters.suggestedLatency = kLatencySeconds;
    const bool in = direction_ == Direction::kIn;
    rate_hz_ = static_cast<int>(std::lround(rate_hz));
    return Pa_OpenStream(&stream_, in ? &parameters : nullptr, in ? nullptr : &parameters, rate_hz,
                         paFramesPerBufferUnspecified, paNoFlag, callback, owner);
  }
  std::string name() const { return direction_ == Direction::kIn ? "the microphone" : "the loudspeaker"; }
  [[noreturn]] void refuse(const std::string& why) const {
    const char* instead = direction_ == Direction::kIn ? "--microphone FILE speaks a recording instead"
                                                       : "--speaker none or FILE.wav does without";
    throw std::runtime_error(name() + " can't be opened (" + why + "); " + instead);
  }

  const PortAudio library_;
  const Direction direction_;
  PaStream* stream_ = nullptr;
  int rate_hz_ = kRenderRateHz;
};

// Samples of any number at another rate.
std::vector<float> resampled(StreamResampler& resampler, std::span<const float> samples, int from_hz,
                             int to_hz) {
  std::vector<float> out(
      samples.size() * static_cast<std::size_t>(to_hz) / static_cast<std::size_t>(from_hz) + 64);
  out.resize(resampler.process(samples, out).written);
  return out;
}

class CardMicrophone : public Microphone {
 public:
  CardMicrophone()
      : stream_(CardStream::Direction::kIn, &CardMicrophone::on_samples, this),
        resampler_(stream_.rate_hz(), kRenderRateHz, StreamResampler::Alignment::kDelayed) {
    stream_.start();
  }

  bool next(Time now, audio::RenderFrame& frame) override {
    fetch();
    if (heard_.size() < kFrameSamples) return false;
    std::copy_n(heard_.begin(), kFrameSamples, frame.begin());
    heard_.erase(heard_.begin(), heard_.begin() + kFrameSamples);
    const auto waiting = std::chrono::nanoseconds(heard_.size() * 1'000'000'000 / kRenderRateHz);
    spoken_at_ = now - stream_.latency() - waiting;
    return true;
  }
  Time spoken_at() const override { return spoken_at_; }

 private:
  static int on_samples(const void* in, void*, unsigned long count, const PaStreamCallbackTimeInfo*,
                        PaStreamCallbackFlags, void* owner) {
    static_cast<CardMicrophone*>(owner)->ring_.push(static_cast<const float*>(in), count);
    return paContinue;
  }

  void fetch() {
    stream_.check();
    std::vector<float> samples(ring_.read_available());
    samples.resize(ring_.pop(samples.data(), samples.size()));
    const auto converted = resampled(resampler_, samples, stream_.rate_hz(), kRenderRateHz);
    heard_.insert(heard_.end(), converted.begin(), converted.end());
  }

  Ring ring_{kRingSamples};
  CardStream stream_;  // goes first, and its callbacks with it
  StreamResampler resampler_;
  std::vector<float> heard_;
  Time spoken_at_;
};

class CardLoudspeaker : public Loudspeaker {
 public:
  CardLoudspeaker()
      : stream_(CardStream::Direction::kOut, &CardLoudspeaker::on_wanted, this),
        resampler_(kRenderRateHz, stream_.rate_hz(), StreamResampler::Alignment::kDelayed) {
    stream_.start();
  }

  int frames_wanted(Time) override {
    stream_.check();
    const std::size_t frame = kFrameSamples * static_cast<std::size_t>(stream_.rate_hz()) / kRenderRateHz;
    const auto waiting = static_cast<int>((ring_.read_available() + frame / 2) / frame);
    return std::max(0, kFramesAhead - waiting);
  }
  void play(const audio::RenderFrame& frame) override {
    const auto samples = resampled(resampler_, frame, kRenderRateHz, stream_.rate_hz());
    ring_.push(samples.data(), samples.size());
  }
  Duration delay() const override { return stream_.duration(ring_.read_available()) + stream_.latency(); }

 private:
  static int on_wanted(const void*, void* out, unsigned long count, const PaStreamCallbackTimeInfo*,
                       PaStreamCallbackFlags, void* owner) {
    auto* const samples = static_cast<float*>(out);
    const std::size_t taken = static_cast<CardLoudspeaker*>(owner)->ring_.pop(samples, count);
    std::fill(samples + taken, samples + count, 0.0F);
    return paContinue;
  }

  Ring ring_{kRingSamples};
  CardStream stream_;  // goes first, and its callbacks with it
  StreamResampler resampler_;
};

}  // namespace

std::unique_ptr<Microphone> open_card_microphone() {
  return std::make_unique<CardMicrophone>();
}

std::unique_ptr<Loudspeaker> open_card_loudspeaker() {
  return std::make_unique<CardLoudspeaker>();
}

}  // namespace antiphon::server

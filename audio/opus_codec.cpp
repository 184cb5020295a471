#include "audio/opus_codec.h"

#include <opus/opus.h>

#include <cassert>
#include <stdexcept>
#include <string>

namespace antiphon::audio {
namespace {

constexpr int kFrameSamples = static_cast<int>(frame_samples(kRenderRateHz));
constexpr int kComplexity = 5;  // of 10: half the time of the highest, and hardly heard with speech

const unsigned char* bytes_of(std::span<const std::byte> packet) {
  return reinterpret_cast<const unsigned char*>(packet.data());
}

void check(int result) {
  if (result != OPUS_OK) throw std::runtime_error(std::string("Opus: ") + opus_strerror(result));
}

}  // namespace

void OpusFrameEncoder::Destroy::operator()(OpusEncoder* encoder) const {
  opus_encoder_destroy(encoder);
}

OpusFrameEncoder::OpusFrameEncoder() {
  int result = OPUS_OK;
  encoder_.reset(opus_encoder_create(kRenderRateHz, 1, OPUS_APPLICATION_VOIP, &result));
  check(result);
  check(opus_encoder_ctl(encoder_.get(), OPUS_SET_BITRATE(kBitsPerSecond)));
  check(opus_encoder_ctl(encoder_.get(), OPUS_SET_COMPLEXITY(kComplexity)));
  check(opus_encoder_ctl(encoder_.get(), OPUS_SET_SIGNAL(OPUS_SIGNAL_VOICE)));
  check(opus_encoder_ctl(encoder_.get(), OPUS_SET_DTX(1)));
}

std::span<const std::byte> OpusFrameEncoder::encode(const Pcm16Frame& frame) {
  const opus_int32 bytes =
      opus_encode(encoder_.get(), frame.data(), kFrameSamples,
                  reinterpret_cast<unsigned char*>(packet_.data()), static_cast<opus_int32>(packet_.size()));
  assert(bytes > 0);  // only wrong arguments fail
  return std::span(packet_).first(static_cast<std::size_t>(bytes));
}

void OpusFrameDecoder::Destroy::operator()(OpusDecoder* decoder) const {
  opus_decoder_destroy(decoder);
}

OpusFrameDecoder::OpusFrameDecoder() {
  int result = OPUS_OK;
  decoder_.reset(opus_decoder_create(kRenderRateHz, 1, &result));
  check(result);
}

bool OpusFrameDecoder::is_frame(std::span<const std::byte> packet) {
  const auto size = static_cast<opus_int32>(packet.size());
  return size > 0 && opus_packet_get_nb_samples(bytes_of(packet), size, kRenderRateHz) == kFrameSamples;
}

Pcm16Frame OpusFrameDecoder::decode(std::span<const std::byte> packet) {
  if (!is_frame(packet)) return conceal();
  Pcm16Frame frame;
  const auto size = static_cast<opus_int32>(packet.size());
  const int samples = opus_decode(decoder_.get(), bytes_of(packet), size, frame.data(), kFrameSamples, 0);
  return samples == kFrameSamples ? frame : conceal();
}

Pcm16Frame OpusFrameDecoder::conceal() {
  Pcm16Frame frame;
  const int samples = opus_decode(decoder_.get(), nullptr, 0, frame.data(), kFrameSamples, 0);
  if (samples != kFrameSamples) frame.fill(0);
  return frame;
}

}  // namespace antiphon::audio

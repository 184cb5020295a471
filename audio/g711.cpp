#include "audio/g711.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>

namespace antiphon::audio {
namespace {

// A code is sign (1 bit), segment (3 bits) and step (4 bits); the line carries it with some bits inverted:
// all of mu-law's, every other one of A-law's.
constexpr int kAlawInversion = 0x55;
constexpr int kSignBit = 0x80;
constexpr int kMulawBias = 33;  // moves mu-law's segments to powers of two
constexpr int kMulawMagnitudeMax = 8191;

constexpr unsigned magnitude(std::int16_t sample, int bits_dropped) {
  const int value = sample;
  return static_cast<unsigned>((value < 0 ? ~value : value) >> bits_dropped);
}

constexpr std::int16_t decoded_mulaw(int code) {
  const int bits = ~code & 0xFF;
  const int segment = bits >> 4 & 7;
  const int step = bits & 15;
  const int value = (((2 * step + kMulawBias) << segment) - kMulawBias) * 4;
  return static_cast<std::int16_t>((bits & kSignBit) != 0 ? -value : value);
}

constexpr std::int16_t decoded_alaw(int code) {
  const int bits = code ^ kAlawInversion;
  const int segment = bits >> 4 & 7;
  const int step = bits & 15;
  // The middle of the step, in sixteenths of the standard's unit of segment 0.
  const int value = segment == 0 ? 16 * step + 8 : (16 * step + 264) << (segment - 1);
  return static_cast<std::int16_t>((bits & kSignBit) != 0 ? value : -value);
}

using DecodeTable = std::array<std::int16_t, 256>;

constexpr DecodeTable table_of(std::int16_t (*decode)(int)) {
  DecodeTable table{};
  for (int code = 0; code < 256; ++code) table[static_cast<std::size_t>(code)] = decode(code);
  return table;
}

constexpr DecodeTable kMulawTable = table_of(&decoded_mulaw);
constexpr DecodeTable kAlawTable = table_of(&decoded_alaw);

}  // namespace

std::uint8_t mulaw_from_pcm16(std::int16_t sample) {
  const unsigned biased = std::min<unsigned>(magnitude(sample, 2) + kMulawBias, kMulawMagnitudeMax);
  const int segment = static_cast<int>(std::bit_width(biased)) - 6;  // the bias alone has six bits
  const unsigned step = biased >> (segment + 1) & 15U;
  const unsigned sign = sample < 0 ? kSignBit : 0;
  return static_cast<std::uint8_t>(~(sign | static_cast<unsigned>(segment) << 4 | step));
}

std::int16_t pcm16_from_mulaw(std::uint8_t code) {
  return kMulawTable[code];
}

std::uint8_t alaw_from_pcm16(std::int16_t sample) {
  const unsigned value = magnitude(sample, 4);
  const int segment = std::max(static_cast<int>(std::bit_width(value)) - 4, 0);
  const unsigned step = value >> std::max(segment - 1, 0) & 15U;
  const unsigned sign = sample < 0 ? 0 : kSignBit;
  return static_cast<std::uint8_t>((sign | static_cast<unsigned>(segment) << 4 | step) ^ kAlawInversion);
}

std::int16_t pcm16_from_alaw(std::uint8_t code) {
  return kAlawTable[code];
}

}  // namespace antiphon::audio

// G.711: 8-bit logarithmic telephone audio. Source: ITU-T Recommendation G.711 (11/88), tables 1 and 2.
//
// Samples are 16-bit, full scale; the standard's 14-bit (mu-law) and 13-bit (A-law) values are their upper
// bits. Magnitudes of negative samples are their ones' complement, as in the ITU's software tools (G.191).
// Pure; any thread; any input is valid.
#pragma once

#include <cstdint>

namespace antiphon::audio {

std::uint8_t mulaw_from_pcm16(std::int16_t sample);
std::int16_t pcm16_from_mulaw(std::uint8_t code);

std::uint8_t alaw_from_pcm16(std::int16_t sample);
std::int16_t pcm16_from_alaw(std::uint8_t code);

}  // namespace antiphon::audio

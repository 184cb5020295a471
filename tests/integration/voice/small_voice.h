#pragma once

#include <string>

#include "server/commands/voice_networks.h"

namespace antiphon::server {

inline constexpr int kSmallVoiceSeats = 2;

// The small models, loaded once for the process, with that many slots.
VoiceNetworks& small_voice();

// The voice saying a sentence: PCM16 of 24 kHz.
std::string spoken_pcm(const std::string& sentence);

}  // namespace antiphon::server

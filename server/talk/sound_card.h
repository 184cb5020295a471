#pragma once

#include <memory>

#include "server/talk/loudspeaker.h"
#include "server/talk/microphone.h"

namespace antiphon::server {

// The default microphone and loudspeaker of this machine, through PortAudio: on Linux ALSA's "default", which
// is PipeWire or PulseAudio where one of them runs. At 24 kHz, or resampled if the device won't.
//
// Both throw std::runtime_error that says what to do if there is no such device, and when it goes away.
//
// Threads:  the library's own thread and the owner's meet in a lock-free ring.
// Overload: sound that nobody fetches for a second is dropped; without anything to play there is silence.
std::unique_ptr<Microphone> open_card_microphone();
std::unique_ptr<Loudspeaker> open_card_loudspeaker();

}  // namespace antiphon::server

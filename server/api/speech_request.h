// POST /v1/audio/speech: what the body asks for. Pure.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "audio/sound_encoder.h"
#include "server/net/http_fault.h"

namespace antiphon::server {

enum class SpeechStream : std::uint8_t { kAudio, kEvents };

struct SpeechRequest {
  std::string input;
  audio::SoundFormat format = audio::SoundFormat::kMp3;
  float speed = 1;
  SpeechStream stream = SpeechStream::kAudio;
};

std::variant<SpeechRequest, HttpFault> speech_request(std::string_view body);

std::string_view content_type_of(audio::SoundFormat format);
// The data of the events of a stream of events.
std::string speech_delta_event(std::string_view bytes);
std::string speech_done_event();

}  // namespace antiphon::server

#include "server/api/speech_request.h"

#include <boost/json.hpp>

#include <span>

#include "server/api/json_body.h"
#include "server/protocol/base64.h"

namespace antiphon::server {
namespace {
namespace json = boost::json;

constexpr std::size_t kInputCharactersMax = 4096;

std::size_t characters(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0) != 0x80 ? 1 : 0;
  return count;
}

// A name, or the vendor's {"id": ...} for a voice of one's own; any is accepted.
void read_voice(const protocol::Fields& body) {
  body.require("voice");
  const json::value* voice = body.value("voice");
  if (voice == nullptr || !voice->is_object()) body.text("voice");
}

}  // namespace

std::variant<SpeechRequest, HttpFault> speech_request(std::string_view text) {
  const auto parsed = json_body(text);
  if (const auto* fault = std::get_if<HttpFault>(&parsed)) return *fault;
  protocol::Fault fault;
  const protocol::Fields body(std::get<json::object>(parsed), "", fault);
  SpeechRequest request;
  body.require("model");
  body.text("model");
  body.require("input");
  request.input = body.text("input").value_or("");
  if (characters(request.input) > kInputCharactersMax) {
    body.fail("invalid_value", "input", "has more than 4096 characters.");
  }
  read_voice(body);
  using audio::SoundFormat;
  request.format = body.choice<SoundFormat>("response_format", {{"mp3", SoundFormat::kMp3},
                                                                {"opus", SoundFormat::kOggOpus},
                                                                {"flac", SoundFormat::kFlac},
                                                                {"wav", SoundFormat::kWav},
                                                                {"pcm", SoundFormat::kPcm16}})
                       .value_or(SoundFormat::kMp3);
  request.speed = static_cast<float>(body.number("speed", 0.25, 4).value_or(1));
  request.stream = body.choice<SpeechStream>(
                           "stream_format", {{"audio", SpeechStream::kAudio}, {"sse", SpeechStream::kEvents}})
                       .value_or(SpeechStream::kAudio);
  if (fault.found()) return bad_field(fault);
  return request;
}

std::string_view content_type_of(audio::SoundFormat format) {
  switch (format) {
    case audio::SoundFormat::kPcm16:
      return "audio/pcm";
    case audio::SoundFormat::kWav:
      return "audio/wav";
    case audio::SoundFormat::kMp3:
      return "audio/mpeg";
    case audio::SoundFormat::kFlac:
      return "audio/flac";
    case audio::SoundFormat::kOggOpus:
      return "audio/ogg";
  }
  return "";
}

std::string speech_delta_event(std::string_view bytes) {
  std::string base64;
  protocol::append_base64(base64, std::as_bytes(std::span(bytes)));
  return json::serialize(json::object{{"type", "speech.audio.delta"}, {"audio", base64}});
}

std::string speech_done_event() {
  return R"({"type":"speech.audio.done","usage":{"input_tokens":0,"output_tokens":0,"total_tokens":0}})";
}

}  // namespace antiphon::server

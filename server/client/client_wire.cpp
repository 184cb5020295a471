#include "server/client/client_wire.h"

#include <stdexcept>
#include <utility>
#include <variant>

#include "audio/wav_writer.h"
#include "server/protocol/base64.h"
#include "server/protocol/json_text.h"

namespace antiphon::server {

std::string_view ClientWire::append(std::span<const float> frame) {
  const std::string pcm = audio::pcm16_bytes(frame);
  const auto bytes = std::as_bytes(std::span(pcm));
  if (opus_) {
    pipeline::OutputAudioDelta audio;  // both directions look alike
    audio.audio.assign(bytes.begin(), bytes.end());
    packets_.write(audio, message_);
    return message_;
  }
  message_ = R"({"type":"input_audio_buffer.append","audio":")";
  protocol::append_base64(message_, bytes);
  message_ += "\"}";
  return message_;
}

boost::json::object ClientWire::event_of(std::string_view message, bool binary) {
  if (binary) return delta_of(message);
  auto read = protocol::json_object(message);
  auto* event = std::get_if<boost::json::object>(&read);
  const auto* type = event != nullptr ? event->if_contains("type") : nullptr;
  if (type == nullptr || !type->is_string()) throw std::runtime_error("the server sent what is no event");
  if (opus_ && type->as_string() == "response.content_part.added") {
    reply_ = event->at("response_id").as_string();
    item_ = event->at("item_id").as_string();
  }
  return std::move(*event);
}

boost::json::object ClientWire::delta_of(std::string_view packet) {
  const pipeline::ClientEvent heard = packets_.client_event(packet);
  const auto* audio = std::get_if<pipeline::AppendInputAudio>(&heard.body);
  if (audio == nullptr) throw std::runtime_error("the server sent a binary message that is no audio");
  std::string base64;
  protocol::append_base64(base64, audio->audio);
  return {{"type", "response.output_audio.delta"},
          {"response_id", reply_},
          {"item_id", item_},
          {"delta", base64}};
}

}  // namespace antiphon::server

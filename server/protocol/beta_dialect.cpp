#include "server/protocol/beta_dialect.h"

#include <algorithm>
#include <array>
#include <utility>

namespace antiphon::server::protocol {
namespace {
namespace json = boost::json;

using Names = std::pair<std::string_view, std::string_view>;

constexpr std::array<Names, 7> kEvents = {{
    {"conversation.item.added", "conversation.item.created"},
    {"response.output_audio.done", "response.audio.done"},
    {"response.output_audio_transcript.delta", "response.audio_transcript.delta"},
    {"response.output_audio_transcript.done", "response.audio_transcript.done"},
    {"response.output_text.delta", "response.text.delta"},
    {"response.output_text.done", "response.text.done"},
    {"response.output_audio.delta", kBetaAudioDelta},
}};
constexpr std::array<Names, 2> kContentTypes = {{{"output_text", "text"}, {"output_audio", "audio"}}};
constexpr std::array<Names, 3> kFormats = {
    {{"audio/pcm", "pcm16"}, {"audio/pcmu", "g711_ulaw"}, {"audio/pcma", "g711_alaw"}}};

// Fields that only the beta's flat sessions have.
constexpr std::array<std::string_view, 10> kFlatFields = {"modalities",
                                                          "voice",
                                                          "input_audio_format",
                                                          "output_audio_format",
                                                          "input_audio_transcription",
                                                          "input_audio_noise_reduction",
                                                          "turn_detection",
                                                          "temperature",
                                                          "max_response_output_tokens",
                                                          "speed"};

template <std::size_t size>
void rename(json::value& name, const std::array<Names, size>& names) {
  const auto found =
      std::ranges::find_if(names, [&](const Names& both) { return name == json::string_view(both.first); });
  if (found != names.end()) name = found->second;
}

json::value format_name(const json::value& format) {
  json::value name = format.at("type");
  rename(name, kFormats);
  return name;
}

json::array modalities(const json::value& output) {
  if (output == json::array{"audio"}) return {"audio", "text"};
  return {"text"};
}

void to_beta_item(json::object& item) {
  json::value* content = item.if_contains("content");
  if (content == nullptr) return;
  for (json::value& part : content->as_array()) rename(part.at("type"), kContentTypes);
}

json::object beta_response(const json::object& response) {
  const json::value& output = response.at("audio").at("output");
  json::object beta;
  for (const auto& [key, value] : response) {
    if (key == "audio") {
      beta["voice"] = output.at("voice");
      beta["output_audio_format"] = format_name(output.at("format"));
    } else if (key == "output_modalities") {
      beta["modalities"] = modalities(value);
    } else {
      beta[key] = value;
    }
  }
  for (json::value& item : beta.at("output").as_array()) to_beta_item(item.as_object());
  return beta;
}

void add_input(json::object& beta, const json::value& input) {
  beta["input_audio_format"] = format_name(input.at("format"));
  beta["input_audio_transcription"] = input.at("transcription");
  beta["input_audio_noise_reduction"] = input.at("noise_reduction");
  beta["turn_detection"] = input.at("turn_detection");
}

bool is_transcription(const json::object& session) {
  return session.at("type") == "transcription";
}

}  // namespace

bool speaks_beta(const Fields& event) {
  const json::value* type = event.value("type");
  if (type == nullptr) return false;
  if (*type == "transcription_session.update") return true;
  const json::value* value = event.value("session");
  if (*type != "session.update" || value == nullptr || !value->is_object()) return false;
  const json::object& session = value->get_object();
  if (session.contains("type") || session.contains("audio")) return false;
  return std::ranges::any_of(kFlatFields, [&](std::string_view key) { return session.contains(key); });
}

json::object beta_session(const json::object& session) {
  json::object beta;
  for (const auto& [key, value] : session) {
    if (key == "audio") {
      add_input(beta, value.at("input"));
      const json::value* output = value.as_object().if_contains("output");
      if (output == nullptr) continue;
      beta["output_audio_format"] = format_name(output->at("format"));
      beta["voice"] = output->at("voice");
      beta["speed"] = output->at("speed");
    } else if (key == "output_modalities") {
      beta["modalities"] = modalities(value);
    } else if (key == "max_output_tokens") {
      beta["max_response_output_tokens"] = value;
    } else if (key != "type" && key != "truncation" && key != "prompt" && key != "include") {
      beta[key] = value;
    }
  }
  return beta;
}

bool to_beta(json::object& event) {
  json::value& type = event.at("type");
  if (type == "conversation.item.done") return false;
  rename(type, kEvents);
  if (json::value* item = event.if_contains("item")) to_beta_item(item->as_object());
  if (json::value* response = event.if_contains("response")) *response = beta_response(response->as_object());
  if (json::value* session = event.if_contains("session")) {
    if (is_transcription(session->as_object())) {
      type = type == "session.created" ? "transcription_session.created" : "transcription_session.updated";
    }
    *session = beta_session(session->as_object());
  }
  return true;
}

}  // namespace antiphon::server::protocol

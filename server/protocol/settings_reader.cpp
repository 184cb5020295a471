#include "server/protocol/settings_reader.h"

#include <chrono>

#include "server/protocol/item_reader.h"

namespace antiphon::server::protocol {
namespace {
namespace json = boost::json;

using namespace pipeline;

constexpr std::size_t kMetadataMax = 16;
constexpr std::size_t kMetadataKeyBytesMax = 64;
constexpr std::size_t kMetadataValueBytesMax = 512;
constexpr std::size_t kInputItemsMax = 1000;
constexpr int kTokensMax = 4096;

template <class T>
void take(std::optional<T>& setting, std::optional<T> read) {
  if (read) setting = std::move(read);
}

std::optional<OutputModality> modality(const Fields& fields, std::string_view key, bool both_allowed) {
  const json::array* names = fields.array(key, 2);
  if (names == nullptr) return std::nullopt;
  bool text = false;
  bool audio = false;
  for (const json::value& name : *names) {
    text = text || name == "text";
    audio = audio || name == "audio";
  }
  const bool known = static_cast<std::size_t>(text) + static_cast<std::size_t>(audio) == names->size();
  if (!known || names->empty() || (text && audio && !both_allowed)) {
    fields.fail("invalid_value", key, "must be [\"audio\"] or [\"text\"].");
    return std::nullopt;
  }
  return audio ? OutputModality::kAudio : OutputModality::kText;
}

// {"type": "audio/pcm", "rate": 24000}, or the beta's "pcm16".
std::optional<audio::SampleFormat> sample_format(const Fields& fields, std::string_view key) {
  using audio::SampleFormat;
  const json::value* value = fields.value(key);
  if (value != nullptr && value->is_string()) {
    return fields.choice<SampleFormat>(key, {{"pcm16", SampleFormat::kPcm16},
                                             {"g711_ulaw", SampleFormat::kPcmu},
                                             {"g711_alaw", SampleFormat::kPcma}});
  }
  const std::optional<Fields> format = fields.object(key);
  if (!format) return std::nullopt;
  format->require("type");
  const auto type = format->choice<SampleFormat>("type", {{"audio/pcm", SampleFormat::kPcm16},
                                                          {"audio/pcmu", SampleFormat::kPcmu},
                                                          {"audio/pcma", SampleFormat::kPcma}});
  const auto rate = format->number("rate", 1, 1e6);
  if (type && rate && *rate != audio::rate_hz(*type)) {
    format->fail("invalid_value", "rate",
                 "must be " + std::to_string(audio::rate_hz(*type)) + " with this type.");
  }
  return type;
}

std::optional<TokenLimit> token_limit(const Fields& fields, std::string_view key) {
  const json::value* value = fields.value(key);
  if (value == nullptr) return std::nullopt;
  if (*value == "inf") return TokenLimit();
  const std::optional<int> tokens = fields.integer(key, 1, kTokensMax);
  return tokens ? std::optional<TokenLimit>(*tokens) : std::nullopt;
}

std::optional<std::vector<Tool>> tools(const Fields& fields) {
  if (fields.is_null("tools")) return std::vector<Tool>();
  const json::array* list = fields.array("tools", kToolsMax);
  if (list == nullptr) return std::nullopt;
  std::vector<Tool> read;
  for (std::size_t i = 0; i < list->size(); ++i) {
    const std::optional<Fields> tool = fields.element("tools", *list, i);
    if (!tool) return std::nullopt;
    tool->choice<bool>("type", {{"function", true}});
    read.push_back(function_tool(*tool));
  }
  return read;
}

std::optional<std::optional<NoiseReduction>> noise_reduction(const Fields& fields, std::string_view key) {
  if (fields.is_null(key)) return std::optional<NoiseReduction>();
  const std::optional<Fields> reduction = fields.object(key);
  if (!reduction) return std::nullopt;
  reduction->require("type");
  return reduction->choice<NoiseReduction>(
      "type", {{"near_field", NoiseReduction::kNearField}, {"far_field", NoiseReduction::kFarField}});
}

std::optional<std::optional<Transcription>> transcription(const Fields& fields, std::string_view key) {
  if (fields.is_null(key)) return std::optional<Transcription>();
  const std::optional<Fields> wish = fields.object(key);
  if (!wish) return std::nullopt;
  return Transcription{wish->text("model").value_or(""), wish->text("language").value_or(""),
                       wish->text("prompt").value_or("")};
}

std::optional<std::chrono::milliseconds> milliseconds(const Fields& fields, std::string_view key, int min,
                                                      int max) {
  const std::optional<int> count = fields.integer(key, min, max);
  return count ? std::optional(std::chrono::milliseconds(*count)) : std::nullopt;
}

std::optional<TurnDetectionUpdate> turn_detection(const Fields& fields, std::string_view key) {
  using Kind = TurnDetection::Kind;
  using turns::Eagerness;
  TurnDetectionUpdate update;
  if (fields.is_null(key)) {
    update.kind = Kind::kPushToTalk;
    return update;
  }
  const std::optional<Fields> detection = fields.object(key);
  if (!detection) return std::nullopt;
  update.kind = detection->choice<Kind>(
      "type", {{"server_vad", Kind::kServerVad}, {"semantic_vad", Kind::kSemanticVad}});
  update.create_response = detection->flag("create_response");
  update.interrupt_response = detection->flag("interrupt_response");
  if (const auto threshold = detection->number("threshold", 0, 1)) {
    update.threshold = static_cast<float>(*threshold);
  }
  update.prefix_padding = milliseconds(*detection, "prefix_padding_ms", 0, 10'000);
  update.silence_duration = milliseconds(*detection, "silence_duration_ms", 0, 30'000);
  if (detection->has("idle_timeout_ms")) {
    update.idle_timeout = milliseconds(*detection, "idle_timeout_ms", 1'000, 300'000);
  }
  update.eagerness = detection->choice<Eagerness>("eagerness", {{"low", Eagerness::kLow},
                                                                {"medium", Eagerness::kMedium},
                                                                {"high", Eagerness::kHigh},
                                                                {"auto", Eagerness::kMedium}});
  return update;
}

// A voice's name, or {"id": name}.
std::optional<std::string> voice(const Fields& fields) {
  const json::value* value = fields.value("voice");
  if (value == nullptr || value->is_string()) return fields.text("voice");
  const std::optional<Fields> voice = fields.object("voice");
  return voice ? voice->text("id") : std::nullopt;
}

void read_audio(const Fields& session, SessionUpdate& update) {
  const std::optional<Fields> audio = session.object("audio");
  if (!audio) return;
  if (const std::optional<Fields> input = audio->object("input")) {
    take(update.input_format, sample_format(*input, "format"));
    take(update.noise_reduction, noise_reduction(*input, "noise_reduction"));
    take(update.transcription, transcription(*input, "transcription"));
    take(update.turn_detection, turn_detection(*input, "turn_detection"));
  }
  if (const std::optional<Fields> output = audio->object("output")) {
    take(update.output_format, sample_format(*output, "format"));
    take(update.voice, voice(*output));
    take(update.speed, output->number("speed", 0.25, 1.5));
  }
}

void read_flat(const Fields& session, SessionUpdate& update) {
  take(update.output_modality, modality(session, "modalities", true));
  take(update.max_output_tokens, token_limit(session, "max_response_output_tokens"));
  take(update.input_format, sample_format(session, "input_audio_format"));
  take(update.noise_reduction, noise_reduction(session, "input_audio_noise_reduction"));
  take(update.transcription, transcription(session, "input_audio_transcription"));
  take(update.turn_detection, turn_detection(session, "turn_detection"));
  take(update.output_format, sample_format(session, "output_audio_format"));
  take(update.voice, voice(session));
  take(update.speed, session.number("speed", 0.25, 1.5));
}

Metadata metadata(const Fields& response) {
  Metadata read;
  const json::value* value = response.value("metadata");
  if (value == nullptr || !response.object("metadata")) return read;
  const Fields pairs = *response.object("metadata");
  for (const auto& [key, entry] : value->get_object()) {
    const std::string text = pairs.text(key).value_or("");
    if (key.size() > kMetadataKeyBytesMax || text.size() > kMetadataValueBytesMax) {
      pairs.fail("invalid_value", key, "is too long: 64 bytes for a key, 512 for a value.");
    }
    read.emplace_back(key, text);
  }
  if (read.size() > kMetadataMax) response.fail("invalid_value", "metadata", "has more than 16 pairs.");
  return read;
}

std::optional<std::vector<ResponseInput>> input(const Fields& response) {
  const json::array* list = response.array("input", kInputItemsMax);
  if (list == nullptr) return std::nullopt;
  std::vector<ResponseInput> read;
  for (std::size_t i = 0; i < list->size(); ++i) {
    const std::optional<Fields> item = response.element("input", *list, i);
    if (!item) return std::nullopt;
    const json::value* type = item->value("type");
    if (type != nullptr && *type == "item_reference") {
      item->require("id");
      read.emplace_back(ItemReference{item->id("id").value_or(WireId())});
    } else {
      read.emplace_back(conversation_item(*item));
    }
  }
  return read;
}

}  // namespace

Tool function_tool(const Fields& function) {
  function.require("name");
  const std::optional<Fields> parameters = function.object("parameters");
  return {function.text("name").value_or(""), function.text("description").value_or(""),
          parameters ? *function.json_text("parameters") : ""};
}

std::optional<ToolChoice> tool_choice(const Fields& fields) {
  using Kind = ToolChoice::Kind;
  const json::value* value = fields.value("tool_choice");
  if (value == nullptr) return std::nullopt;
  if (value->is_string()) {
    const auto kind = fields.choice<Kind>(
        "tool_choice", {{"auto", Kind::kAuto}, {"none", Kind::kNone}, {"required", Kind::kRequired}});
    return kind ? std::optional<ToolChoice>({*kind, ""}) : std::nullopt;
  }
  const std::optional<Fields> choice = fields.object("tool_choice");
  if (!choice) return std::nullopt;
  choice->require("type");
  choice->choice<bool>("type", {{"function", true}});
  choice->require("name");
  return ToolChoice{Kind::kFunction, choice->text("name").value_or("")};
}

SessionUpdate session_update(const Fields& session) {
  SessionUpdate update;
  update.type = session.choice<SessionType>(
      "type", {{"realtime", SessionType::kRealtime}, {"transcription", SessionType::kTranscription}});
  update.model = session.text("model");
  read_flat(session, update);
  take(update.output_modality, modality(session, "output_modalities", false));
  update.instructions = session.is_null("instructions") ? std::string() : session.text("instructions");
  update.tools = tools(session);
  update.tool_choice = tool_choice(session);
  take(update.max_output_tokens, token_limit(session, "max_output_tokens"));
  read_audio(session, update);
  update.tracing = session.json_text("tracing");
  update.prompt = session.json_text("prompt");
  update.include = session.json_text("include");
  update.truncation = session.json_text("truncation");
  return update;
}

ResponseOverrides response_overrides(const Fields& response) {
  ResponseOverrides overrides;
  take(overrides.output_modality, modality(response, "modalities", true));
  take(overrides.output_modality, modality(response, "output_modalities", false));
  overrides.instructions = response.text("instructions");
  overrides.tools = tools(response);
  overrides.tool_choice = tool_choice(response);
  take(overrides.max_output_tokens, token_limit(response, "max_response_output_tokens"));
  take(overrides.max_output_tokens, token_limit(response, "max_output_tokens"));
  take(overrides.output_format, sample_format(response, "output_audio_format"));
  take(overrides.voice, voice(response));
  if (const std::optional<Fields> audio = response.object("audio")) {
    if (const std::optional<Fields> output = audio->object("output")) {
      take(overrides.output_format, sample_format(*output, "format"));
      take(overrides.voice, voice(*output));
    }
  }
  overrides.outside_conversation =
      response.choice<bool>("conversation", {{"auto", false}, {"none", true}}).value_or(false);
  overrides.input = input(response);
  overrides.metadata = metadata(response);
  return overrides;
}

}  // namespace antiphon::server::protocol

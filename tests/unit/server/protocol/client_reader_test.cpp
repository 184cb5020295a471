#include "server/protocol/client_reader.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace antiphon::server::protocol {
namespace {

using namespace pipeline;
using namespace std::chrono_literals;

ClientEvent event_of(std::string_view message) {
  Dialect dialect = Dialect::kCurrent;
  return client_event(message, dialect);
}

template <class Event>
Event read(const std::string& message) {
  const ClientEvent event = event_of(message);
  const auto* invalid = std::get_if<InvalidEvent>(&event.body);
  EXPECT_EQ(invalid == nullptr ? "" : invalid->param + ": " + invalid->message, "");
  return std::get<Event>(event.body);
}

SessionUpdate update(const std::string& session) {
  return read<SessionUpdate>(R"({"type":"session.update","session":)" + session + "}");
}

std::string fault(const std::string& message) {
  const ClientEvent event = event_of(message);
  const auto* invalid = std::get_if<InvalidEvent>(&event.body);
  return invalid == nullptr ? "" : invalid->code + " " + invalid->param;
}

std::string session_fault(const std::string& session) {
  return fault(R"({"type":"session.update","session":)" + session + "}");
}

std::string item_fault(const std::string& item) {
  return fault(R"({"type":"conversation.item.create","item":)" + item + "}");
}

TEST(ClientReader, ReadsTheAudioBuffersEvents) {
  const auto append = read<AppendInputAudio>(R"({"type":"input_audio_buffer.append","audio":"AAEC"})");
  EXPECT_EQ(append.audio, (AudioBytes{std::byte{0}, std::byte{1}, std::byte{2}}));
  read<CommitInputAudio>(R"({"type":"input_audio_buffer.commit"})");
  read<ClearInputAudio>(R"({"type":"input_audio_buffer.clear","event_id":null})");
  read<ClearOutputAudio>(R"({"type":"output_audio_buffer.clear"})");
  EXPECT_EQ(event_of(R"({"type":"input_audio_buffer.clear","event_id":"e1"})").event_id, "e1");
}

TEST(ClientReader, ReadsItems) {
  const auto user = read<CreateItem>(
      R"({"type":"conversation.item.create","previous_item_id":"root","item":{"id":"mine","type":"message",
          "role":"user","content":[{"type":"input_text","text":"Hi"},
          {"type":"input_audio","audio":"AAEC"}]}})");
  EXPECT_EQ(user.previous_item_id, WireId("root"));
  EXPECT_EQ(user.item.id, WireId("mine"));
  const auto& message = std::get<Message>(user.item.body);
  EXPECT_EQ(message.role, Role::kUser);
  ASSERT_EQ(message.content.size(), 2U);
  EXPECT_EQ(message.content[0].text, "Hi");
  EXPECT_EQ(message.content[1].kind, ContentPart::Kind::kInputAudio);
  EXPECT_EQ(message.content[1].audio.size(), 3U);

  const auto call = read<CreateItem>(
      R"({"type":"conversation.item.create","item":{"type":"function_call","call_id":"c1","name":"f",
          "arguments":"{}"}})");
  EXPECT_EQ(std::get<FunctionCall>(call.item.body), (FunctionCall{WireId("c1"), "f", "{}"}));
  EXPECT_TRUE(call.item.id.empty());
  EXPECT_FALSE(call.previous_item_id);
  const auto output = read<CreateItem>(
      R"({"type":"conversation.item.create",
          "item":{"type":"function_call_output","call_id":"c1","output":"7"}})");
  EXPECT_EQ(std::get<FunctionCallOutput>(output.item.body), (FunctionCallOutput{WireId("c1"), "7"}));

  EXPECT_EQ(read<RetrieveItem>(R"({"type":"conversation.item.retrieve","item_id":"a"})").item_id,
            WireId("a"));
  EXPECT_EQ(read<DeleteItem>(R"({"type":"conversation.item.delete","item_id":"a"})").item_id, WireId("a"));
  const auto truncate = read<TruncateItem>(
      R"({"type":"conversation.item.truncate","item_id":"a","content_index":0,"audio_end_ms":1500})");
  EXPECT_EQ(truncate.audio_end, 1500ms);
}

TEST(ClientReader, ReadsTheWholeSession) {
  const SessionUpdate all = update(R"({"type":"realtime","model":"m","output_modalities":["text"],
    "instructions":"Be brief.",
    "tools":[{"type":"function","name":"f","description":"d","parameters":{"type":"object"}}],
    "tool_choice":{"type":"function","name":"f"},"max_output_tokens":100,"tracing":"auto","prompt":{"id":"p"},
    "include":["x"],"truncation":"disabled","audio":{"input":{"format":{"type":"audio/pcmu"},
    "noise_reduction":{"type":"far_field"},"transcription":{"model":"whisper-1","language":"en"},
    "turn_detection":{"type":"semantic_vad","eagerness":"high","create_response":false,
    "interrupt_response":false}},
    "output":{"format":{"type":"audio/pcm","rate":24000},"voice":"cedar","speed":1.25}}})");
  SessionUpdate expected;
  expected.type = SessionType::kRealtime;
  expected.model = "m";
  expected.output_modality = OutputModality::kText;
  expected.instructions = "Be brief.";
  expected.tools = std::vector<Tool>{{"f", "d", R"({"type":"object"})"}};
  expected.tool_choice = ToolChoice{ToolChoice::Kind::kFunction, "f"};
  expected.max_output_tokens = TokenLimit(100);
  expected.tracing = R"("auto")";
  expected.prompt = R"({"id":"p"})";
  expected.include = R"(["x"])";
  expected.truncation = R"("disabled")";
  expected.input_format = audio::SampleFormat::kPcmu;
  expected.noise_reduction = std::optional(NoiseReduction::kFarField);
  expected.transcription = std::optional(Transcription{"whisper-1", "en", ""});
  TurnDetectionUpdate detection;
  detection.kind = TurnDetection::Kind::kSemanticVad;
  detection.eagerness = turns::Eagerness::kHigh;
  detection.create_response = false;
  detection.interrupt_response = false;
  expected.turn_detection = detection;
  expected.output_format = audio::SampleFormat::kPcm16;
  expected.voice = "cedar";
  expected.speed = 1.25;
  EXPECT_EQ(all, expected);
}

TEST(ClientReader, TakesAnEmptyValueForAChangeAndAnAbsentOneForNone) {
  EXPECT_EQ(update("{}"), SessionUpdate{});
  const SessionUpdate cleared = update(R"({"instructions":"","tools":[],"max_output_tokens":"inf",
    "audio":{"input":{"turn_detection":null,"transcription":null,"noise_reduction":null}}})");
  EXPECT_EQ(cleared.instructions, "");
  EXPECT_EQ(cleared.tools, std::vector<Tool>());
  EXPECT_EQ(cleared.max_output_tokens, std::make_optional(TokenLimit()));
  EXPECT_EQ(cleared.turn_detection->kind, TurnDetection::Kind::kPushToTalk);
  EXPECT_EQ(cleared.transcription, std::make_optional(std::optional<Transcription>()));
  EXPECT_EQ(cleared.noise_reduction, std::make_optional(std::optional<NoiseReduction>()));
  const SessionUpdate idle =
      update(R"({"audio":{"input":{"turn_detection":{"type":"server_vad","threshold":0.6,
    "prefix_padding_ms":200,"silence_duration_ms":700,"idle_timeout_ms":null}}}})");
  EXPECT_EQ(idle.turn_detection->silence_duration, 700ms);
  EXPECT_EQ(idle.turn_detection->prefix_padding, 200ms);
  EXPECT_EQ(idle.turn_detection->threshold, 0.6F);
  ASSERT_TRUE(idle.turn_detection->idle_timeout);
  EXPECT_FALSE(*idle.turn_detection->idle_timeout);
}

TEST(ClientReader, ReadsTheFlatSessionOfTheBeta) {
  const SessionUpdate flat = update(R"({"modalities":["text","audio"],"voice":"alloy",
    "input_audio_format":"g711_alaw","output_audio_format":"pcm16",
    "input_audio_transcription":{"model":"whisper-1"},
    "turn_detection":{"type":"server_vad"},"temperature":0.8,"max_response_output_tokens":"inf"})");
  EXPECT_EQ(flat.output_modality, OutputModality::kAudio);
  EXPECT_EQ(flat.voice, "alloy");
  EXPECT_EQ(flat.input_format, audio::SampleFormat::kPcma);
  EXPECT_EQ(flat.output_format, audio::SampleFormat::kPcm16);
  EXPECT_EQ(flat.turn_detection->kind, TurnDetection::Kind::kServerVad);
  EXPECT_EQ((*flat.transcription)->model, "whisper-1");
}

TEST(ClientReader, ReadsResponseRequests) {
  EXPECT_EQ(read<RequestResponse>(R"({"type":"response.create"})").overrides, ResponseOverrides{});
  const auto request = read<RequestResponse>(R"({"type":"response.create","response":{"conversation":"none",
    "output_modalities":["text"],"instructions":"i","tool_choice":"required","max_output_tokens":1,
    "metadata":{"client_event_id":"x"},"input":[{"type":"item_reference","id":"a"},
    {"type":"message","role":"system","content":[{"type":"input_text","text":"t"}]}],
    "audio":{"output":{"voice":"marin","format":{"type":"audio/pcma"}}},
    "reasoning":{},"parallel_tool_calls":true}})");
  const ResponseOverrides& overrides = request.overrides;
  EXPECT_TRUE(overrides.outside_conversation);
  EXPECT_EQ(overrides.output_modality, OutputModality::kText);
  EXPECT_EQ(overrides.tool_choice->kind, ToolChoice::Kind::kRequired);
  EXPECT_EQ(overrides.max_output_tokens, std::optional(TokenLimit(1)));
  EXPECT_EQ(overrides.metadata, (Metadata{{"client_event_id", "x"}}));
  EXPECT_EQ(overrides.voice, "marin");
  EXPECT_EQ(overrides.output_format, audio::SampleFormat::kPcma);
  ASSERT_EQ(overrides.input->size(), 2U);
  EXPECT_EQ(std::get<ItemReference>(overrides.input->at(0)).id, WireId("a"));
  EXPECT_FALSE(read<CancelResponse>(R"({"type":"response.cancel"})").response_id);
  EXPECT_EQ(read<CancelResponse>(R"({"type":"response.cancel","response_id":"r"})").response_id, WireId("r"));
}

TEST(ClientReader, NamesTheFieldThatIsWrong) {
  EXPECT_EQ(fault(R"({"type":"input_audio_buffer.append"})"), "missing_required_parameter audio");
  EXPECT_EQ(fault(R"({"type":"input_audio_buffer.append","audio":7})"), "invalid_value audio");
  EXPECT_EQ(fault(R"({"type":"input_audio_buffer.append","audio":"A"})"), "invalid_value audio");
  EXPECT_EQ(fault(R"({"type":"input_audio_buffer.commit","event_id":7})"), "invalid_value event_id");
  EXPECT_EQ(fault(R"({"type":"no.such.event"})"), "invalid_value type");
  EXPECT_EQ(fault(R"({})"), "missing_required_parameter type");
  EXPECT_EQ(fault(R"({"type":"session.update"})"), "missing_required_parameter session");
  EXPECT_EQ(session_fault(R"({"type":"other"})"), "invalid_value session.type");
  EXPECT_EQ(session_fault(R"({"output_modalities":["audio","text"]})"),
            "invalid_value session.output_modalities");
  EXPECT_EQ(session_fault(R"({"max_output_tokens":0})"), "invalid_value session.max_output_tokens");
  EXPECT_EQ(session_fault(R"({"max_output_tokens":1e300})"), "invalid_value session.max_output_tokens");
  EXPECT_EQ(session_fault(R"({"tools":[{"type":"function"}]})"),
            "missing_required_parameter session.tools[0].name");
  EXPECT_EQ(session_fault(R"({"audio":{"input":{"format":{"type":"audio/pcm","rate":16000}}}})"),
            "invalid_value session.audio.input.format.rate");
  EXPECT_EQ(session_fault(R"({"audio":{"input":{"turn_detection":{"threshold":2}}}})"),
            "invalid_value session.audio.input.turn_detection.threshold");
  EXPECT_EQ(session_fault(R"({"audio":{"output":{"speed":9}}})"), "invalid_value session.audio.output.speed");
  EXPECT_EQ(fault(R"({"type":"response.create","response":{"metadata":{"a":1}}})"),
            "invalid_value response.metadata.a");
  EXPECT_EQ(
      fault(R"({"type":"conversation.item.truncate","item_id":"a","content_index":1,"audio_end_ms":0})"),
      "invalid_value content_index");
}

TEST(ClientReader, NamesTheFieldOfAnItemThatIsWrong) {
  EXPECT_EQ(item_fault(R"({"type":"mcp_call"})"), "invalid_value item.type");
  EXPECT_EQ(item_fault(R"({"type":"message","content":[]})"), "missing_required_parameter item.role");
  EXPECT_EQ(item_fault(R"({"type":"message","role":"user","content":[{"type":"output_text","text":""}]})"),
            "unsupported_content_type item.content[0].type");
  EXPECT_EQ(
      item_fault(R"({"type":"message","role":"user","content":[{"type":"input_image","image_url":"x"}]})"),
      "unsupported_content_type item.content[0].type");
  EXPECT_EQ(item_fault(R"({"type":"message","role":"user","content":[7]})"), "invalid_value item.content[0]");
  EXPECT_EQ(item_fault(R"({"type":"function_call_output","output":"x"})"),
            "missing_required_parameter item.call_id");
  EXPECT_EQ(
      item_fault(R"({"type":"message","role":"user","content":[],"id":")" + std::string(64, 'x') + "\"}"),
      "invalid_value item.id");
}

TEST(ClientReader, KeepsTheEventIdOfAWrongEvent) {
  EXPECT_EQ(event_of(R"({"event_id":"mine","type":"x"})").event_id, "mine");
}

TEST(ClientReader, RefusesWhatIsNoObject) {
  EXPECT_EQ(fault(""), "invalid_event ");
  EXPECT_EQ(fault("[]"), "invalid_event ");
  EXPECT_EQ(fault("{\"type\":\"\xff\"}"), "invalid_event ");
  EXPECT_EQ(fault("{\"type\":\"response.cancel\"} more"), "invalid_event ");
  EXPECT_EQ(fault(R"({"type":"response.cancel","x":)" + std::string(100, '[') + std::string(100, ']') + "}"),
            "invalid_event ");
  EXPECT_EQ(fault("{\"x\":[" + std::string(200'001, ',') + "]}"), "invalid_event ");
}

}  // namespace
}  // namespace antiphon::server::protocol

#include "server/protocol/server_writer.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

namespace antiphon::server::protocol {
namespace {

using namespace pipeline;
using namespace std::chrono_literals;

std::string written(const ServerEvent& event) {
  std::string message = "what the buffer held before";
  write_server_event(event, 7, Dialect::kCurrent, message);
  return message;
}

ContentPlace place() {
  return {WireId("resp_1"), WireId("item_2"), 0, 1};
}

ConversationItem user_item() {
  Message message;
  message.role = Role::kUser;
  message.content.push_back({ContentPart::Kind::kInputAudio, "", std::nullopt, {}});
  return {WireId("item_1"), ItemStatus::kCompleted, message};
}

ConversationItem assistant_item() {
  Message message;
  message.role = Role::kAssistant;
  message.content.push_back({ContentPart::Kind::kOutputAudio, "", "Hello", {}});
  message.content.push_back({ContentPart::Kind::kOutputText, "Hi", std::nullopt, {}});
  return {WireId("item_2"), ItemStatus::kIncomplete, message};
}

TEST(ServerWriter, WritesErrors) {
  EXPECT_EQ(written(ErrorEvent{"invalid_request_error", "invalid_value", "No \"x\".", "session.x", "mine"}),
            R"({"type":"error","event_id":"event_7","error":{"type":"invalid_request_error",)"
            R"("code":"invalid_value",)"
            R"("message":"No \"x\".","param":"session.x","event_id":"mine"}})");
  EXPECT_EQ(written(ErrorEvent{"server_error", "", "Sorry.", "", ""}),
            R"({"type":"error","event_id":"event_7","error":{"type":"server_error","code":null,)"
            R"("message":"Sorry.","param":null,"event_id":null}})");
}

TEST(ServerWriter, WritesTheWholeSession) {
  SessionSnapshot session{WireId("sess_1"), 1764000000, {}};
  EXPECT_EQ(
      written(SessionCreated{std::make_unique<SessionSnapshot>(session)}),
      R"({"type":"session.created","event_id":"event_7","session":{"type":"realtime",)"
      R"("object":"realtime.session","id":"sess_1","expires_at":1764000000,"model":"antiphon",)"
      R"("output_modalities":["audio"],"instructions":"","tools":[],"tool_choice":"auto",)"
      R"("max_output_tokens":"inf","tracing":null,"prompt":null,"include":null,"truncation":"auto",)"
      R"("audio":{"input":{"format":{"type":"audio/pcm","rate":24000},"noise_reduction":null,)"
      R"("transcription":null,"turn_detection":{"type":"server_vad","threshold":5E-1,)"
      R"("prefix_padding_ms":300,"silence_duration_ms":500,"idle_timeout_ms":null,"create_response":true,)"
      R"("interrupt_response":true}},"output":{"format":{"type":"audio/pcm","rate":24000},)"
      R"("voice":"marin","speed":1E0}}}})");
}

TEST(ServerWriter, WritesEveryChoiceOfASession) {
  SessionSnapshot session{WireId("sess_1"), 5, {}};
  SessionConfig& config = session.config;
  config.model = "m";
  config.output_modality = OutputModality::kText;
  config.tools = {{"f", "d", R"({"type":"object"})"}, {"g", "", ""}};
  config.tool_choice = {ToolChoice::Kind::kFunction, "f"};
  config.max_output_tokens = 100;
  config.echoed.tracing = R"("auto")";
  config.input_format = audio::SampleFormat::kPcmu;
  config.output_format = audio::SampleFormat::kPcma;
  config.noise_reduction = NoiseReduction::kNearField;
  config.transcription = Transcription{"whisper-1", "en", ""};
  config.turn_detection.kind = TurnDetection::Kind::kSemanticVad;
  config.turn_detection.eagerness = turns::Eagerness::kHigh;
  EXPECT_EQ(
      written(SessionUpdated{std::make_unique<SessionSnapshot>(session)}),
      R"({"type":"session.updated","event_id":"event_7","session":{"type":"realtime",)"
      R"("object":"realtime.session","id":"sess_1","expires_at":5,"model":"m","output_modalities":["text"],)"
      R"("instructions":"","tools":[{"type":"function","name":"f","description":"d",)"
      R"("parameters":{"type":"object"}},{"type":"function","name":"g","description":"","parameters":{}}],)"
      R"("tool_choice":{"type":"function","name":"f"},"max_output_tokens":100,"tracing":"auto",)"
      R"("prompt":null,"include":null,"truncation":"auto","audio":{"input":{"format":{"type":"audio/pcmu"},)"
      R"("noise_reduction":{"type":"near_field"},"transcription":{"model":"whisper-1","language":"en"},)"
      R"("turn_detection":{"type":"semantic_vad","eagerness":"high","create_response":true,)"
      R"("interrupt_response":true}},"output":{"format":{"type":"audio/pcma"},"voice":"marin",)"
      R"("speed":1E0}}}})");
}

TEST(ServerWriter, WritesATranscriptionSession) {
  SessionSnapshot session{WireId("sess_1"), 5, {}};
  session.config.type = SessionType::kTranscription;
  session.config.turn_detection.kind = TurnDetection::Kind::kPushToTalk;
  EXPECT_EQ(written(SessionCreated{std::make_unique<SessionSnapshot>(session)}),
            R"({"type":"session.created","event_id":"event_7","session":{"type":"transcription",)"
            R"("object":"realtime.transcription_session","id":"sess_1","expires_at":5,"include":null,)"
            R"("audio":{"input":{"format":{"type":"audio/pcm","rate":24000},"noise_reduction":null,)"
            R"("transcription":null,"turn_detection":null}}}})");
}

TEST(ServerWriter, WritesTheInputBuffersEvents) {
  const WireId item("item_1");
  EXPECT_EQ(written(SpeechStarted{item, 120ms}),
            R"({"type":"input_audio_buffer.speech_started","event_id":"event_7","audio_start_ms":120,)"
            R"("item_id":"item_1"})");
  EXPECT_EQ(written(SpeechStopped{item, 950ms}),
            R"({"type":"input_audio_buffer.speech_stopped","event_id":"event_7","audio_end_ms":950,)"
            R"("item_id":"item_1"})");
  EXPECT_EQ(written(InputAudioCommitted{item, {}}),
            R"({"type":"input_audio_buffer.committed","event_id":"event_7","previous_item_id":null,)"
            R"("item_id":"item_1"})");
  EXPECT_EQ(written(InputAudioCleared{}), R"({"type":"input_audio_buffer.cleared","event_id":"event_7"})");
  EXPECT_EQ(written(InputIdleTimedOut{item, 1ms, 2ms}),
            R"({"type":"input_audio_buffer.timeout_triggered","event_id":"event_7","audio_start_ms":1,)"
            R"("audio_end_ms":2,"item_id":"item_1"})");
  EXPECT_EQ(written(OutputAudioCleared{WireId("resp_1")}),
            R"({"type":"output_audio_buffer.cleared","event_id":"event_7","response_id":"resp_1"})");
}

TEST(ServerWriter, WritesItems) {
  EXPECT_EQ(written(ItemAdded{user_item(), WireId("item_0")}),
            R"({"type":"conversation.item.added","event_id":"event_7","previous_item_id":"item_0",)"
            R"("item":{"id":"item_1","object":"realtime.item","type":"message","status":"completed",)"
            R"("role":"user","content":[{"type":"input_audio","transcript":null}]}})");
  EXPECT_EQ(written(ItemDone{assistant_item(), {}}),
            R"({"type":"conversation.item.done","event_id":"event_7","previous_item_id":null,)"
            R"("item":{"id":"item_2","object":"realtime.item","type":"message","status":"incomplete",)"
            R"("role":"assistant","content":[{"type":"output_audio","transcript":"Hello"},)"
            R"({"type":"output_text","text":"Hi"}]}})");
  ConversationItem with_audio = user_item();
  std::get<Message>(with_audio.body).content.front().audio = {std::byte{0}, std::byte{1}, std::byte{2}};
  EXPECT_EQ(written(ItemRetrieved{with_audio}),
            R"({"type":"conversation.item.retrieved","event_id":"event_7","item":{"id":"item_1",)"
            R"("object":"realtime.item","type":"message","status":"completed","role":"user",)"
            R"("content":[{"type":"input_audio","transcript":null,"audio":"AAEC"}]}})");
  EXPECT_EQ(written(ItemDeleted{WireId("item_1")}),
            R"({"type":"conversation.item.deleted","event_id":"event_7","item_id":"item_1"})");
  EXPECT_EQ(written(ItemTruncated{WireId("item_1"), 0, 1500ms}),
            R"({"type":"conversation.item.truncated","event_id":"event_7","item_id":"item_1",)"
            R"("content_index":0,"audio_end_ms":1500})");
}

TEST(ServerWriter, WritesTranscripts) {
  const std::string begin = R"({"type":"conversation.item.input_audio_transcription.)";
  EXPECT_EQ(written(InputTranscriptDelta{WireId("i"), 0, "so "}),
            begin + R"(delta","event_id":"event_7","item_id":"i","content_index":0,"delta":"so "})");
  EXPECT_EQ(written(InputTranscriptCompleted{WireId("i"), 0, "so be it", 1500ms}),
            begin + R"(completed","event_id":"event_7","item_id":"i","content_index":0,)" +
                R"("transcript":"so be it","usage":{"type":"duration","seconds":1.5E0}})");
  EXPECT_EQ(written(InputTranscriptFailed{WireId("i"), 0, "c", "m"}),
            begin + R"(failed","event_id":"event_7","item_id":"i","content_index":0,)" +
                R"("error":{"type":"transcription_error","code":"c","message":"m","param":null}})");
}

TEST(ServerWriter, WritesAResponseFromItsBeginningToItsEnd) {
  ResponseSnapshot response;
  response.id = WireId("resp_1");
  response.conversation_id = WireId("conv_1");
  response.voice = "marin";
  const std::string settings =
      R"("output_modalities":["audio"],"max_output_tokens":"inf","audio":{"output":{"format":)"
      R"({"type":"audio/pcm","rate":24000},"voice":"marin"}},)";
  EXPECT_EQ(written(ResponseCreated{std::make_unique<ResponseSnapshot>(response)}),
            R"({"type":"response.created","event_id":"event_7","response":{"id":"resp_1",)"
            R"("object":"realtime.response","conversation_id":"conv_1","status":"in_progress",)"
            R"("status_details":null,"output":[],)" +
                settings + R"("metadata":null,"usage":null}})");
  response.conversation_id = {};
  response.status = ResponseStatus::kCancelled;
  response.end = ResponseEnd{"turn_detected", "", "", ""};
  response.metadata = {{"topic", "x"}};
  response.usage = ResponseUsage{10, 20, 5, 3, 4};
  EXPECT_EQ(written(ResponseDone{std::make_unique<ResponseSnapshot>(response)}),
            R"({"type":"response.done","event_id":"event_7","response":{"id":"resp_1",)"
            R"("object":"realtime.response","conversation_id":null,"status":"cancelled",)"
            R"("status_details":{"type":"cancelled","reason":"turn_detected"},"output":[],)" +
                settings +
                R"("metadata":{"topic":"x"},"usage":{"total_tokens":37,"input_tokens":30,"output_tokens":7,)"
                R"("input_token_details":{"text_tokens":10,"audio_tokens":20,"image_tokens":0,)"
                R"("cached_tokens":5,"cached_tokens_details":{"text_tokens":5,"audio_tokens":0,)"
                R"("image_tokens":0}},"output_token_details":{"text_tokens":3,"audio_tokens":4}}}})");
}

TEST(ServerWriter, WritesWhyAResponseFailed) {
  ResponseSnapshot response;
  response.status = ResponseStatus::kFailed;
  response.end = ResponseEnd{"", "server_error", "internal", "The model failed."};
  const std::string message = written(ResponseDone{std::make_unique<ResponseSnapshot>(response)});
  EXPECT_NE(message.find(R"("status_details":{"type":"failed","error":{"type":"server_error",)"
                         R"("code":"internal","message":"The model failed."}})"),
            std::string::npos)
      << message;
}

TEST(ServerWriter, WritesOutputItems) {
  ConversationItem call{WireId("item_3"), ItemStatus::kInProgress, FunctionCall{WireId("call_1"), "f", ""}};
  EXPECT_EQ(written(OutputItemAdded{WireId("resp_1"), 0, call}),
            R"({"type":"response.output_item.added","event_id":"event_7","response_id":"resp_1",)"
            R"("output_index":0,"item":{"id":"item_3","object":"realtime.item","type":"function_call",)"
            R"("status":"in_progress","call_id":"call_1","name":"f","arguments":""}})");
  ConversationItem output{WireId("item_4"), ItemStatus::kCompleted,
                          FunctionCallOutput{WireId("call_1"), "7"}};
  EXPECT_EQ(written(OutputItemDone{WireId("resp_1"), 0, output}),
            R"({"type":"response.output_item.done","event_id":"event_7","response_id":"resp_1",)"
            R"("output_index":0,"item":{"id":"item_4","object":"realtime.item",)"
            R"("type":"function_call_output","status":"completed","call_id":"call_1","output":"7"}})");
}

TEST(ServerWriter, WritesContent) {
  const auto expected = [](const std::string& type, const std::string& rest) {
    return R"({"type":"response.)" + type +
           R"(","event_id":"event_7","response_id":"resp_1","item_id":"item_2","output_index":0,)"
           R"("content_index":1)" +
           rest + "}";
  };
  ContentPart audio{ContentPart::Kind::kOutputAudio, "", std::nullopt, {}};
  ContentPart text{ContentPart::Kind::kOutputText, "t", std::nullopt, {}};
  EXPECT_EQ(written(ContentPartAdded{place(), audio}),
            expected("content_part.added", R"(,"part":{"type":"audio","transcript":""})"));
  EXPECT_EQ(written(ContentPartDone{place(), text}),
            expected("content_part.done", R"(,"part":{"type":"text","text":"t"})"));
  EXPECT_EQ(written(OutputAudioDelta{place(), {std::byte{0}, std::byte{1}, std::byte{2}, std::byte{255}}}),
            expected("output_audio.delta", R"(,"delta":"AAEC/w==")"));
  EXPECT_EQ(written(OutputAudioDone{place()}), expected("output_audio.done", ""));
  EXPECT_EQ(written(OutputTranscriptDelta{place(), "a\n"}),
            expected("output_audio_transcript.delta", R"(,"delta":"a\n")"));
  EXPECT_EQ(written(OutputTranscriptDone{place(), "a"}),
            expected("output_audio_transcript.done", R"(,"transcript":"a")"));
  EXPECT_EQ(written(OutputTextDelta{place(), "a"}), expected("output_text.delta", R"(,"delta":"a")"));
  EXPECT_EQ(written(OutputTextDone{place(), "a"}), expected("output_text.done", R"(,"text":"a")"));
}

TEST(ServerWriter, WritesFunctionArguments) {
  const std::string middle =
      R"(,"event_id":"event_7","response_id":"resp_1","item_id":"item_2","output_index":0,"call_id":"c",)";
  EXPECT_EQ(written(FunctionArgumentsDelta{place(), WireId("c"), "{"}),
            R"({"type":"response.function_call_arguments.delta")" + middle + R"("delta":"{"})");
  EXPECT_EQ(
      written(FunctionArgumentsDone{place(), WireId("c"), "f", "{}"}),
      R"({"type":"response.function_call_arguments.done")" + middle + R"("name":"f","arguments":"{}"})");
}

TEST(ServerWriter, WritesTheTraceOfATurn) {
  TurnTraced trace;
  trace.response_id = WireId("resp_1");
  trace.speech_end = 1500ms;
  trace.speculated = true;
  trace.decided = 210ms;
  trace.first_audio_sent = 330ms;
  EXPECT_EQ(
      written(trace),
      R"({"type":"antiphon.turn.trace","event_id":"event_7","response_id":"resp_1","speech_end_ms":1500,)"
      R"("speculated":true,"stages_ms":{"paused":null,"decided":210,"transcript_final":null,)"
      R"("first_token":null,"first_phrase":null,"first_audio_made":null,"first_audio_sent":330}})");
}

TEST(ServerWriter, EscapesAClientsIdInADelta) {
  EXPECT_EQ(written(OutputAudioDelta{{WireId("r"), WireId("a\"b\\c\n"), 0, 0}, {}}),
            R"({"type":"response.output_audio.delta","event_id":"event_7","response_id":"r",)"
            R"("item_id":"a\"b\\c\u000a","output_index":0,"content_index":0,"delta":""})");
}

TEST(ServerWriter, WritesWhatAKeyHasLeft) {
  RateLimitsUpdated updated;
  updated.limits.push_back({"requests", 60, 59, 1.5});
  EXPECT_EQ(written(std::move(updated)),
            R"({"type":"rate_limits.updated","event_id":"event_7","rate_limits":[{"name":"requests",)"
            R"("limit":60,"remaining":59,"reset_seconds":1.5E0}]})");
}

}  // namespace
}  // namespace antiphon::server::protocol

#include "server/protocol/beta_dialect.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/protocol/client_reader.h"
#include "server/protocol/server_writer.h"

namespace antiphon::server::protocol {
namespace {
namespace json = boost::json;

using namespace pipeline;

std::string text_of(const ServerEvent& event) {
  std::string message = "what the buffer held before";
  write_server_event(event, 7, Dialect::kBeta, message);
  return message;
}

json::object written(const ServerEvent& event) {
  return json::parse(text_of(event)).as_object();
}

Dialect dialect_of(const std::string& message) {
  Dialect dialect = Dialect::kCurrent;
  static_cast<void>(client_event(message, dialect));
  return dialect;
}

ConversationItem assistant_item() {
  Message message;
  message.role = Role::kAssistant;
  message.content.push_back({ContentPart::Kind::kOutputAudio, "", "Hello", {}});
  message.content.push_back({ContentPart::Kind::kOutputText, "Hi", std::nullopt, {}});
  return {WireId("item_2"), ItemStatus::kCompleted, message};
}

TEST(BetaDialect, IsKnownByAFlatSession) {
  EXPECT_EQ(dialect_of(R"({"type":"session.update","session":{"modalities":["text"]}})"), Dialect::kBeta);
  EXPECT_EQ(dialect_of(R"({"type":"session.update","session":{"turn_detection":null}})"), Dialect::kBeta);
  EXPECT_EQ(dialect_of(R"({"type":"transcription_session.update","session":{}})"), Dialect::kBeta);
  for (const char* current :
       {R"({"type":"session.update","session":{"type":"realtime","voice":"marin"}})",
        R"({"type":"session.update","session":{"instructions":"x"}})",
        R"({"type":"response.create","response":{"modalities":["text"]}})", R"({"type":"session.update"})",
        R"({"type":"session.update","session":7})", "[]"}) {
    EXPECT_EQ(dialect_of(current), Dialect::kCurrent) << current;
  }
}

TEST(BetaDialect, NamesTheEventsOfAReply) {
  const ContentPlace place{WireId("resp_1"), WireId("item_2"), 0, 1};
  const std::vector<std::pair<ServerEvent, std::string>> cases = [&] {
    std::vector<std::pair<ServerEvent, std::string>> all;
    all.emplace_back(OutputAudioDelta{place, AudioBytes(3)}, "response.audio.delta");
    all.emplace_back(OutputAudioDone{place}, "response.audio.done");
    all.emplace_back(OutputTranscriptDelta{place, "a"}, "response.audio_transcript.delta");
    all.emplace_back(OutputTranscriptDone{place, "a"}, "response.audio_transcript.done");
    all.emplace_back(OutputTextDelta{place, "a"}, "response.text.delta");
    all.emplace_back(OutputTextDone{place, "a"}, "response.text.done");
    all.emplace_back(ItemAdded{assistant_item(), {}}, "conversation.item.created");
    all.emplace_back(FunctionArgumentsDelta{place, WireId("call_1"), "{"},
                     "response.function_call_arguments.delta");
    all.emplace_back(ErrorEvent{}, "error");
    return all;
  }();
  for (const auto& [event, name] : cases) EXPECT_EQ(written(event).at("type"), json::value(name));
}

TEST(BetaDialect, HasNoSecondEventOfAnItem) {
  EXPECT_EQ(text_of(ItemDone{assistant_item(), {}}), "");
}

TEST(BetaDialect, NamesTheContentOfItems) {
  const json::object added = written(ItemAdded{assistant_item(), {}});
  const json::array& content = added.at("item").at("content").as_array();
  EXPECT_EQ(content[0].at("type"), "audio");
  EXPECT_EQ(content[0].at("transcript"), "Hello");
  EXPECT_EQ(content[1].at("type"), "text");
  const json::object done = written(OutputItemDone{WireId("resp_1"), 0, assistant_item()});
  EXPECT_EQ(done.at("item").at("content").at(0).at("type"), "audio");
}

TEST(BetaDialect, WritesAFlatSession) {
  SessionSnapshot session{WireId("sess_1"), 1764000000, {}};
  session.config.input_format = audio::SampleFormat::kPcmu;
  session.config.transcription = Transcription{"whisper-1", "", ""};
  const json::object created = written(SessionCreated{std::make_unique<SessionSnapshot>(session)});
  EXPECT_EQ(created.at("type"), "session.created");
  const json::object& flat = created.at("session").as_object();
  EXPECT_EQ(flat.at("object"), "realtime.session");
  EXPECT_EQ(flat.at("id"), "sess_1");
  EXPECT_EQ(flat.at("modalities"), (json::array{"audio", "text"}));
  EXPECT_EQ(flat.at("voice"), "marin");
  EXPECT_EQ(flat.at("input_audio_format"), "g711_ulaw");
  EXPECT_EQ(flat.at("output_audio_format"), "pcm16");
  EXPECT_EQ(flat.at("input_audio_transcription").at("model"), "whisper-1");
  EXPECT_TRUE(flat.at("input_audio_noise_reduction").is_null());
  EXPECT_EQ(flat.at("turn_detection").at("type"), "server_vad");
  EXPECT_EQ(flat.at("max_response_output_tokens"), "inf");
  EXPECT_EQ(flat.at("tool_choice"), "auto");
  for (const char* current : {"type", "audio", "output_modalities", "max_output_tokens"}) {
    EXPECT_FALSE(flat.contains(current)) << current;
  }
}

TEST(BetaDialect, AFlatSessionReadsBackAsItself) {
  SessionSnapshot session{WireId("sess_1"), 1764000000, {}};
  session.config.output_modality = OutputModality::kText;
  session.config.output_format = audio::SampleFormat::kPcma;
  session.config.max_output_tokens = 100;
  session.config.speed = 1.25;
  const json::object first = written(SessionUpdated{std::make_unique<SessionSnapshot>(session)});
  Dialect dialect = Dialect::kCurrent;
  const ClientEvent again = client_event(
      json::serialize(json::object{{"type", "session.update"}, {"session", first.at("session")}}), dialect);
  EXPECT_EQ(dialect, Dialect::kBeta);
  SessionSnapshot reread{session.id, session.expires_at_unix_s,
                         updated(SessionConfig{}, std::get<SessionUpdate>(again.body))};
  EXPECT_EQ(written(SessionUpdated{std::make_unique<SessionSnapshot>(reread)}), first);
}

TEST(BetaDialect, WritesATranscriptionSessionAsItsOwnEvent) {
  SessionSnapshot session{WireId("sess_1"), 1, {}};
  session.config.type = SessionType::kTranscription;
  const json::object created = written(SessionCreated{std::make_unique<SessionSnapshot>(session)});
  EXPECT_EQ(created.at("type"), "transcription_session.created");
  EXPECT_EQ(created.at("session").at("input_audio_format"), "pcm16");
  const json::object updated = written(SessionUpdated{std::make_unique<SessionSnapshot>(session)});
  EXPECT_EQ(updated.at("type"), "transcription_session.updated");
}

TEST(BetaDialect, WritesAFlatResponse) {
  ResponseSnapshot response;
  response.id = WireId("resp_1");
  response.output.push_back(assistant_item());
  response.voice = "alloy";
  const json::object done = written(ResponseDone{std::make_unique<ResponseSnapshot>(std::move(response))});
  const json::object& flat = done.at("response").as_object();
  EXPECT_EQ(flat.at("modalities"), (json::array{"audio", "text"}));
  EXPECT_EQ(flat.at("voice"), "alloy");
  EXPECT_EQ(flat.at("output_audio_format"), "pcm16");
  EXPECT_EQ(flat.at("output").at(0).at("content").at(0).at("type"), "audio");
  EXPECT_TRUE(flat.contains("status_details"));
  EXPECT_FALSE(flat.contains("audio"));
}

}  // namespace
}  // namespace antiphon::server::protocol

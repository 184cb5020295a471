#include "server/api/speech_request.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include <string>

namespace antiphon::server {
namespace {

HttpFault fault_of(const std::string& body) {
  const auto read = speech_request(body);
  const auto* fault = std::get_if<HttpFault>(&read);
  return fault != nullptr ? *fault : HttpFault{200, "", "", ""};
}

TEST(SpeechRequest, ReadsWhatTheBodyAsksFor) {
  const auto request = std::get<SpeechRequest>(speech_request(
      R"({"model":"tts-1","input":"Hello.","voice":"alloy","response_format":"opus","speed":1.5,)"
      R"("stream_format":"sse","instructions":"Be kind."})"));
  EXPECT_EQ(request.input, "Hello.");
  EXPECT_EQ(request.format, audio::SoundFormat::kOggOpus);
  EXPECT_EQ(request.speed, 1.5F);
  EXPECT_EQ(request.stream, SpeechStream::kEvents);
  const auto smallest =
      std::get<SpeechRequest>(speech_request(R"({"model":"m","input":"","voice":{"id":"v"}})"));
  EXPECT_EQ(smallest.format, audio::SoundFormat::kMp3) << "the vendor's default";
  EXPECT_EQ(smallest.stream, SpeechStream::kAudio);
}

TEST(SpeechRequest, NamesTheFieldThatIsWrong) {
  EXPECT_EQ(fault_of("[]").code, "invalid_json");
  EXPECT_EQ(fault_of(R"({"input":"a","voice":"v"})").param, "model");
  EXPECT_EQ(fault_of(R"({"model":"m","voice":"v"})").param, "input");
  EXPECT_EQ(fault_of(R"({"model":"m","input":"a"})").param, "voice");
  EXPECT_EQ(fault_of(R"({"model":"m","input":"a","voice":3})").param, "voice");
  EXPECT_EQ(fault_of(R"({"model":"m","input":"a","voice":"v","response_format":"aac"})").param,
            "response_format");
  EXPECT_EQ(fault_of(R"({"model":"m","input":"a","voice":"v","speed":5})").param, "speed");
  EXPECT_EQ(fault_of(R"({"model":"m","voice":"v","input":")" + std::string(4097, 'x') + "\"}").param,
            "input");
  std::string umlauts;
  for (int i = 0; i < 4096; ++i) umlauts += "ä";
  EXPECT_EQ(fault_of(R"({"model":"m","voice":"v","input":")" + umlauts + "\"}").status, 200);
}

TEST(SpeechEvents, CarryTheBytesAsBase64) {
  const auto delta = boost::json::parse(speech_delta_event("abc"));
  EXPECT_EQ(delta.at("type"), "speech.audio.delta");
  EXPECT_EQ(delta.at("audio"), "YWJj");
  EXPECT_EQ(boost::json::parse(speech_done_event()).at("type"), "speech.audio.done");
}

}  // namespace
}  // namespace antiphon::server

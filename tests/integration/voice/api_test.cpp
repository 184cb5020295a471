// The HTTP endpoints that need the networks, over a real socket, with the small models.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include <boost/json.hpp>

#include <array>
#include <chrono>
#include <cstring>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "audio/sound_encoder.h"
#include "audio/sound_file_reader.h"
#include "pipeline/engine/engine.h"
#include "server/net/server.h"
#include "tests/integration/voice/small_voice.h"

namespace antiphon::server {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::StartsWith;
namespace json = boost::json;

NetConfig net_config() {
  NetConfig config;
  config.port = 0;
  config.drain_max = config.close_max = std::chrono::milliseconds(500);
  return config;
}

pipeline::EngineConfig engine_config() {
  pipeline::EngineConfig config;
  config.sessions_max = kSmallVoiceSeats;
  return config;
}

struct Answer {
  unsigned status = 0;
  std::string type;
  std::string body;
  std::size_t pieces = 0;  // reads that brought some of the body
};

class Api : public ::testing::Test {
 protected:
  Api()
      : engine_(small_voice().networks(), engine_config()),
        server_(net_config(), engine_, registry_, {}, {&engine_, nullptr, {"antiphon"}}),
        thread_([this] { server_.run(stop_.get_token(), false); }) {}
  ~Api() override {
    stop_.request_stop();
    thread_.join();
  }

  tcp::socket connected() {
    tcp::socket socket(io_);
    socket.connect({asio::ip::make_address("127.0.0.1"), server_.port()});
    return socket;
  }

  static void write_request(tcp::socket& socket, const std::string& target, const std::string& type,
                            const std::string& body) {
    http::request<http::string_body> request(http::verb::post, target, 11);
    request.set(http::field::host, "x");
    request.set(http::field::content_type, type);
    request.body() = body;
    request.prepare_payload();
    http::write(socket, request);
  }

  Answer post(const std::string& target, const std::string& type, const std::string& body) {
    tcp::socket socket = connected();
    write_request(socket, target, type, body);
    beast::flat_buffer buffer;
    http::response_parser<http::string_body> parser;
    parser.body_limit(boost::none);
    http::read_header(socket, buffer, parser);
    Answer answer;
    while (!parser.is_done()) {
      http::read_some(socket, buffer, parser);
      ++answer.pieces;
    }
    answer.status = parser.get().result_int();
    answer.type = std::string(parser.get()[http::field::content_type]);
    answer.body = parser.get().body();
    return answer;
  }

  Answer transcribe(const std::string& file, const std::string& fields) {
    const std::string body = fields +
                             "--B\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper-1\r\n"
                             "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n" +
                             file + "\r\n--B--\r\n";
    return post("/v1/audio/transcriptions", "multipart/form-data; boundary=B", body);
  }
  static std::string field(const std::string& name, const std::string& value) {
    return "--B\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
  }

  Answer chat(const std::string& settings) {
    return post(
        "/v1/chat/completions", "application/json",
        R"({"model":"any","messages":[{"role":"system","content":"You answer in one short sentence."},)"
        R"({"role":"user","content":"What is the capital of France?"}])" +
            settings + "}");
  }

  Answer speak(const std::string& settings) {
    return post("/v1/audio/speech", "application/json",
                R"({"model":"tts-1","voice":"alloy","input":"The quick brown fox jumps over the lazy dog.")" +
                    settings + "}");
  }

  asio::io_context io_;
  prometheus::Registry registry_;
  pipeline::Engine engine_;
  Server server_;
  std::stop_source stop_;
  std::thread thread_;
};

std::string sound_file(audio::SoundFormat format, const std::string& sentence) {
  const std::string pcm = spoken_pcm(sentence);
  std::vector<float> samples(pcm.size() / 2);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    std::int16_t value = 0;
    std::memcpy(&value, pcm.data() + 2 * i, 2);
    samples[i] = static_cast<float>(value) / 32768.0F;
  }
  const auto encoder = audio::make_sound_encoder(format, 24000);
  std::string bytes = encoder->encode(samples);
  return bytes + encoder->finish();
}

double seconds_of(const std::string& file) {
  audio::SoundFileReader reader(file);
  std::vector<float> all(10'000'000);
  return static_cast<double>(reader.read(all)) / reader.sample_rate_hz();
}

// The data of a stream's events.
std::vector<std::string> events_of(const std::string& body) {
  std::vector<std::string> events;
  for (std::size_t at = 0; at < body.size();) {
    const std::size_t end = body.find("\n\n", at);
    EXPECT_EQ(body.substr(at, 6), "data: ");
    events.push_back(body.substr(at + 6, end - at - 6));
    at = end + 2;
  }
  return events;
}

TEST_F(Api, TranscribesEachKindOfFileInEachFormat) {
  const std::string sentence = "What is the capital of France?";
  for (const auto format :
       {audio::SoundFormat::kWav, audio::SoundFormat::kMp3, audio::SoundFormat::kOggOpus}) {
    const Answer answer = transcribe(sound_file(format, sentence), "");
    EXPECT_EQ(answer.status, 200U) << answer.body;
    EXPECT_EQ(json::parse(answer.body).at("text").as_string(), sentence);
  }
  const std::string wav = sound_file(audio::SoundFormat::kWav, sentence);
  EXPECT_EQ(transcribe(wav, field("response_format", "text")).body, sentence + "\n");
  EXPECT_THAT(transcribe(wav, field("response_format", "srt")).body, StartsWith("1\n00:00:00,"));
  EXPECT_THAT(transcribe(wav, field("response_format", "vtt")).body, StartsWith("WEBVTT\n\n00:00:00."));
  const auto verbose = json::parse(
      transcribe(wav, field("response_format", "verbose_json") + field("timestamp_granularities[]", "word"))
          .body);
  EXPECT_EQ(verbose.at("words").as_array().size(), 6U);
  EXPECT_NEAR(verbose.at("duration").as_double(), seconds_of(wav), 0.1);
}

TEST_F(Api, StreamsATranscript) {
  const Answer answer = transcribe(sound_file(audio::SoundFormat::kWav, "What is the capital of France?"),
                                   field("stream", "true"));
  EXPECT_EQ(answer.type, "text/event-stream");
  const auto events = events_of(answer.body);
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(json::parse(events[0]).at("type"), "transcript.text.delta");
  EXPECT_EQ(json::parse(events[1]).at("text"), "What is the capital of France?");
  EXPECT_EQ(events[2], "[DONE]");
}

TEST_F(Api, NamesAFileThatItCannotRead) {
  const Answer answer = transcribe("no sound", "");
  EXPECT_EQ(answer.status, 400U);
  EXPECT_EQ(json::parse(answer.body).at("error").at("param"), "file");
}

TEST_F(Api, SpeaksInEachFormatWhileItSynthesises) {
  struct Case {
    std::string name;
    std::string type;
  };
  for (const Case& one :
       std::vector<Case>{{"wav", "audio/wav"}, {"mp3", "audio/mpeg"}, {"opus", "audio/ogg"}}) {
    const Answer answer = speak(R"(,"response_format":")" + one.name + "\"");
    EXPECT_EQ(answer.status, 200U);
    EXPECT_EQ(answer.type, one.type);
    EXPECT_GT(answer.pieces, 4U) << one.name;
    EXPECT_GT(seconds_of(answer.body), 2.0);
    EXPECT_THAT(transcribe(answer.body, field("response_format", "text")).body,
                ContainsRegex("[Qq]uick brown fox"));
  }
  const Answer pcm = speak(R"(,"response_format":"pcm")");
  const Answer fast = speak(R"(,"response_format":"pcm","speed":2)");
  EXPECT_NEAR(static_cast<double>(fast.body.size()) / static_cast<double>(pcm.body.size()), 0.5, 0.15);
}

TEST_F(Api, SpeaksNothingAsAWholeFile) {
  const Answer answer = post("/v1/audio/speech", "application/json",
                             R"({"model":"m","voice":"v","input":"...","response_format":"wav"})");
  EXPECT_EQ(answer.status, 200U);
  EXPECT_EQ(answer.body.size(), 44U);
}

TEST_F(Api, AnswersAChatWholeAndInChunksAlike) {
  const Answer whole = chat("");
  ASSERT_EQ(whole.status, 200U) << whole.body;
  const auto body = json::parse(whole.body);
  const std::string text(body.at("choices").at(0).at("message").at("content").as_string());
  EXPECT_THAT(text, HasSubstr("Paris"));
  EXPECT_EQ(body.at("choices").at(0).at("finish_reason"), "stop");
  EXPECT_GT(body.at("usage").at("completion_tokens").as_int64(), 0);
  const auto events = events_of(chat(R"(,"stream":true,"stream_options":{"include_usage":true})").body);
  ASSERT_GT(events.size(), 4U);
  std::string streamed;
  for (std::size_t i = 1; i + 3 < events.size(); ++i) {
    streamed += json::parse(events[i]).at("choices").at(0).at("delta").at("content").as_string();
  }
  EXPECT_EQ(streamed, text);
  EXPECT_EQ(json::parse(events[events.size() - 2]).at("usage"), body.at("usage"));
  EXPECT_EQ(events.back(), "[DONE]");
}

TEST_F(Api, EndsAChatWhereTheClientSays) {
  const auto limited = json::parse(chat(R"(,"max_tokens":2)").body);
  EXPECT_EQ(limited.at("choices").at(0).at("finish_reason"), "length");
  EXPECT_EQ(limited.at("usage").at("completion_tokens"), 2);
  const auto stopped = json::parse(chat(R"(,"stop":"Paris")").body);
  const std::string text(stopped.at("choices").at(0).at("message").at("content").as_string());
  EXPECT_EQ(text.find("Paris"), std::string::npos);
  EXPECT_EQ(stopped.at("choices").at(0).at("finish_reason"), "stop");
  std::string longer = R"({"model":"m","messages":[{"role":"user","content":")";
  for (int i = 0; i < 10'000; ++i) longer += "word ";
  const Answer refused = post("/v1/chat/completions", "application/json", longer + "\"}]}");
  EXPECT_EQ(json::parse(refused.body).at("error").at("code"), "context_length_exceeded");
}

TEST_F(Api, TakesASeatAndGivesItBackWhereverTheClientDisappears) {
  std::string words;
  for (int i = 0; i < 400; ++i) words += "long text ";
  const std::string body = R"({"model":"m","voice":"v","response_format":"pcm","input":")" + words + "\"}";
  {
    std::vector<tcp::socket> sockets;
    for (int i = 0; i < kSmallVoiceSeats; ++i) {
      sockets.push_back(connected());
      write_request(sockets.back(), "/v1/audio/speech", "application/json", body);
    }
    for (tcp::socket& socket : sockets) {
      std::array<char, 1000> some{};
      EXPECT_GT(socket.read_some(asio::buffer(some)), 0U);
    }
    EXPECT_EQ(engine_.report().sessions, kSmallVoiceSeats);
    const Answer refused = chat("");
    EXPECT_EQ(refused.status, 503U);
    EXPECT_EQ(json::parse(refused.body).at("error").at("code"), "server_overloaded");
  }
  for (int waits = 0; engine_.report().sessions > 0 && waits < 500; ++waits) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_EQ(engine_.report().sessions, 0);
}

TEST_F(Api, LeavesNothingBehindWhenTheServerStopsInTheMiddle) {
  std::string words;
  for (int i = 0; i < 400; ++i) words += "long text ";
  tcp::socket speaking = connected();
  write_request(speaking, "/v1/audio/speech", "application/json",
                R"({"model":"m","voice":"v","response_format":"pcm","input":")" + words + "\"}");
  std::array<char, 1000> some{};
  EXPECT_GT(speaking.read_some(asio::buffer(some)), 0U);
  tcp::socket chatting = connected();
  write_request(chatting, "/v1/chat/completions", "application/json",
                R"({"model":"m","messages":[{"role":"user","content":"Tell me a long story."}]})");
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  // The fixture stops the server and its engine, whose seats must all have come back.
}

}  // namespace
}  // namespace antiphon::server

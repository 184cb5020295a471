#include "server/api/transcription_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include <string>
#include <utility>
#include <vector>

namespace antiphon::server {
namespace {

using testing::HasSubstr;
using Fields = std::vector<std::pair<std::string, std::string>>;

std::string form(const Fields& fields) {
  std::string body;
  for (const auto& [name, value] : fields) {
    body += "--B\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
  }
  return body + "--B--\r\n";
}

const Fields kSmallest = {{"model", "whisper-1"}, {"file", "bytes"}};

std::variant<TranscriptionRequest, HttpFault> read(const std::string& body) {
  return transcription_request("multipart/form-data; boundary=B", body);
}

HttpFault fault_with(const std::string& name, const std::string& value) {
  Fields fields = kSmallest;
  fields.emplace_back(name, value);
  const std::string body = form(fields);
  return std::get<HttpFault>(read(body));
}

std::vector<pipeline::RecordedSpeech> speech() {
  pipeline::RecordedSpeech first{0.5, 1.5, {}};
  first.transcript.text = "Hello there.";
  first.transcript.tokens = {5, 6};
  first.transcript.words = {{"Hello", 0.5, 0.9, 0}, {"there.", 1.0, 1.5, 0}};
  pipeline::RecordedSpeech second{3661, 3662, {}};
  second.transcript.text = "Again.";
  second.transcript.words = {{"Again.", 3661, 3662, 0}};
  return {first, second};
}

TEST(TranscriptionRequest, ReadsTheForm) {
  const std::string body = form({{"model", "any"},
                                 {"file", "bytes"},
                                 {"response_format", "verbose_json"},
                                 {"language", "en"},
                                 {"temperature", "0"},
                                 {"timestamp_granularities[]", "word"}});
  const auto request = std::get<TranscriptionRequest>(read(body));
  EXPECT_EQ(request.file, "bytes");
  EXPECT_EQ(request.format, TranscriptionFormat::kVerboseJson);
  EXPECT_TRUE(request.words);
  EXPECT_FALSE(request.segments);
  EXPECT_FALSE(request.stream);
  const std::string smallest = form(kSmallest);
  EXPECT_EQ(std::get<TranscriptionRequest>(read(smallest)).format, TranscriptionFormat::kJson);
}

TEST(TranscriptionRequest, NamesTheFieldThatIsWrong) {
  const std::string without_file = form({{"model", "a"}});
  EXPECT_EQ(std::get<HttpFault>(read(without_file)).param, "file");
  const std::string without_model = form({{"file", "a"}});
  EXPECT_EQ(std::get<HttpFault>(read(without_model)).code, "missing_required_parameter");
  EXPECT_EQ(fault_with("response_format", "xml").param, "response_format");
  EXPECT_EQ(fault_with("language", "de").param, "language");
  EXPECT_EQ(fault_with("timestamp_granularities[]", "letter").param, "timestamp_granularities");
  const std::string streamed =
      form({{"model", "a"}, {"file", "a"}, {"stream", "true"}, {"response_format", "srt"}});
  EXPECT_EQ(std::get<HttpFault>(read(streamed)).param, "stream");
  EXPECT_THAT(std::get<HttpFault>(transcription_request("application/json", "{}")).message,
              HasSubstr("multipart/form-data"));
}

TEST(TranscriptionAnswer, IsJsonOrText) {
  TranscriptionRequest request;
  auto answer = transcription_answer(request, speech(), 3663.2);
  EXPECT_EQ(answer.type, "application/json");
  const auto json = boost::json::parse(answer.body);
  EXPECT_EQ(json.at("text"), "Hello there. Again.");
  EXPECT_EQ(json.at("usage").at("seconds"), 3664);
  request.format = TranscriptionFormat::kText;
  EXPECT_EQ(transcription_answer(request, speech(), 1).body, "Hello there. Again.\n");
}

TEST(TranscriptionAnswer, HasSegmentsAndWordsWhenAsked) {
  TranscriptionRequest request;
  request.format = TranscriptionFormat::kVerboseJson;
  request.words = true;
  const auto json = boost::json::parse(transcription_answer(request, speech(), 4000.5).body);
  EXPECT_EQ(json.at("duration"), 4000.5);
  EXPECT_EQ(json.at("segments").as_array().size(), 2U);
  EXPECT_EQ(json.at("segments").at(0).at("start"), 0.5);
  EXPECT_EQ(json.at("segments").at(0).at("tokens").as_array().size(), 2U);
  EXPECT_EQ(json.at("words").as_array().size(), 3U);
  EXPECT_EQ(json.at("words").at(1).at("word"), "there.");
}

TEST(TranscriptionAnswer, IsSubtitles) {
  TranscriptionRequest request;
  request.format = TranscriptionFormat::kSrt;
  EXPECT_TRUE(needs_words(request));
  EXPECT_EQ(transcription_answer(request, speech(), 4000).body,
            "1\n00:00:00,500 --> 00:00:01,500\nHello there.\n\n"
            "2\n01:01:01,000 --> 01:01:02,000\nAgain.\n\n");
  request.format = TranscriptionFormat::kVtt;
  EXPECT_EQ(transcription_answer(request, speech(), 4000).body,
            "WEBVTT\n\n00:00:00.500 --> 00:00:01.500\nHello there.\n\n"
            "01:01:01.000 --> 01:01:02.000\nAgain.\n\n");
  EXPECT_EQ(transcription_answer(request, {}, 0).body, "WEBVTT\n\n");
}

}  // namespace
}  // namespace antiphon::server

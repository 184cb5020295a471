#include "server/console/transcript_printer.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

namespace antiphon::server {
namespace {

RecordedSpeech speech(double begin, const std::string& first, const std::string& second) {
  RecordedSpeech result;
  result.begin_seconds = begin;
  result.end_seconds = begin + 1;
  result.transcript.text = first + " " + second;
  result.transcript.words = {{first, begin, begin + 0.4, 0}, {second, begin + 0.5, begin + 1, 0}};
  return result;
}

std::string printed(const TranscriptStyle& style, const std::vector<std::string>& files = {"a.wav"}) {
  std::ostringstream out;
  const auto printer = make_transcript_printer(style, out);
  for (const std::string& file : files) {
    printer->begin(file);
    printer->add(speech(0.25, "Hello", "there."));
    printer->add(speech(3725.5, "\"Quoted\"", "words."));
    printer->end(3727);
  }
  return out.str();
}

TEST(TranscriptPrinter, TextIsALineForEachSegment) {
  EXPECT_EQ(printed({}), "Hello there.\n\"Quoted\" words.\n");
  EXPECT_EQ(printed({.times = true}),
            "00:00:00.250 - 00:00:01.250  Hello there.\n"
            "01:02:05.500 - 01:02:06.500  \"Quoted\" words.\n");
  EXPECT_EQ(printed({.words = true}).substr(0, 85),
            "Hello there.\n00:00:00.250 - 00:00:00.650   Hello\n00:00:00.750 - 00:00:01.250   there.");
  EXPECT_EQ(printed({.several_files = true}, {"a.wav", "b.wav"}),
            "== a.wav ==\nHello there.\n\"Quoted\" words.\n\n== b.wav ==\nHello there.\n\"Quoted\" words.\n");
}

TEST(TranscriptPrinter, JsonIsALineForEachFile) {
  std::istringstream lines(printed({.format = TranscriptFormat::kJson, .words = true}, {"a.wav", "b.wav"}));
  std::string line;
  ASSERT_TRUE(std::getline(lines, line));
  const auto json = nlohmann::json::parse(line);
  EXPECT_EQ(json["file"], "a.wav");
  EXPECT_EQ(json["duration_ms"], 3'727'000);
  EXPECT_EQ(json["text"], "Hello there. \"Quoted\" words.");
  ASSERT_EQ(json["segments"].size(), 2U);
  EXPECT_EQ(json["segments"][1]["begin_ms"], 3'725'500);
  EXPECT_EQ(json["segments"][1]["words"][0]["text"], "\"Quoted\"");
  ASSERT_TRUE(std::getline(lines, line));
  EXPECT_EQ(nlohmann::json::parse(line)["file"], "b.wav");
  EXPECT_FALSE(
      nlohmann::json::parse(printed({.format = TranscriptFormat::kJson}))["segments"][0].contains("words"));
}

TEST(TranscriptPrinter, SrtNumbersItsCues) {
  EXPECT_EQ(printed({.format = TranscriptFormat::kSrt}),
            "1\n00:00:00,250 --> 00:00:01,250\nHello there.\n\n"
            "2\n01:02:05,500 --> 01:02:06,500\n\"Quoted\" words.\n\n");
  EXPECT_NE(printed({.format = TranscriptFormat::kSrt, .words = true}).find("4\n01:02:06,000 --> "),
            std::string::npos);
}

TEST(ClockTime, RoundsAndGrows) {
  EXPECT_EQ(clock_time(0, ','), "00:00:00,000");
  EXPECT_EQ(clock_time(59.9996, '.'), "00:01:00.000");
  EXPECT_EQ(clock_time(360'000, '.'), "100:00:00.000");
}

}  // namespace
}  // namespace antiphon::server

// The other commands, run as a user would.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>
#include <vector>

#include "audio/wav_reader.h"
#include "tests/support/program.h"
#include "tests/support/recording.h"
#include "tests/support/spoken_words.h"
#include "tests/support/temporary_folder.h"

namespace antiphon::server {
namespace {

using testing::HasSubstr;

test::ProgramResult antiphon(std::vector<std::string> arguments, std::string_view input = "",
                             const std::vector<std::string>& environment = {}) {
  arguments.insert(arguments.begin(), ANTIPHON_PROGRAM);
  return test::run_program(arguments, input, environment);
}

double seconds_of(const std::string& wav) {
  std::istringstream bytes(wav);
  audio::WavReader reader(bytes, "said");
  EXPECT_EQ(reader.format().sample_rate_hz, 24000);
  return static_cast<double>(reader.read_all().size()) / 24000;
}

TEST(Commands, HelpHasExamplesAndWrongUseIsTwo) {
  for (const char* command : {"chat", "models", "say", "transcribe"}) {
    const auto help = antiphon({command, "--help"});
    EXPECT_EQ(help.exit_code, 0);
    EXPECT_THAT(help.out, HasSubstr("Examples:\n  antiphon " + std::string(command)));
    const auto wrong = antiphon({command, "x", "--no-such-option"});
    EXPECT_EQ(wrong.exit_code, 2);
    EXPECT_THAT(wrong.err, HasSubstr("--no-such-option"));
  }
  EXPECT_EQ(antiphon({}).exit_code, 2);
  EXPECT_EQ(antiphon({"--help"}).exit_code, 0);
  EXPECT_EQ(antiphon({"sing"}).exit_code, 2);
}

TEST(Commands, SayWritesAWholeFile) {
  const test::TemporaryFolder folder;
  const auto result = antiphon({"say", "Good morning.", "-o", folder.file("a.wav")});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("first sound after"));
  EXPECT_EQ(result.out, "");
  EXPECT_GT(test::read_recording(folder.file("a.wav"), 24000).size(), 12000U);
}

TEST(Commands, SayStreamsToStandardOutput) {
  const auto wav = antiphon({"say", "Good morning.", "-o", "-"});
  EXPECT_EQ(wav.exit_code, 0);
  const double seconds = seconds_of(wav.out);
  EXPECT_GT(seconds, 0.5);
  const auto raw = antiphon({"say", "Good morning.", "-o", "-", "--raw"});
  EXPECT_EQ(raw.out, wav.out.substr(44));
  const auto slow = antiphon({"say", "Good morning.", "-o", "-", "--speed", "0.5"});
  EXPECT_GT(seconds_of(slow.out), 1.5 * seconds);
}

TEST(Commands, SayReadsATextOfAnyLength) {
  std::string text;
  for (int i = 1; i <= 30; ++i)
    text += "This is line number " + std::to_string(i) + ", and it is not the last.\n";
  EXPECT_GT(seconds_of(antiphon({"say", "-o", "-"}, text).out), 60);
  const auto digits = antiphon({"say", std::string(450, '7'), "-o", "-"});
  EXPECT_EQ(digits.exit_code, 0) << digits.err;
  EXPECT_GT(seconds_of(digits.out), 100);
}

TEST(Commands, SayNamesWhatIsWrong) {
  const auto nothing = antiphon({"say", "...", "-o", "-"});
  EXPECT_EQ(nothing.exit_code, 2);
  EXPECT_THAT(nothing.err, HasSubstr("nothing that can be said"));
  const auto path = antiphon({"say", "Hello", "-o", "/no/such/folder/a.wav"});
  EXPECT_EQ(path.exit_code, 2);
  EXPECT_THAT(path.err, HasSubstr("'/no/such/folder/a.wav'"));
  const auto speed = antiphon({"say", "Hello", "--speed", "9"});
  EXPECT_EQ(speed.exit_code, 2);
  EXPECT_THAT(speed.err, HasSubstr("--speed"));
  const auto model = antiphon({"say", "Hello", "--synthesis", "minilm"});
  EXPECT_EQ(model.exit_code, 2);
  EXPECT_THAT(model.err, HasSubstr("--synthesis: 'minilm' is none of: hibari"));
}

TEST(Commands, WhatSayWritesTranscribeReads) {
  const auto said = antiphon({"say", "The train to Boston leaves at half past five.", "-o", "-"});
  const auto heard = antiphon({"transcribe", "-"}, said.out);
  EXPECT_EQ(heard.exit_code, 0) << heard.err;
  EXPECT_LE(test::spoken_word_errors("the train to boston leaves at half past five", heard.out).errors, 1)
      << heard.out;
}

TEST(Commands, ChatAnswersEachLine) {
  const std::string input = "Hello!\n\nWhat is the capital of France?\n/what\n/quit\nnever read\n";
  const auto result = antiphon({"chat", "--models", "small", "--max-tokens", "24"}, input);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(std::ranges::count(result.out, '\n'), 2) << result.out;
  EXPECT_THAT(result.out, HasSubstr("Paris"));
  EXPECT_THAT(result.err, HasSubstr("tokens/s"));
  EXPECT_THAT(result.err, HasSubstr("there are /reset and /quit, not /what"));
}

TEST(Commands, ChatForgetsAtAReset) {
  const auto result =
      antiphon({"chat", "--models", "small", "--max-tokens", "16"}, "Hello!\n/reset\nHello!\n");
  std::istringstream lines(result.out);
  std::string first;
  std::string second;
  std::getline(lines, first);
  std::getline(lines, second);
  EXPECT_NE(first, "");
  EXPECT_EQ(first, second);
}

TEST(Commands, ChatDropsOldTurnsWhenTheContextIsFull) {
  std::string input;
  for (int i = 0; i < 6; ++i) input += "Tell me one more thing about the weather in the north, please.\n";
  const auto result = antiphon(
      {"chat", "--models", "small", "--system", "Be brief.", "--context-tokens", "96", "--max-tokens", "16"},
      input);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("oldest turns forgotten"));
  EXPECT_EQ(std::ranges::count(result.out, '\n'), 6);
  std::ranges::replace(input, '\n', ' ');
  const auto long_message = antiphon(
      {"chat", "--models", "small", "--system", "Be brief.", "--context-tokens", "96", "--max-tokens", "16"},
      input);
  EXPECT_EQ(long_message.exit_code, 0);
  EXPECT_THAT(long_message.err, HasSubstr("too long for the model's context"));
}

TEST(Commands, ChatNamesAModelThatIsNotThere) {
  const auto file = antiphon({"chat", "--language-model", "none/model.gguf"});
  EXPECT_EQ(file.exit_code, 2);
  EXPECT_THAT(file.err, HasSubstr("--language-model: there is no file 'none/model.gguf'"));
  const auto id = antiphon({"chat", "--language-model", "gpt-9"});
  EXPECT_EQ(id.exit_code, 2);
  EXPECT_THAT(id.err, HasSubstr("smollm2-135m-instruct"));
  const auto other = antiphon({"chat", "--language-model", "tests/data/speech/timer.wav"});
  EXPECT_EQ(other.exit_code, 2);
  EXPECT_THAT(other.err, HasSubstr("timer.wav"));
}

TEST(Commands, ModelsListsAndVerifies) {
  const auto json = nlohmann::json::parse(antiphon({"models", "--json"}).out);
  EXPECT_EQ(json.size(), 8U);
  const test::TemporaryFolder folder;
  const std::vector<std::string> elsewhere = {"ANTIPHON_MODELS=" + folder.path().string()};
  const auto table = antiphon({"models"}, "", elsewhere);
  EXPECT_EQ(table.exit_code, 0);
  EXPECT_THAT(table.out, HasSubstr("missing: '" + folder.path().string() + "/silero-vad/LICENSE'"));
  EXPECT_EQ(antiphon({"models", "--verify"}, "", elsewhere).exit_code, 1);
  const auto say = antiphon({"say", "Hello"}, "", elsewhere);
  EXPECT_EQ(say.exit_code, 2);
  EXPECT_THAT(say.err, HasSubstr("the synthesis model hibari is not installed"));
}

}  // namespace
}  // namespace antiphon::server

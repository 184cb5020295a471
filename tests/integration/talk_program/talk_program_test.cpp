// `antiphon talk` beside `antiphon serve`, as a user would run them: synthesised speech in a file for a
// microphone, with the real networks.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <string>
#include <vector>

#include "audio/wav_reader.h"
#include "audio/wav_writer.h"
#include "tests/support/program.h"
#include "tests/support/running_program.h"
#include "tests/support/temporary_folder.h"

namespace antiphon::server {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;

class TalkProgram : public ::testing::Test {
 protected:
  TalkProgram()
      : server_({ANTIPHON_PROGRAM, "serve", "--models", "small", "--port", "0", "--sessions-max", "1"}),
        url_("ws://127.0.0.1:" + server_.word_after(" port=")) {}

  std::string spoken(const std::string& name, const std::string& text) const {
    const std::string file = folder_.file(name).string();
    EXPECT_EQ(test::run_program({ANTIPHON_PROGRAM, "say", text, "-o", file}).exit_code, 0);
    return file;
  }
  std::vector<float> heard(const std::string& name) const {
    std::ifstream bytes(folder_.file(name), std::ios::binary);
    return audio::WavReader(bytes, name).read_all();
  }
  test::ProgramResult talk(std::vector<std::string> options) const {
    options.insert(options.begin(), {ANTIPHON_PROGRAM, "talk", "--url", url_});
    return test::run_program(options);
  }

  const test::TemporaryFolder folder_;
  test::RunningProgram server_;
  const std::string url_;
};

float loudest(const std::vector<float>& samples) {
  return samples.empty() ? 0.0F : *std::ranges::max_element(samples);
}

TEST_F(TalkProgram, AsksTwoQuestionsAndHearsTheAnswers) {
  const std::string france = spoken("france.wav", "What is the capital of France?");
  const std::string italy = spoken("italy.wav", "What is the capital of Italy?");
  for (const std::string coding : {"", "--opus"}) {
    std::vector<std::string> options = {"--microphone", france, italy, "--speaker",
                                        folder_.file("heard.wav")};
    if (!coding.empty()) options.push_back(coding);
    const auto result = talk(options);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_THAT(result.out, HasSubstr("you: What is the capital of France"));
    EXPECT_THAT(result.out, HasSubstr("Paris"));
    EXPECT_LT(result.out.find("Paris"), result.out.find("you: What is the capital of Italy")) << result.out;
    EXPECT_THAT(result.err, ContainsRegex("\\[voice to voice [0-9]+ ms at the median of 2, "));
    EXPECT_GT(loudest(heard("heard.wav")), 0.1F);
  }
}

TEST_F(TalkProgram, InterruptsAnAnswer) {
  // One recording: a wish, a pause in which the answer begins, and an interruption.
  spoken("wish.wav", "Tell me a long story about a small ship.");
  spoken("stop.wav", "Stop. What is the capital of France?");
  std::vector<float> both = heard("wish.wav");
  both.insert(both.end(), 3 * 24'000, 0.0F);
  const std::vector<float> second = heard("stop.wav");
  both.insert(both.end(), second.begin(), second.end());
  audio::write_wav(folder_.file("both.wav"), both, 24'000);
  const auto result =
      talk({"--microphone", folder_.file("both.wav"), "--speaker", "none", "--eagerness", "high"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("[not heard: "));
  EXPECT_THAT(result.out, HasSubstr("Paris"));
}

TEST_F(TalkProgram, ItsExitCodesSayWhatHappened) {
  const std::string question = spoken("france.wav", "What is the capital of France?");
  const auto missing = talk({"--microphone", folder_.file("none.wav")});
  EXPECT_EQ(missing.exit_code, 2);
  EXPECT_THAT(missing.err, HasSubstr("there is no file"));
  const auto nobody = test::run_program(
      {ANTIPHON_PROGRAM, "talk", "--url", "ws://127.0.0.1:1", "--microphone", question, "--speaker", "none"});
  EXPECT_EQ(nobody.exit_code, 3);
  EXPECT_THAT(nobody.err, HasSubstr("no server answers"));
  test::RunningProgram talking({ANTIPHON_PROGRAM, "talk", "--url", url_, "--speaker", "none", "--microphone",
                                question, question, question, question});
  talking.word_after("you:");
  const auto full = talk({"--microphone", question, "--speaker", "none"});
  EXPECT_EQ(full.exit_code, 3);
  EXPECT_THAT(full.err, HasSubstr("the server is full"));
  server_.end_by(SIGKILL);
  EXPECT_EQ(talking.word_after("the connection was "), "lost:");
}

}  // namespace
}  // namespace antiphon::server

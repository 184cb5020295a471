// What a user says is known in a later session, though the server was killed in between: speech over a real
// socket to the program itself, with the real networks.
#include <gtest/gtest.h>

#include <csignal>
#include <stdexcept>
#include <string>
#include <thread>

#include "models/catalogue/catalogue.h"
#include "models/catalogue/installation.h"
#include "server/security/key_file.h"
#include "tests/integration/server/socket_client.h"
#include "tests/integration/server/talk.h"
#include "tests/integration/voice/small_voice.h"
#include "tests/support/running_program.h"
#include "tests/support/temporary_folder.h"

namespace antiphon::server {
namespace {

const std::string kPhone = "ak_0123456789abcdefghijklmnopqrstuvwxyz";
const std::string kTablet = "ak_zyxwvutsrqponmlkjihgfedcba9876543210";

// `antiphon serve` with two keys and a memory, for whose answer replies wait however busy the machine is.
class Serving {
 public:
  Serving(const std::string& models, const test::TemporaryFolder& folder)
      : program_({ANTIPHON_PROGRAM, "serve", "--models", models, "--port", "0", "--sessions-max", "2",
                  "--keys-file", folder.file("keys.toml").string(), "--memory-folder",
                  folder.file("memory").string(), "--memory-note-max-ms", "1000"}),
        port_(static_cast<std::uint16_t>(std::stoi(program_.word_after(" port=")))) {}

  std::uint16_t port() const { return port_; }
  void kill() { program_.end_by(SIGKILL); }
  std::string output() const { return program_.output(); }

 private:
  test::RunningProgram program_;
  const std::uint16_t port_;
};

// The transcript of the reply to a spoken sentence, in a session of its own.
std::string reply_to(std::uint16_t port, const std::string& key, const std::string& user,
                     const std::string& sentence) {
  SocketClient client(port);
  client.set_field("Authorization", "Bearer " + key);
  open_session(client, R"({"type":"server_vad"})", "/v1/realtime?antiphon_user=" + user);
  append_audio(client, spoken_pcm(sentence) + std::string(48'000, '\0'));
  std::string transcript;
  for (;;) {
    const boost::json::value event = client.receive();
    if (event.is_null()) return "(the connection ended)";
    const auto type = event.at("type").as_string();
    if (type == "response.output_audio_transcript.done") transcript = event.at("transcript").as_string();
    if (type == "response.done") return transcript;
  }
}

std::string request(std::uint16_t port, const std::string& key, const std::string& line,
                    const std::string& body = "") {
  return http_exchange(port, line + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer " +
                                 key + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
                                 body);
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// Waits until what was said is on the disk: the server says so by showing it.
bool becomes_known(std::uint16_t port, const std::string& part) {
  for (int tries = 0; tries < 500; ++tries) {
    if (has(request(port, kPhone, "GET /v1/memory/igor"), part)) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

bool installed(const std::string& models) {
  const models::ResolvedModels resolved(models::Catalogue::built_in(), models::model_set(models),
                                        models::default_models_folder());
  try {
    static_cast<void>(resolved.folder(models::Job::kRecognition));
    static_cast<void>(resolved.folder(models::Job::kLanguageModel));
  } catch (const std::runtime_error&) {
    return false;
  }
  return true;
}

class MemoryVoice : public ::testing::TestWithParam<std::string> {
 protected:
  MemoryVoice() {
    write_keys(folder_.file("keys.toml"), {{"phone", hash_of(kPhone), ""}, {"tablet", hash_of(kTablet), ""}});
  }
  test::TemporaryFolder folder_;
};

TEST_P(MemoryVoice, NamesSurviveAKilledServerAndStayWithTheirUser) {
  if (!installed(GetParam())) GTEST_SKIP() << "the " << GetParam() << " models are not installed";
  {
    Serving serving(GetParam(), folder_);
    reply_to(serving.port(), kPhone, "igor", "My name is Robert.");
    reply_to(serving.port(), kPhone, "igor", "My dog is called Rex.");
    EXPECT_TRUE(becomes_known(serving.port(), "name: Robert"));
    EXPECT_TRUE(becomes_known(serving.port(), "dog: Rex"));
    serving.kill();
  }
  Serving serving(GetParam(), folder_);
  const std::uint16_t port = serving.port();
  const std::string dog = "What is the name of my dog?";
  const std::string own = "What is my name?";
  const std::string dog_reply = reply_to(port, kPhone, "igor", dog);
  EXPECT_TRUE(has(dog_reply, "Rex")) << dog_reply;
  const std::string own_reply = reply_to(port, kPhone, "igor", own);
  EXPECT_TRUE(has(own_reply, "Robert")) << own_reply;

  EXPECT_FALSE(has(reply_to(port, kPhone, "anna", dog), "Rex"));
  EXPECT_FALSE(has(reply_to(port, kTablet, "igor", dog), "Rex"));
  EXPECT_FALSE(has(reply_to(port, kTablet, "igor", own), "Robert"));
  EXPECT_FALSE(has(request(port, kTablet, "GET /v1/memory/igor"), "Rex"));
}

INSTANTIATE_TEST_SUITE_P(ModelSets, MemoryVoice, ::testing::Values("small", "standard"),
                         [](const auto& set) { return set.param; });

}  // namespace
}  // namespace antiphon::server

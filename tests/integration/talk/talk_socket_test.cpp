// A conversation from a terminal over real sockets: recordings in, captions and a recording out; and who is
// not let in. The networks are fakes.
#include "server/talk/talk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "audio/wav_reader.h"
#include "tests/integration/server/engine_socket.h"
#include "tests/integration/server/self_signed.h"
#include "tests/support/temporary_folder.h"

namespace antiphon::server {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::MatchesRegex;

Recording recording(const std::vector<fakes::Word>& words, milliseconds silence = milliseconds(0)) {
  Recording spoken{"words.wav", {}};
  for (const fakes::Word& word : words) fakes::append_sound(word, 24000, &spoken.samples);
  spoken.samples.insert(spoken.samples.end(), static_cast<std::size_t>(silence.count() * 24), 0.0F);
  return spoken;
}

Recording after(Recording first, const Recording& second) {
  first.samples.insert(first.samples.end(), second.samples.begin(), second.samples.end());
  return first;
}

// A person at a terminal.
class Person {
 public:
  explicit Person(std::uint16_t port) { access_.url.port = port; }

  ClientAccess& access() { return access_; }
  std::vector<float> heard() const {
    std::ifstream bytes(folder_.file("heard.wav"), std::ios::binary);
    return audio::WavReader(bytes, "heard.wav").read_all();
  }
  std::string words() const { return words_.str(); }
  std::string times() const { return times_.str(); }

  Talk::End say(std::vector<Recording> recordings) {
    RecordedMicrophone microphone(std::move(recordings));
    RecordingLoudspeaker speaker(folder_.file("heard.wav"));
    CaptionPrinter captions(words_, times_, false);
    TalkSession session;
    session.eagerness = "high";
    Talk talk(access_, session, {&microphone, &microphone, &speaker, &captions, [] { return 80; }});
    const Talk::End end = talk.run();
    why_lost_ = talk.why_lost();
    return end;
  }
  // What the terminal says of a server that lets nobody in.
  std::string refusal() {
    try {
      say({recording({{0, 1}})});
    } catch (const NotLetIn& refused) {
      return refused.what();
    }
    return "";
  }
  const std::string& why_lost() const { return why_lost_; }

 private:
  const test::TemporaryFolder folder_;
  ClientAccess access_;
  std::ostringstream words_;
  std::ostringstream times_;
  std::string why_lost_;
};

class TalkSocket : public EngineSocket {};

TEST_F(TalkSocket, SpeaksRecordingsAndShowsAndKeepsTheAnswers) {
  Person person(server_.port());
  EXPECT_EQ(person.say({recording({{0, 1}, {0, 2}}), recording({{0, 3}, {0, 4}})}), Talk::End::kAllSpoken);
  EXPECT_THAT(person.words(), MatchesRegex("you: .+\nantiphon: .+\nyou: .+\nantiphon: .+\n"));
  EXPECT_THAT(person.words(), HasSubstr("you: " + fakes::text_of({0, 1}) + " " + fakes::text_of({0, 2})));
  EXPECT_THAT(person.times(), MatchesRegex("  .[0-9]+ ms voice to voice.\n  .[0-9]+ ms voice to voice.\n"));
  EXPECT_GE(fakes::heard_in(person.heard(), 24000).size(), 2U) << "the answers' words as sound";
  EXPECT_TRUE(all_returned());
}

TEST_F(TalkSocket, TellsTheServerHowMuchOfAnInterruptedAnswerWasHeard) {
  Person person(server_.port());
  // Eight words are answered with a long reply; 600 ms into it come two more.
  const Recording question =
      recording({{0, 1}, {0, 2}, {0, 3}, {0, 4}, {0, 5}, {0, 6}, {0, 7}}, milliseconds(1500));
  EXPECT_EQ(person.say({after(question, recording({{0, 1}, {0, 2}}))}), Talk::End::kAllSpoken);
  EXPECT_THAT(person.words(), HasSubstr("[not heard: ")) << person.times();
  EXPECT_TRUE(all_returned());
}

TEST_F(TalkSocket, SaysThatTheServerIsFull) {
  SocketClient first(server_.port());
  SocketClient second(server_.port());
  open_session(first, "null");
  open_session(second, "null");
  EXPECT_THAT(Person(server_.port()).refusal(),
              MatchesRegex("the server is full \\(.+; try again later\\.\\)"));
}

TEST(TalkRefusals, NobodyAnswers) {
  std::uint16_t port = 0;
  {
    port = RunningServer().server.port();
  }
  EXPECT_THAT(Person(port).refusal(),
              MatchesRegex("no server answers at ws://127.0.0.1:.+ \\(Connection refused\\);.+"));
  Person lost(port);
  lost.access().url.host = "no-such-host.invalid";
  EXPECT_THAT(lost.refusal(), HasSubstr("there is no host 'no-such-host.invalid'"));
}

TEST(TalkRefusals, WrongKeyAndAKeyWithoutPlaces) {
  const std::string key = "ak_0123456789abcdefghijklmnopqrstuvwxyz";
  Access access;
  access.keys = {{"phone", hash_of(key), ""}};
  access.keys[0].sessions_max = 1;
  RunningServer running(test_config(), access);
  Person person(running.server.port());
  EXPECT_THAT(person.refusal(), HasSubstr("give one with --key or ANTIPHON_KEY (No API key was given"));
  person.access().key = "ak_wrong";
  EXPECT_THAT(person.refusal(), HasSubstr("This API key is not known here."));
  person.access().key = key;
  SocketClient first(running.server.port());
  first.set_field("Authorization", "Bearer " + key);
  ASSERT_TRUE(first.open());
  EXPECT_THAT(person.refusal(), HasSubstr("the server is full (This key has all the sessions"));
}

TEST(TalkRefusals, AnotherPath) {
  RunningServer running;
  Person person(running.server.port());
  person.access().url.target = "/livez";
  EXPECT_THAT(person.refusal(), HasSubstr("the server opens no conversation here: HTTP 200"));
}

// Answers an upgrade with these bytes, once.
class OddServer {
 public:
  explicit OddServer(std::string answer)
      : acceptor_(io_, tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0)),
        thread_([this, answer = std::move(answer)] {
          tcp::socket socket = acceptor_.accept();
          std::string request;
          asio::read_until(socket, asio::dynamic_buffer(request), "\r\n\r\n");
          asio::write(socket, asio::buffer(answer));
        }) {}
  ~OddServer() { thread_.join(); }
  OddServer(const OddServer&) = delete;
  OddServer& operator=(const OddServer&) = delete;
  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

 private:
  asio::io_context io_;
  tcp::acceptor acceptor_;
  std::thread thread_;
};

TEST(TalkRefusals, SayWhenToTryAgain) {
  const OddServer full("HTTP/1.1 503 Service Unavailable\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(Person(full.port()).refusal(), "the server is full; try again in 7 s");
  const OddServer odd("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
  EXPECT_EQ(Person(odd.port()).refusal(), "the server opens no conversation here: HTTP 200");
}

TEST(TalkTls, TrustsWhomItIsToldTo) {
  const test::TemporaryFolder folder;
  const SelfSigned files(folder.path());
  RunningServer running(files.config());
  Person person(running.server.port());
  person.access().url.tls = true;
  EXPECT_THAT(person.refusal(), HasSubstr("is not trusted ("));
  person.access().ca_file = files.certificate.string();
  std::thread stop([&] {
    EXPECT_TRUE(eventually([&] { return running.door.events_received > 10; })) << "it speaks";
    running.stop();
  });
  EXPECT_EQ(person.say({recording({{0, 1}}, milliseconds(10'000))}), Talk::End::kLost);
  EXPECT_EQ(person.why_lost(), "The server is going down.");
  stop.join();
}

TEST(TalkTls, WantsACertificateForTheServersName) {
  const test::TemporaryFolder folder;
  const SelfSigned for_another(folder.path(), "192.0.2.1");
  RunningServer running(for_another.config());
  Person person(running.server.port());
  person.access().url.tls = true;
  person.access().ca_file = for_another.certificate.string();
  EXPECT_THAT(person.refusal(), HasSubstr("mismatch"));
}

}  // namespace
}  // namespace antiphon::server

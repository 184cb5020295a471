#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/integration/server/running_server.h"
#include "tests/integration/server/socket_client.h"

namespace antiphon::server {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

TEST(HttpSocket, IsLive) {
  RunningServer running;
  EXPECT_THAT(http_get(running.server.port(), "/livez?x"), StartsWith("HTTP/1.1 200 "));
}

TEST(HttpSocket, SaysWhatIsMissingUntilReady) {
  RunningServer running;
  running.door.ready = false;
  const std::string answer = http_get(running.server.port(), "/readyz");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(answer, HasSubstr(R"({"status":"not ready","missing":["networks are warming up"]})"));
  running.door.ready = true;
  EXPECT_THAT(http_get(running.server.port(), "/readyz"), StartsWith("HTTP/1.1 200 "));
}

TEST(HttpSocket, ShowsMetrics) {
  RunningServer running;
  const std::string answer = http_get(running.server.port(), "/metrics");
  EXPECT_THAT(answer, HasSubstr("text/plain; version=0.0.4"));
  EXPECT_THAT(answer, HasSubstr("antiphon_sockets_open 1"));
}

TEST(HttpSocket, AnswersErrorsAsJson) {
  RunningServer running;
  const std::uint16_t port = running.server.port();
  EXPECT_THAT(http_get(port, "/nothing"), StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(http_get(port, "/nothing"), HasSubstr(R"("message":"There is nothing at this path.")"));
  EXPECT_THAT(http_get(port, "/v1/realtime"), StartsWith("HTTP/1.1 426 "));
  const std::string posted = http_exchange(
      port, "POST /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi");
  EXPECT_THAT(posted, StartsWith("HTTP/1.1 405 "));
  EXPECT_THAT(posted, HasSubstr("Allow: GET, HEAD"));
}

TEST(HttpSocket, RefusesRubbishAndLongHeads) {
  RunningServer running;
  const std::uint16_t port = running.server.port();
  EXPECT_THAT(http_exchange(port, "rubbish\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
  const std::string long_head = "GET / HTTP/1.1\r\nX: " + std::string(70'000, 'x');
  EXPECT_THAT(http_exchange(port, long_head), StartsWith("HTTP/1.1 431 "));
  EXPECT_THAT(http_exchange(port, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n"),
              StartsWith("HTTP/1.1 413 "));
}

TEST(HttpSocket, ClosesARequestThatNeverEnds) {
  NetConfig config = test_config();
  config.handshake_max = std::chrono::milliseconds(100);
  RunningServer running(config);
  EXPECT_EQ(http_exchange(running.server.port(), "GET /livez HT"), "");
}

TEST(HttpSocket, KeepsAConnectionForSeveralRequests) {
  RunningServer running;
  const std::string request = "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n";
  const std::string last = "GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  const std::string answers = http_exchange(running.server.port(), request + request + last);
  const std::size_t second = answers.find("HTTP/1.1 200", 1);
  ASSERT_NE(second, std::string::npos);
  EXPECT_NE(answers.find("HTTP/1.1 200", second + 1), std::string::npos);
}

TEST(HttpSocket, ClosesSocketsBeyondTheLimit) {
  NetConfig config = test_config();
  config.connections_max = 1;
  RunningServer running(config);
  SocketClient first(running.server.port());
  ASSERT_TRUE(first.open());
  SocketClient second(running.server.port());
  EXPECT_FALSE(second.open());
  first.close();
  EXPECT_TRUE(eventually([&] {
    SocketClient third(running.server.port());
    return third.open();
  }));
}

TEST(HttpSocket, SaysWhyItCannotListen) {
  RunningServer running;
  NetConfig config = test_config();
  config.port = running.server.port();
  EchoDoor door;
  prometheus::Registry registry;
  EXPECT_THROW(Server(config, door, registry), std::runtime_error);
}

}  // namespace
}  // namespace antiphon::server

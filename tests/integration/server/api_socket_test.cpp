// The HTTP endpoints that need no networks, over real sockets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include <string>

#include "tests/integration/server/running_server.h"
#include "tests/integration/server/socket_client.h"

namespace antiphon::server {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

Access access() {
  Access access;
  access.keys = {{"phone", hash_of("ak_test"), ""}};
  return access;
}

std::string request(const std::string& line, const std::string& fields, const std::string& body = "") {
  return line + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + fields +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

boost::json::value body_of(const std::string& answer) {
  return boost::json::parse(answer.substr(answer.find("\r\n\r\n") + 4));
}

const std::string kAuthorization = "Authorization: Bearer ak_test\r\n";

TEST(ApiSocket, MakesASecretThatOpensItsSessionUntilItExpires) {
  RunningServer running(test_config(), access());
  const std::uint16_t port = running.server.port();
  const std::string answer = http_exchange(
      port, request("POST /v1/realtime/client_secrets", kAuthorization,
                    R"({"session":{"type":"realtime","model":"scoped","instructions":"Be brief."}})"));
  ASSERT_THAT(answer, StartsWith("HTTP/1.1 200 "));
  const std::string secret(body_of(answer).at("value").as_string());
  EXPECT_THAT(secret, StartsWith("ek_"));
  SocketClient page(port);
  ASSERT_TRUE(page.open("/v1/realtime", "realtime, openai-insecure-api-key." + secret));
  EXPECT_EQ(page.receive().at("session").at("model"), "scoped");
  SocketClient other(port);
  EXPECT_FALSE(
      other.open("/v1/realtime?intent=transcription", "realtime, openai-insecure-api-key." + secret));
  EXPECT_EQ(other.response().result_int(), 403U);
  EXPECT_THAT(http_exchange(port, request("GET /v1/models", "Authorization: Bearer " + secret + "\r\n")),
              StartsWith("HTTP/1.1 401 "));
  EXPECT_THAT(http_exchange(port, request("POST /v1/realtime/client_secrets", "")),
              StartsWith("HTTP/1.1 401 "));
}

TEST(ApiSocket, NamesTheWrongFieldOfASecret) {
  RunningServer running;
  const auto answer = http_exchange(running.server.port(), request("POST /v1/realtime/client_secrets", "",
                                                                   R"({"expires_after":{"seconds":1}})"));
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 400 "));
  EXPECT_EQ(body_of(answer).at("error").at("param"), "expires_after.seconds");
}

TEST(ApiSocket, ListsModels) {
  RunningServer running;
  const std::uint16_t port = running.server.port();
  const auto list = body_of(http_get(port, "/v1/models"));
  EXPECT_EQ(list.at("data").at(0).at("id"), "antiphon");
  EXPECT_EQ(body_of(http_get(port, "/v1/models/antiphon")).at("object"), "model");
  EXPECT_THAT(http_get(port, "/v1/models/none"), StartsWith("HTTP/1.1 404 "));
}

TEST(ApiSocket, SaysWhichMethodWorks) {
  RunningServer running;
  const std::string answer = http_get(running.server.port(), "/v1/realtime/client_secrets");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 405 "));
  EXPECT_THAT(answer, HasSubstr("Allow: POST"));
  EXPECT_THAT(http_get(running.server.port(), "/v1/audio/speech"), StartsWith("HTTP/1.1 404 "))
      << "no networks here";
}

TEST(ApiSocket, LetsPagesOfAllowedOriginsRead) {
  RunningServer running;
  const std::uint16_t port = running.server.port();
  const std::string local = "Origin: http://localhost:3000\r\n";
  EXPECT_THAT(http_exchange(port, request("GET /v1/models", local)),
              HasSubstr("Access-Control-Allow-Origin: http://localhost:3000"));
  const std::string preflight = http_exchange(
      port, request("OPTIONS /v1/models", local + "Access-Control-Request-Headers: authorization\r\n"));
  EXPECT_THAT(preflight, StartsWith("HTTP/1.1 204 "));
  EXPECT_THAT(preflight, HasSubstr("Access-Control-Allow-Headers: authorization"));
  const std::string foreign = http_exchange(port, request("GET /v1/models", "Origin: https://evil.org\r\n"));
  EXPECT_THAT(foreign, StartsWith("HTTP/1.1 403 "));
  EXPECT_THAT(foreign, Not(HasSubstr("Access-Control-Allow-Origin")));
}

TEST(ApiSocket, TellsAClientThatAsksToGoOn) {
  RunningServer running;
  const std::string answer = http_exchange(
      running.server.port(), request("POST /v1/realtime/client_secrets", "Expect: 100-continue\r\n", "{}"));
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 100 "));
  EXPECT_THAT(answer, HasSubstr("HTTP/1.1 200 "));
}

TEST(ApiSocket, RefusesABodyThatIsTooLong) {
  RunningServer running;
  const std::string head = "POST /v1/realtime/client_secrets HTTP/1.1\r\nHost: x\r\n";
  EXPECT_THAT(http_exchange(running.server.port(), head + "Content-Length: 99999999\r\n\r\n"),
              StartsWith("HTTP/1.1 413 "));
  const std::string chunk = "10000\r\n" + std::string(0x10000, 'x') + "\r\n";
  EXPECT_THAT(
      http_exchange(running.server.port(), head + "Transfer-Encoding: chunked\r\n\r\n" + chunk + chunk),
      StartsWith("HTTP/1.1 413 "));
}

}  // namespace
}  // namespace antiphon::server

// Who is let in, over real sockets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <sstream>
#include <string>

#include "tests/integration/server/running_server.h"
#include "tests/integration/server/socket_client.h"

namespace antiphon::server {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const std::string kKey = "ak_0123456789abcdefghijklmnopqrstuvwxyz";

Access access() {
  Access access;
  access.keys = {{"phone", hash_of(kKey), ""}};
  access.keys[0].sessions_max = 1;
  return access;
}

std::string get(std::uint16_t port, const std::string& target, const std::string& fields) {
  return http_exchange(port,
                       "GET " + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + fields + "\r\n");
}

unsigned status_of_opening(std::uint16_t port, const std::string& field, const std::string& value) {
  SocketClient client(port);
  if (!field.empty()) client.set_field(field, value);
  client.open();
  return client.response().result_int();
}

TEST(KeysOverSockets, OpenSessionsFromEveryPlaceThatClientsUse) {
  RunningServer running(test_config(), access());
  const std::uint16_t port = running.server.port();
  EXPECT_EQ(status_of_opening(port, "", ""), 401U);
  EXPECT_EQ(status_of_opening(port, "Authorization", "Bearer wrong"), 401U);
  EXPECT_EQ(status_of_opening(port, "Authorization", "Bearer " + kKey), 101U);
  EXPECT_TRUE(eventually([&] { return status_of_opening(port, "api-key", kKey) == 101U; }));
  EXPECT_TRUE(eventually([&] {
    SocketClient page(port);
    return page.open("/v1/realtime", "realtime, openai-insecure-api-key." + kKey) &&
           page.response()[http::field::sec_websocket_protocol] == "realtime";
  }));
}

TEST(KeysOverSockets, RefuseForeignPagesAndSessionsOverTheLimit) {
  RunningServer running(test_config(), access());
  const std::uint16_t port = running.server.port();
  SocketClient foreign(port);
  foreign.set_field("Origin", "https://evil.example.org");
  foreign.set_field("Authorization", "Bearer " + kKey);
  EXPECT_FALSE(foreign.open());
  EXPECT_EQ(foreign.response().result_int(), 403U);
  SocketClient first(port);
  first.set_field("Origin", "http://localhost:3000");
  first.set_field("Authorization", "Bearer " + kKey);
  ASSERT_TRUE(first.open());
  EXPECT_EQ(status_of_opening(port, "Authorization", "Bearer " + kKey), 429U);
  EXPECT_THAT(get(port, "/metrics", "Authorization: Bearer " + kKey + "\r\n"),
              HasSubstr("antiphon_requests_refused_total{reason=\"sessions\"} 1"));
  first.close();
  EXPECT_TRUE(eventually([&] { return status_of_opening(port, "Authorization", "Bearer " + kKey) == 101U; }));
}

TEST(KeysOverSockets, AreAskedForEverywhereButAtTheProbes) {
  RunningServer running(test_config(), access());
  const std::uint16_t port = running.server.port();
  EXPECT_THAT(get(port, "/livez", ""), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(get(port, "/readyz", ""), StartsWith("HTTP/1.1 200 "));
  const std::string refused = get(port, "/metrics", "");
  EXPECT_THAT(refused, StartsWith("HTTP/1.1 401 "));
  EXPECT_THAT(refused, HasSubstr(R"("code":"invalid_api_key")"));
  EXPECT_THAT(refused, HasSubstr("WWW-Authenticate: Bearer"));
}

TEST(KeysOverSockets, TellTheirClientsAfterEachResponseWhatIsLeft) {
  Access limited = access();
  limited.config.key_limits.requests_per_minute = 50;
  RunningServer running(test_config(), limited);
  SocketClient client(running.server.port());
  client.set_field("Authorization", "Bearer " + kKey);
  ASSERT_TRUE(client.open());
  client.receive();
  client.send(R"({"type":"input_audio_buffer.commit"})");  // the door answers with a response
  EXPECT_EQ(client.receive().at("type"), "response.done");
  const boost::json::value updated = client.receive();
  EXPECT_EQ(updated.at("type"), "rate_limits.updated");
  const boost::json::value& requests = updated.at("rate_limits").at(0);
  EXPECT_EQ(requests.at("name"), "requests");
  EXPECT_EQ(requests.at("limit"), 50);
  EXPECT_GE(requests.at("remaining").as_int64(), 48) << "one was taken to open the session";
  EXPECT_LT(requests.at("remaining").as_int64(), 50);
  EXPECT_GT(requests.at("reset_seconds").as_double(), 0);
}

TEST(KeysOverSockets, SlowDownAClientThatSendsMoreThanItsShare) {
  Access narrow = access();
  narrow.keys[0].bytes_per_minute = 1000;
  RunningServer running(test_config(), narrow);
  SocketClient client(running.server.port());
  client.set_field("Authorization", "Bearer " + kKey);
  ASSERT_TRUE(client.open());
  client.receive();
  client.send(R"({"type":"input_audio_buffer.clear","event_id":")" + std::string(2000, 'x') + "\"}");
  client.send(R"({"type":"input_audio_buffer.clear"})");
  EXPECT_TRUE(eventually([&] { return running.door.events_received > 0; }));
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  EXPECT_EQ(running.door.events_received, 1);
}

TEST(KeysOverSockets, NeverReachTheLog) {
  std::ostringstream text;
  const auto before = spdlog::default_logger();
  auto log = std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::ostream_sink_mt>(text));
  log->set_level(spdlog::level::trace);
  spdlog::set_default_logger(log);
  {
    RunningServer running(test_config(), access());
    const std::uint16_t port = running.server.port();
    for (const std::string& key : {kKey, kKey + "wrong"}) {
      SocketClient page(port);
      page.open("/v1/realtime?model=m&key=" + key, "realtime, openai-insecure-api-key." + key);
      status_of_opening(port, "Authorization", "Bearer " + key);
      status_of_opening(port, "api-key", key);
    }
  }
  spdlog::set_default_logger(before);
  EXPECT_THAT(text.str(), HasSubstr("key=\"phone\""));
  EXPECT_THAT(text.str(), Not(HasSubstr(kKey.substr(3, 10))));
}

}  // namespace
}  // namespace antiphon::server

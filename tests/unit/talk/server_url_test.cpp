#include "server/client/server_url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace antiphon::server {
namespace {

TEST(ServerUrl, TakesWhatPeopleWrite) {
  const auto read = [](const char* text) { return url_text(server_url(text)); };
  EXPECT_EQ(read("ws://127.0.0.1:8080/v1/realtime"), "ws://127.0.0.1:8080/v1/realtime");
  EXPECT_EQ(read("wss://talk.example.org"), "wss://talk.example.org:443/v1/realtime");
  EXPECT_EQ(read("https://talk.example.org/"), "wss://talk.example.org:443/v1/realtime");
  EXPECT_EQ(read("http://host"), "ws://host:80/v1/realtime");
  EXPECT_EQ(read("localhost:8081"), "ws://localhost:8081/v1/realtime");
  EXPECT_EQ(read("ws://[::1]:9000/realtime"), "ws://[::1]:9000/realtime");
  EXPECT_EQ(read("ws://[::1]"), "ws://[::1]:80/v1/realtime");
  EXPECT_EQ(read("wss://host/v1/realtime?model=x"), "wss://host:443/v1/realtime?model=x");
  EXPECT_EQ(read("ws://host:1?model=x"), "ws://host:1/v1/realtime?model=x");
}

TEST(ServerUrl, NamesWhatIsWrong) {
  const auto fault = [](const char* text) -> std::string {
    try {
      server_url(text);
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(fault("ftp://host"), "--url: 'ftp://host' does not begin with ws:// or wss://");
  EXPECT_EQ(fault("ws://host:port"), "--url: 'ws://host:port' has no valid port");
  EXPECT_EQ(fault("ws://host:70000"), "--url: 'ws://host:70000' has no valid port");
  EXPECT_EQ(fault("ws://host:0"), "--url: 'ws://host:0' has no valid port");
  EXPECT_EQ(fault("ws:///v1"), "--url: 'ws:///v1' names no host");
  EXPECT_EQ(fault(""), "--url: '' names no host");
}

}  // namespace
}  // namespace antiphon::server

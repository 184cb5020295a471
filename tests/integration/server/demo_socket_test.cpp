// The demo page, over real sockets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "server/demo/demo_files.h"
#include "tests/integration/server/running_server.h"
#include "tests/integration/server/socket_client.h"

namespace antiphon::server {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string get(std::uint16_t port, const std::string& target, const std::string& fields = "") {
  return http_exchange(port,
                       "GET " + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + fields + "\r\n");
}

Access with_a_key() {
  Access access;
  access.keys = {{"phone", hash_of("ak_0123456789"), ""}};
  return access;
}

TEST(DemoPage, IsServedWholeWithItsTypes) {
  RunningServer running;
  std::size_t total = 0;
  for (const DemoFile& file : demo_files()) {
    const std::string answer = get(running.server.port(), std::string(file.path));
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 "));
    EXPECT_THAT(answer, HasSubstr("Content-Type: " + std::string(file.type) + "\r\n"));
    EXPECT_THAT(answer, HasSubstr("X-Content-Type-Options: nosniff\r\n"));
    EXPECT_TRUE(answer.ends_with(file.bytes)) << file.path;
    total += file.bytes.size();
  }
  EXPECT_GT(total, 10'000U);
  EXPECT_LE(total, 150U * 1024);
}

TEST(DemoPage, RunsNothingThatIsNotItsOwn) {
  RunningServer running;
  const std::string answer = get(running.server.port(), "/");
  EXPECT_THAT(answer, HasSubstr("Content-Security-Policy: default-src 'none'; script-src 'self';"));
  EXPECT_THAT(answer, Not(HasSubstr("unsafe-inline")));
  EXPECT_THAT(answer, HasSubstr("<!doctype html>"));
}

TEST(DemoPage, IsNotSentAgainToThoseWhoHaveIt) {
  RunningServer running;
  const std::string tag(demo_files().front().tag);
  const std::string path(demo_files().front().path);
  const std::string same = get(running.server.port(), path, "If-None-Match: W/\"x\", " + tag + "\r\n");
  EXPECT_THAT(same, StartsWith("HTTP/1.1 304 "));
  EXPECT_THAT(same, EndsWith("\r\n\r\n"));
  EXPECT_THAT(same, HasSubstr("ETag: " + tag));
  EXPECT_THAT(get(running.server.port(), path, "If-None-Match: \"other\"\r\n"), StartsWith("HTTP/1.1 200 "));
}

TEST(DemoPage, LeadsNowhereElse) {
  RunningServer running;
  for (const char* path : {"/../etc/passwd", "/%2e%2e/README.md", "/js/../index.html", "//", "/index.html/",
                           "/README.md", "/js"}) {
    EXPECT_THAT(get(running.server.port(), path), StartsWith("HTTP/1.1 404 ")) << path;
  }
  const std::string posted = http_exchange(
      running.server.port(), "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  EXPECT_THAT(posted, StartsWith("HTTP/1.1 405 "));
}

TEST(DemoPage, AsksForNoKeyAndSaysWhetherTheServerDoes) {
  RunningServer open_to_all;
  EXPECT_THAT(get(open_to_all.server.port(), "/server.json"),
              HasSubstr(R"("asks_for_key":false,"remembers":false)"));
  RunningServer locked(test_config(), with_a_key());
  EXPECT_THAT(get(locked.server.port(), "/"), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(get(locked.server.port(), "/server.json"), HasSubstr(R"("asks_for_key":true)"));
  EXPECT_THAT(get(locked.server.port(), "/v1/models"), StartsWith("HTTP/1.1 401 "));
}

}  // namespace
}  // namespace antiphon::server

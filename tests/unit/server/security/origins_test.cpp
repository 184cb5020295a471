#include "server/security/origins.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace antiphon::server {
namespace {

TEST(OriginList, LocalIsThisMachineOnAnyPort) {
  const OriginList list("local");
  for (const char* origin : {"http://localhost", "http://localhost:3000", "https://LOCALHOST:1",
                             "http://127.0.0.1:8080", "http://[::1]:8080"}) {
    EXPECT_TRUE(list.allows(origin)) << origin;
  }
  for (const char* origin : {"http://localhost.evil.org", "http://evil.org", "http://evil.org:8080", "null",
                             "", "http://127.0.0.1.evil.org", "localhost", "http://x@localhost.evil.org"}) {
    EXPECT_FALSE(list.allows(origin)) << origin;
  }
}

TEST(OriginList, NamesOrigins) {
  const OriginList list("https://Talk.example.org, null");
  EXPECT_TRUE(list.allows("https://talk.example.org"));
  EXPECT_TRUE(list.allows("null"));
  EXPECT_FALSE(list.allows("http://talk.example.org"));
  EXPECT_FALSE(list.allows("https://talk.example.org:444"));
  EXPECT_FALSE(list.allows("http://localhost"));
  EXPECT_TRUE(OriginList("*").allows("http://any.org"));
  EXPECT_FALSE(OriginList("").allows("http://any.org"));
}

TEST(OriginList, KnowsAHostsOwnPage) {
  EXPECT_TRUE(is_page_of("https://Talk.example.org", "talk.example.org"));
  EXPECT_TRUE(is_page_of("http://10.0.0.7:8080", "10.0.0.7:8080"));
  EXPECT_FALSE(is_page_of("http://10.0.0.7:8081", "10.0.0.7:8080"));
  EXPECT_FALSE(is_page_of("https://evil.org", "talk.example.org"));
  EXPECT_FALSE(is_page_of("https://", ""));
}

TEST(OriginList, RefusesWhatIsNoOrigin) {
  EXPECT_THROW(OriginList("example.org"), std::runtime_error);
  EXPECT_THROW(OriginList("https://example.org/page"), std::runtime_error);
}

}  // namespace
}  // namespace antiphon::server

#include "server/security/gatekeeper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <prometheus/text_serializer.h>

#include <stdexcept>
#include <string>

#include "server/security/credentials.h"

namespace antiphon::server {
namespace {

using testing::HasSubstr;
using Purpose = Gatekeeper::Purpose;
using namespace std::chrono_literals;
const Gatekeeper::Now kNow{Gatekeeper::Time{1000s}, 5000};

http::fields bearer(const std::string& key) {
  http::fields head;
  head.set(http::field::authorization, "Bearer " + key);
  return head;
}

Access access() {
  Access access;
  access.keys = {{"phone", hash_of("key-1"), ""}, {"kiosk", hash_of("key-2"), ""}};
  access.keys[1].sessions_max = 1;
  access.keys[1].requests_per_minute = 3;
  return access;
}

class GatekeeperTest : public ::testing::Test {
 protected:
  std::string admitted(const http::fields& head, Purpose purpose = Purpose::kOther) {
    const auto result = gate_.admit(head, purpose, kNow);
    if (const auto* fault = std::get_if<HttpFault>(&result)) {
      return std::to_string(static_cast<int>(fault->status)) + " " + fault->code;
    }
    return std::get<Caller>(result).name();
  }
  std::string metrics() { return prometheus::TextSerializer().Serialize(registry_.Collect()); }

  prometheus::Registry registry_;
  Gatekeeper gate_{access(), registry_};
};

TEST(ShownKey, ComesFromThePlaceThatIsAskedFirst) {
  http::fields head;
  EXPECT_EQ(shown_key(head), "");
  head.set("api-key", "azure");
  EXPECT_EQ(shown_key(head), "azure");
  head.insert(http::field::sec_websocket_protocol, "realtime, openai-insecure-api-key.page");
  EXPECT_EQ(shown_key(head), "page");
  head.set(http::field::authorization, "Basic eDp5");
  EXPECT_EQ(shown_key(head), "page");
  head.set(http::field::authorization, "bearer  head");
  EXPECT_EQ(shown_key(head), "head");
}

TEST_F(GatekeeperTest, TakesOverOtherKeysAndKeepsTheCountsOfThoseThatStay) {
  auto phone = gate_.admit(bearer("key-1"), Purpose::kSession, kNow);
  auto place = gate_.take_place(std::get<Caller>(gate_.admit(bearer("key-2"), Purpose::kSession, kNow)));
  ASSERT_TRUE(std::holds_alternative<KeyPlace>(place));
  Access next = access();
  next.keys[0] = {"tablet", hash_of("key-3"), ""};
  gate_.take_over(next);
  EXPECT_EQ(admitted(bearer("key-1")), "401 invalid_api_key");
  EXPECT_EQ(admitted(bearer("key-3")), "tablet");
  EXPECT_EQ(std::get<Caller>(phone).name(), "phone") << "who is there stays";
  const Caller kiosk = std::get<Caller>(gate_.admit(bearer("key-2"), Purpose::kSession, kNow));
  EXPECT_TRUE(std::holds_alternative<HttpFault>(gate_.take_place(kiosk))) << "its one session is still open";
}

TEST_F(GatekeeperTest, TakesOverLimitsAndOrigins) {
  Access next = access();
  next.keys[1].requests_per_minute = 1;
  next.config.allowed_origins = "https://talk.example.org";
  gate_.take_over(next);
  EXPECT_EQ(admitted(bearer("key-2")), "kiosk");
  EXPECT_EQ(admitted(bearer("key-2")), "429 rate_limit_exceeded");
  http::fields page = bearer("key-1");
  page.set(http::field::origin, "http://localhost:8000");
  EXPECT_EQ(admitted(page), "403 origin_not_allowed");
  next.config.allowed_origins = "no origin";
  EXPECT_THROW(gate_.take_over(next), std::runtime_error);
  EXPECT_EQ(admitted(bearer("key-1")), "phone") << "and all is as before";
}

TEST_F(GatekeeperTest, KnowsItsKeys) {
  EXPECT_EQ(admitted(bearer("key-1")), "phone");
  EXPECT_EQ(admitted(bearer("key-2")), "kiosk");
  EXPECT_EQ(admitted(bearer("key-3")), "401 invalid_api_key");
  EXPECT_EQ(admitted({}), "401 invalid_api_key");
  EXPECT_THAT(metrics(), HasSubstr("antiphon_requests_refused_total{reason=\"no_key\"} 1"));
  EXPECT_THAT(metrics(), HasSubstr("antiphon_requests_refused_total{reason=\"wrong_key\"} 1"));
}

TEST_F(GatekeeperTest, TakesItsOwnSecretsForSessionsOnly) {
  const std::string secret = gate_.sign({"phone", 5010, "{}"});
  EXPECT_EQ(admitted(bearer(secret), Purpose::kSession), "phone");
  EXPECT_EQ(admitted(bearer(secret), Purpose::kOther), "401 invalid_api_key");
  EXPECT_EQ(admitted(bearer(gate_.sign({"phone", 5000, "{}"})), Purpose::kSession), "401 invalid_api_key");
  EXPECT_EQ(admitted(bearer(gate_.sign({"gone", 5010, "{}"})), Purpose::kSession), "401 invalid_api_key");
  prometheus::Registry other_registry;
  const Gatekeeper other(access(), other_registry);
  EXPECT_EQ(admitted(bearer(other.sign({"phone", 5010, "{}"})), Purpose::kSession), "401 invalid_api_key");
  EXPECT_THAT(metrics(), HasSubstr("antiphon_requests_refused_total{reason=\"expired_secret\"} 1"));
}

TEST_F(GatekeeperTest, CountsRequestsAndSessionsOfEachKey) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(admitted(bearer("key-2")), "kiosk");
  EXPECT_EQ(admitted(bearer("key-2")), "429 rate_limit_exceeded");
  EXPECT_EQ(admitted(bearer("key-1")), "phone");
  const Caller kiosk = std::get<Caller>(
      gate_.admit(bearer("key-2"), Purpose::kSession, {kNow.steady + 60s, kNow.unix_seconds}));
  {
    const auto place = gate_.take_place(kiosk);
    EXPECT_TRUE(std::holds_alternative<KeyPlace>(place));
    EXPECT_EQ(std::get<HttpFault>(gate_.take_place(kiosk)).status, 429);
  }
  EXPECT_TRUE(std::holds_alternative<KeyPlace>(gate_.take_place(kiosk)));
  EXPECT_FALSE(gate_.take_bytes(kiosk, 100'000'000, kNow.steady));
  EXPECT_EQ(gate_.take_bytes(kiosk, 1, kNow.steady)->code, "rate_limit_exceeded");
}

TEST_F(GatekeeperTest, RefusesForeignPagesWhateverTheyShow) {
  http::fields head = bearer("key-1");
  head.set(http::field::origin, "https://evil.org");
  EXPECT_EQ(admitted(head), "403 origin_not_allowed");
  head.set(http::field::origin, "http://localhost:3000");
  EXPECT_EQ(admitted(head), "phone");
}

TEST(GatekeeperWithoutKeys, TakesAnyKeyButNoExpiredSecret) {
  prometheus::Registry registry;
  Gatekeeper gate({}, registry);
  EXPECT_TRUE(std::holds_alternative<Caller>(gate.admit({}, Purpose::kOther, kNow)));
  EXPECT_TRUE(std::holds_alternative<Caller>(gate.admit(bearer("any"), Purpose::kOther, kNow)));
  EXPECT_TRUE(std::holds_alternative<Caller>(gate.admit(bearer("ek_any"), Purpose::kSession, kNow)));
  const auto own = gate.admit(bearer(gate.sign({"", 5001, "{\"a\":1}"})), Purpose::kSession, kNow);
  EXPECT_EQ(std::get<Caller>(own).secret->session_json, "{\"a\":1}");
  EXPECT_TRUE(std::holds_alternative<HttpFault>(
      gate.admit(bearer(gate.sign({"", 4999, "{}"})), Purpose::kSession, kNow)));
}

TEST(OpenDoor, NeedsKeysBeyondLoopback) {
  EXPECT_NO_THROW(refuse_open_door("127.0.0.1", {}));
  EXPECT_NO_THROW(refuse_open_door("::1", {}));
  EXPECT_NO_THROW(refuse_open_door("0.0.0.0", access()));
  EXPECT_THROW(refuse_open_door("0.0.0.0", {}), std::runtime_error);
}

TEST_F(GatekeeperTest, LetsTheServersOwnPageInOnlyIfThereAreKeys) {
  http::fields head;
  head.set(http::field::origin, "https://talk.example.org");
  head.set(http::field::host, "talk.example.org");
  EXPECT_TRUE(gate_.origin_allowed(head));
  prometheus::Registry other_registry;
  Gatekeeper open_gate(Access{}, other_registry);
  EXPECT_FALSE(open_gate.origin_allowed(head));  // its name may have been made to lead here
  head.set(http::field::host, "other.example.org");
  EXPECT_FALSE(gate_.origin_allowed(head));
}

}  // namespace
}  // namespace antiphon::server

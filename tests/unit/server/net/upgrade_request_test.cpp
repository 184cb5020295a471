#include "server/net/upgrade_request.h"

#include <gtest/gtest.h>

namespace antiphon::server {
namespace {

TEST(UpgradeRequest, ReadsTheAddress) {
  EXPECT_EQ(path_of("/v1/realtime?model=x"), "/v1/realtime");
  EXPECT_TRUE(is_realtime_path("/realtime"));
  EXPECT_FALSE(is_realtime_path("/v1/realtime/"));
  EXPECT_EQ(session_request("/realtime").model, "");
  EXPECT_EQ(session_request("/realtime?a&model=gpt%2D1+x&model=y&api-version=3").model, "gpt-1 x");
  EXPECT_EQ(session_request("/realtime?model=%zz%").model, "%zz%");
  EXPECT_EQ(session_request("/realtime?intent=transcription").type, pipeline::SessionType::kTranscription);
}

TEST(UpgradeRequest, GivesTracesOnlyToThoseWhoAsk) {
  EXPECT_FALSE(session_request("/realtime?model=x").turn_traces);
  EXPECT_FALSE(session_request("/realtime?turn_trace=false").turn_traces);
  EXPECT_TRUE(session_request("/realtime?model=x&turn_trace=true").turn_traces);
}

std::string user_of(std::string_view target, const Caller& caller) {
  const auto user = session_user(target, caller);
  if (const auto* fault = std::get_if<HttpFault>(&user)) return std::to_string(fault->status) + fault->param;
  const auto& path = std::get<std::optional<context_store::UserPath>>(user);
  return path ? path->path().text() : "nobody";
}

TEST(UpgradeRequest, NamesTheUserUnderTheCallersTenant) {
  KeyUse phone({"phone", {}, ""}, {});
  EXPECT_EQ(user_of("/v1/realtime", {&phone}), "nobody");
  EXPECT_EQ(user_of("/v1/realtime?antiphon_user=igor%20b", {&phone}), "/key:phone/igor b");
  EXPECT_EQ(user_of("/v1/realtime?antiphon_user=igor", {}), "/open/igor");
  EXPECT_EQ(user_of("/v1/realtime?antiphon_user=", {}), "400antiphon_user");
  EXPECT_EQ(user_of("/v1/realtime?antiphon_user=" + std::string(201, 'x'), {}), "400antiphon_user");
}

TEST(UpgradeRequest, AClientSecretDecidesWhoseSessionItIs) {
  Caller of_igor;
  of_igor.secret = ClientSecret{"", 1, "{}", "igor"};
  EXPECT_EQ(user_of("/v1/realtime", of_igor), "/open/igor");
  EXPECT_EQ(user_of("/v1/realtime?antiphon_user=igor", of_igor), "/open/igor");
  EXPECT_EQ(user_of("/v1/realtime?antiphon_user=anna", of_igor), "403antiphon_user");
  Caller of_nobody;
  of_nobody.secret = ClientSecret{"", 1, "{}"};
  EXPECT_EQ(user_of("/v1/realtime", of_nobody), "nobody");
  EXPECT_EQ(user_of("/v1/realtime?antiphon_user=anna", of_nobody), "403antiphon_user");
}

TEST(UpgradeRequest, SeesTheSubprotocol) {
  http::request<http::string_body> request;
  EXPECT_EQ(chosen_subprotocol(request), "");
  request.insert(http::field::sec_websocket_protocol, "a, b");
  EXPECT_EQ(chosen_subprotocol(request), "");
  request.insert(http::field::sec_websocket_protocol, "openai-insecure-api-key.x,realtime");
  EXPECT_EQ(chosen_subprotocol(request), "realtime");
  request.insert(http::field::sec_websocket_protocol, "antiphon.opus.v1");
  EXPECT_EQ(chosen_subprotocol(request), "antiphon.opus.v1");
}

TEST(UpgradeRequest, SeesWhoSpeaksTheBeta) {
  http::request<http::string_body> request;
  request.insert(http::field::sec_websocket_protocol, "realtime");
  EXPECT_FALSE(asks_for_beta(request));
  request.set("OpenAI-Beta", "assistants=v2, realtime=v1");
  EXPECT_TRUE(asks_for_beta(request));
  http::request<http::string_body> page;
  page.insert(http::field::sec_websocket_protocol,
              "realtime, openai-insecure-api-key.x, openai-beta.realtime-v1");
  EXPECT_TRUE(asks_for_beta(page));
}

}  // namespace
}  // namespace antiphon::server

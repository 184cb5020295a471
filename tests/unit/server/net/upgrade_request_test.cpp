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

}  // namespace
}  // namespace antiphon::server

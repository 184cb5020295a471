#include "server/api/memory_request.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include <string>

namespace antiphon::server {
namespace {

using context_store::NodeId;
using context_store::NodeKind;
using What = MemoryTarget::What;

std::string param_of(const std::string& body) {
  const auto request = recall_request(body);
  const auto* fault = std::get_if<HttpFault>(&request);
  return fault != nullptr ? fault->param : "none";
}

TEST(MemoryRequest, ReadsThePath) {
  EXPECT_EQ(memory_target("/v1/memory/igor")->what, What::kUser);
  EXPECT_EQ(memory_target("/v1/memory/a%2Fb+c")->user, "a/b+c");
  EXPECT_EQ(memory_target("/v1/memory/igor/recall")->what, What::kRecall);
  EXPECT_EQ(memory_target("/v1/memory/igor/turns/12")->what, What::kTurn);
  EXPECT_EQ(memory_target("/v1/memory/igor/facts/3")->ordinal, 3U);
  for (const char* path : {"/v1/memory", "/v1/memory/igor/", "/v1/memory/igor/turns",
                           "/v1/memory/igor/turns/", "/v1/memory/igor/turns/x", "/v1/memory/igor/turns/0",
                           "/v1/memory/igor/turns/1/2", "/v1/memory/igor/turns/99999999999"}) {
    EXPECT_FALSE(memory_target(path)) << path;
  }
}

TEST(MemoryRequest, ReadsWhichPartOfTheGraph) {
  const auto request = std::get<GraphRequest>(graph_request("/v1/memory/igor?turns=7&around=entity:3"));
  EXPECT_EQ(request.limits.turns_max, 7U);
  EXPECT_EQ(request.around, (NodeId{NodeKind::kEntity, 3}));
  EXPECT_EQ(std::get<GraphRequest>(graph_request("/v1/memory/igor")).around, context_store::kUserNode);
  EXPECT_EQ(std::get<HttpFault>(graph_request("/x?turns=0")).param, "turns");
  EXPECT_EQ(std::get<HttpFault>(graph_request("/x?turns=ten")).param, "turns");
  EXPECT_EQ(std::get<HttpFault>(graph_request("/x?around=dog:1")).param, "around");
  EXPECT_EQ(std::get<HttpFault>(graph_request("/x?around=entity")).param, "around");
}

TEST(MemoryRequest, ReadsWhatToRecall) {
  const auto request =
      std::get<RecallRequest>(recall_request(R"({"text":"my dog","turns":3,"facts":0,"as_of_ms":1000})"));
  EXPECT_EQ(request.text, "my dog");
  EXPECT_EQ(request.turns_max, 3);
  EXPECT_EQ(request.facts_max, 0);
  EXPECT_EQ(request.as_of, context_store::Timestamp(std::chrono::seconds(1)));
  EXPECT_EQ(param_of("[]"), "");
  EXPECT_EQ(param_of("{}"), "text");
  EXPECT_EQ(param_of(R"({"text":3})"), "text");
  EXPECT_EQ(param_of(R"({"text":"a","turns":-1})"), "turns");
  EXPECT_EQ(param_of(R"({"text":"a","as_of_ms":"yesterday"})"), "as_of_ms");
}

TEST(MemoryRequest, WritesNodesAndEdgesByTheSameIds) {
  using std::chrono::milliseconds;
  context_store::Neighbourhood part;
  context_store::Turn turn;
  turn.ordinal = 4;
  turn.session = 2;
  turn.speaker = context_store::kUserNode;
  turn.at = context_store::Timestamp(milliseconds(1'700'000'000'123));
  turn.text = "My dog is called \"Rex\".";
  part.turns = {turn};
  context_store::Edge edge;
  edge.type = context_store::EdgeType::kInSession;
  edge.from = {NodeKind::kTurn, 4};
  edge.to = {NodeKind::kSession, 2};
  edge.source_turn = 4;
  part.edges = {edge};
  const auto answer = boost::json::parse(graph_answer("igor", part, {}));
  const auto& nodes = answer.at("nodes").as_array();
  EXPECT_EQ(nodes[0].at("label"), "igor");
  EXPECT_EQ(nodes[1].at("id"), "turn:4");
  EXPECT_EQ(nodes[1].at("at"), "2023-11-14T22:13:20.123Z");
  EXPECT_EQ(nodes[1].at("label").as_string(), turn.text);
  EXPECT_EQ(nodes[1].at("speaker"), nodes[0].at("id"));
  const auto& first = answer.at("edges").as_array()[0];
  EXPECT_EQ(first.at("type"), "in_session");
  EXPECT_EQ(first.at("to"), "session:2");
  EXPECT_EQ(first.at("source_turn"), "turn:4");
  EXPECT_TRUE(first.at("valid_to").is_null());
}

}  // namespace
}  // namespace antiphon::server
